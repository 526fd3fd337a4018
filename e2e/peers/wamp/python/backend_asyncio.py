"""A backend as in the examples of Autobahn|asyncio: arguments, errors, slow results, progress, options, decorators, a publisher.

Runs until it is killed; says `ready` when it serves. The router is that of AUTOBAHN_DEMO_ROUTER, as in the examples.
"""

import os
import signal
from asyncio import sleep

from autobahn import wamp
from autobahn.asyncio.wamp import ApplicationRunner, ApplicationSession
from autobahn.wamp.exception import ApplicationError
from autobahn.wamp.types import PublishOptions, RegisterOptions


@wamp.error("com.myapp.error1")
class AppError1(Exception):
    pass


class Component(ApplicationSession):
    async def onJoin(self, details):
        def ping():
            return

        def add2(a, b):
            return a + b

        def stars(nick="somebody", stars=0):
            return "{} starred {}x".format(nick, stars)

        def arglen(*args, **kwargs):
            return [len(args), len(kwargs)]

        def checkname(name):
            if name in ["foo", "bar"]:
                raise ApplicationError("com.myapp.error.reserved", "name reserved", name)
            if name.lower() == "fred":
                raise AppError1("Freds are not allowed")
            if len(name) < 3:
                raise ApplicationError("com.myapp.error.invalid_length", min=3, max=10, got=len(name))
            return 1 / (len(name) - 3)

        async def slowsquare(x, delay=1):
            await sleep(delay)
            return x * x

        async def longop(n, details=None):
            for i in range(n):
                if details.progress:
                    details.progress(i)
                await sleep(0.01)
            return n

        def square(val, details=None):
            self.publish("com.myapp.square_on_nonpositive", val, options=PublishOptions(exclude=[details.caller]))
            return val * val

        self.define(AppError1)
        await self.register(ping, "com.arguments.ping")
        await self.register(add2, "com.arguments.add2")
        await self.register(stars, "com.arguments.stars")
        await self.register(arglen, "com.arguments.arglen")
        await self.register(checkname, "com.myapp.checkname")
        await self.register(slowsquare, "com.math.slowsquare")
        await self.register(longop, "com.myapp.longop", options=RegisterOptions(details_arg="details"))
        await self.register(square, "com.myapp.square", options=RegisterOptions(details_arg="details"))
        for result in (await self.register(self)):
            assert isinstance(result, wamp.request.Registration), result
        print("ready", flush=True)

        counter = 0
        while True:
            self.publish("com.myapp.topic1", counter)
            self.publish("com.myapp.heartbeat", counter, name="backend")
            counter += 1
            await sleep(0.05)

    @wamp.register("com.mathservice.square2")
    def square2(self, x, y):
        return x * x + 2 * x * y + y * y


if __name__ == "__main__":
    signal.alarm(60)
    runner = ApplicationRunner(os.environ["AUTOBAHN_DEMO_ROUTER"], "realm1")
    runner.run(Component)
