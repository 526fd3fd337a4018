"""A frontend as in the examples of Autobahn|asyncio: it calls what the backend registered, hears what it publishes, and leaves."""

import asyncio
import json
import os
import signal

from autobahn import wamp
from autobahn.asyncio.wamp import ApplicationRunner, ApplicationSession
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.types import CallOptions, SubscribeOptions


def tell(fact, value):
    print(json.dumps({"fact": fact, "value": value}), flush=True)


@wamp.error("com.myapp.error1")
class AppError1(Exception):
    pass


class Component(ApplicationSession):
    async def onJoin(self, details):
        tell("realm", details.realm)
        await self.call("com.arguments.ping")
        tell("add2", (await self.call("com.arguments.add2", 2, 3)))
        tell("stars", (await self.call("com.arguments.stars", nick="Homer", stars=5)))
        tell("arglen", (await self.call("com.arguments.arglen", 1, 2, 3, a=1)))
        tell("square2", (await self.call("com.mathservice.square2", 2, 3)))

        self.define(AppError1)
        errors = []
        for name in ["foo", "a", "fred", "abc"]:
            try:
                errors.append((await self.call("com.myapp.checkname", name)))
            except AppError1 as e:
                errors.append(["AppError1", list(e.args)])
            except ApplicationError as e:
                errors.append([e.error, list(e.args), {key: e.kwargs[key] for key in e.kwargs if key != "traceback"}])
        tell("errors", errors)

        order = []
        calls = [self.call("com.math.slowsquare", x, delay) for x, delay in [(3, 0.1), (4, 0.01)]]
        for call in calls:
            call.add_done_callback(lambda done: order.append(done.result()))
        for call in calls:
            await call
        tell("slow", order)

        progress = []
        total = await self.call("com.myapp.longop", 3, options=CallOptions(on_progress=progress.append))
        tell("progress", [progress, total])

        heard = []
        await self.subscribe(heard.append, "com.myapp.square_on_nonpositive")
        tell("square", (await self.call("com.myapp.square", -2)))

        self.events, self.heartbeats, self.done = [], [], asyncio.get_event_loop().create_future()
        subscription = await self.subscribe(self.on_event, "com.myapp.topic1")
        await self.subscribe(self)
        await self.done
        await subscription.unsubscribe()
        tell("events", [b - a for a, b in zip(self.events, self.events[1:4])])
        tell("heartbeats", self.heartbeats[:1])
        tell("excluded", heard)
        self.leave()

    def on_event(self, i):
        self.events.append(i)
        if len(self.events) == 4:
            self.done.set_result(None)

    @wamp.subscribe("com.myapp.heartbeat", options=SubscribeOptions(details_arg="details"))
    def on_heartbeat(self, i, name=None, details=None):
        self.heartbeats.append([type(i).__name__, name, type(details.publication).__name__])

    def onDisconnect(self):
        asyncio.get_event_loop().stop()


if __name__ == "__main__":
    signal.alarm(10)
    runner = ApplicationRunner(os.environ["AUTOBAHN_DEMO_ROUTER"], "realm1")
    runner.run(Component)
