"""The echo client of Autobahn|Twisted's documentation. Argument: the URL. It ends when both of its messages came back."""

import sys

from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol
from twisted.internet import reactor


class MyClientProtocol(WebSocketClientProtocol):
    def onConnect(self, response):
        print("Subprotocol: {}".format(response.protocol))

    def onOpen(self):
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
        if reactor.running:
            reactor.stop()


factory = WebSocketClientFactory(sys.argv[1])
factory.protocol = MyClientProtocol
reactor.connectTCP(factory.host, factory.port, factory)
reactor.callLater(10, reactor.stop)
reactor.run()
