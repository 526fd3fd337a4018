"""Signs in by the cookie of the dashboard, makes a camera, and hears of it. Third argument: the cookie.

With ApplicationRunner and the callbacks of ApplicationSession, as in the examples from before components.
"""

import importlib
import sys

import txaio
from common import FRAMEWORK, URL, Heard, tell
from autobahn.wamp.types import SubscribeOptions

wamp = importlib.import_module(f"autobahn.{FRAMEWORK}.wamp")


class Owner(wamp.ApplicationSession):
    def onConnect(self):
        self.join("porthole", ["cookie"])

    def onJoin(self, details):
        tell("joined", [details.authid, details.authrole, details.authmethod])
        done = txaio.as_future(self.main)
        txaio.add_callbacks(done, None, self.failed)
        return done

    def failed(self, failure):
        tell("failed", str(failure.value))
        self.leave()

    async def main(self):
        heard = Heard()

        def event(*args, details, **kwargs):
            heard.add([details.topic.split(".")[-1], args, kwargs])

        await self.subscribe(event, "porthole.camera.", SubscribeOptions(match="prefix", details_arg="details"))
        camera = await self.call("porthole.camera.create", name="Azalea", source={"kind": "browser"})
        tell("created", camera["name"])
        # Whatever else is said of cameras, this one's creation is.
        while not any(word == "created" for word, _, _ in heard):
            await heard.first(len(heard) + 1)
        tell("heard")
        listed = await self.call("porthole.camera.list")
        tell("listed", any(item["id"] == camera["id"] for item in listed["cameras"]))
        self.leave()

    def onLeave(self, details):
        tell("left", details.reason)
        self.disconnect()

    def onDisconnect(self):
        if FRAMEWORK == "asyncio":
            import asyncio

            asyncio.get_event_loop().stop()
            return
        from twisted.internet import reactor

        if reactor.running:
            reactor.stop()


wamp.ApplicationRunner(URL, "porthole", headers={"Cookie": sys.argv[3]}).run(Owner)
