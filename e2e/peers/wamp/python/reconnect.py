"""A component that registers and subscribes whenever it joins; it ends once it was called in its second session. Third argument: the realm."""

import sys

from common import URL, Component, run, tell
import common

component = Component(transports=[{"url": URL, "initial_retry_delay": 0.05, "max_retry_delay": 0.2}], realm=sys.argv[3])
sessions = []


@component.register("com.reconnect.number")
def number():
    return len(sessions)


@component.on_ready
async def ready(session):
    sessions.append(session._session_id)
    tell(f"joined {len(sessions)}", await session.call("com.reconnect.number"))
    if len(sessions) == 2:
        tell("another session", sessions[0] != sessions[1])
        await session.leave()


async def main():
    done = component.start(common.reactor)
    await done
    tell("end")


run(main)
