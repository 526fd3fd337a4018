"""Autobahn's wrapping client: a Twisted protocol over a tunnel. Says the line it is told to, ends when it heard it back.

Arguments: WebSocket URL, cookie, the line, the subprotocols to offer.
"""

import sys

from autobahn.twisted.websocket import WrappingWebSocketClientFactory
from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory, Protocol

URL, COOKIE, LINE, OFFERED = sys.argv[1], sys.argv[2], sys.argv[3].encode(), sys.argv[4].split(",")


class Line(Protocol):
    heard = b""

    def connectionMade(self):
        # In pieces, as a protocol would.
        for byte in LINE:
            self.transport.write(bytes([byte]))

    def dataReceived(self, data):
        self.heard += data
        if self.heard == LINE:
            sys.stdout.write(self.transport.websocket_protocol_in_use)
            sys.stdout.flush()
            self.transport.loseConnection()
            reactor.stop()


class Lines(ClientFactory):
    protocol = Line

    def doStart(self):
        pass


factory = WrappingWebSocketClientFactory(Lines(), URL)
factory._subprotocols = OFFERED
factory.setSessionParameters(url=URL, protocols=OFFERED, headers={"Cookie": COOKIE})
reactor.connectTCP(factory.host, factory.port, factory)
reactor.callLater(10, reactor.stop)
reactor.run()
