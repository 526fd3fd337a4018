"""The echo client of Autobahn|asyncio's documentation. Argument: the URL. It ends when both of its messages came back."""

import asyncio
import sys

from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)


class MyClientProtocol(WebSocketClientProtocol):
    def onConnect(self, response):
        print("Subprotocol: {}".format(response.protocol))

    async def onOpen(self):
        self.sendMessage("Hello, world!".encode("utf8"))
        self.sendMessage(b"\x00\x01\x03\x04", isBinary=True)

    def onMessage(self, payload, isBinary):
        if isBinary:
            print("Binary message received: {} bytes".format(len(payload)))
            self.sendClose(1000, "thank you")
        else:
            print("Text message received: {}".format(payload.decode("utf8")))

    def onClose(self, wasClean, code, reason):
        print("Closed: {} {}".format(wasClean, code), flush=True)
        loop.stop()


factory = WebSocketClientFactory(sys.argv[1])
factory.protocol = MyClientProtocol
loop.run_until_complete(loop.create_connection(factory, factory.host, factory.port))
loop.call_later(10, loop.stop)
loop.run_forever()
