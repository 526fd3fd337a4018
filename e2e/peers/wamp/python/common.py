"""What the scripts share: one of Autobahn's two frameworks, sessions, and facts, one JSON line each, for the test that reads them.

Arguments of every script: `twisted` or `asyncio`, the router's WebSocket URL, and what the script says.
"""

import base64
import importlib
import json
import signal
import sys

import txaio

FRAMEWORK, URL = sys.argv[1], sys.argv[2]
# Ends the process by its default: no test waits longer for a script.
signal.alarm(25)
getattr(txaio, f"use_{FRAMEWORK}")()
Component = importlib.import_module(f"autobahn.{FRAMEWORK}.component").Component

if FRAMEWORK == "asyncio":
    from asyncio import CancelledError as Cancelled  # noqa: F401
else:
    from twisted.internet.defer import CancelledError as Cancelled  # noqa: F401

from autobahn.wamp.exception import ApplicationError  # noqa: E402

if FRAMEWORK == "asyncio":
    from autobahn.asyncio.rawsocket import WampRawSocketClientProtocol

    # Autobahn 22.7 asks each transport for it when a session joined, and this one has it under another name.
    WampRawSocketClientProtocol.transport_details = property(lambda self: self._transport_details)

reactor = None


def tell(fact, value=True):
    text = json.dumps({"fact": fact, "value": value}, default=lambda b: {"base64": base64.b64encode(b).decode()})
    print(text, flush=True)


def run(main):
    """Runs a coroutine function to its end; an error is the exit code 1 and a traceback."""
    global reactor
    if FRAMEWORK == "asyncio":
        import asyncio

        reactor = asyncio.new_event_loop()
        asyncio.set_event_loop(reactor)
        txaio.config.loop = reactor
        reactor.run_until_complete(main())
        return
    from twisted.internet import defer, task

    def started(twisted):
        global reactor
        reactor = txaio.config.loop = twisted
        return defer.ensureDeferred(main())

    task.react(started)


def open_session(realm, serializer="cbor", authentication=None, rawsocket=None, **retries):
    """A session that joined, with what WELCOME said as `welcome`. Rejects with an ApplicationError when the router does not let it in."""
    transport = {"type": "websocket", "url": URL, "serializers": [serializer]}
    if rawsocket:
        transport = {"type": "rawsocket", "url": rawsocket, "serializer": serializer}
    component = Component(transports=[{**transport, "max_retries": 0, **retries}], realm=realm, authentication=authentication or {})
    opened = txaio.create_future()

    @component.on_join
    def joined(session, details):
        session.welcome = details
        if not txaio.is_called(opened):
            txaio.resolve(opened, session)

    @component.on_leave
    def left(session, details):
        if not txaio.is_called(opened):
            txaio.reject(opened, ApplicationError(details.reason, details.message))

    def ended(failure):
        # A component that gave up says so itself; who waits for the session hears the router's reason first.
        if not txaio.is_called(opened):
            txaio.reject(opened, failure)

    txaio.add_callbacks(component.start(reactor), None, ended)
    return opened


async def error_of(call):
    """The ApplicationError that a call ends with."""
    try:
        await call
    except ApplicationError as error:
        return error
    raise AssertionError("no error came")


class Heard(list):
    """What a handler was called with, and a way to wait for more of it."""

    def __init__(self):
        self.waiting = None

    def add(self, value):
        self.append(value)
        if self.waiting and not txaio.is_called(self.waiting):
            txaio.resolve(self.waiting, None)

    async def first(self, count):
        while len(self) < count:
            self.waiting = txaio.create_future()
            await self.waiting
        return self[:count]
