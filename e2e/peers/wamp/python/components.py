"""Two components of one program, as the documentation writes them: URLs as transports, decorators, and `run`. Third argument: the realm."""

import importlib
import sys

from common import FRAMEWORK, URL, Component, Heard, tell
from autobahn.wamp.types import PublishOptions, RegisterOptions, SubscribeOptions

run = importlib.import_module(f"autobahn.{FRAMEWORK}.component").run
backend, frontend = Component(transports=URL, realm=sys.argv[3]), Component(transports=[URL], realm=sys.argv[3])
ready, greeted = Heard(), Heard()


@backend.register("com.components.greet", options=RegisterOptions(details=True))
def greet(name, details):
    return "Hello, {}!".format(name)


@backend.subscribe("com.components.", options=SubscribeOptions(match="prefix", details=True))
def event(word, details):
    greeted.add([word, details.topic])


@backend.on_ready
def serves(session):
    ready.add(session)


@frontend.on_join
async def joined(session, details):
    [served] = await ready.first(1)
    tell("greeted", await session.call("com.components.greet", "world"))
    await session.publish("com.components.word", "hi", options=PublishOptions(acknowledge=True))
    tell("heard", (await greeted.first(1))[0])
    await served.leave()
    await session.leave()


run([backend, frontend])
