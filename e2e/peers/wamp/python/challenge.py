"""Signs in as the authentication examples do it: a session that joins in onConnect and answers in onChallenge.

Third argument: the realm; then authid, method, and its ticket, secret or private key.
"""

import importlib
import sys

from common import FRAMEWORK, URL, tell
from autobahn.wamp import auth, cryptosign

REALM, AUTHID, METHOD, SECRET = sys.argv[3:]
wamp = importlib.import_module(f"autobahn.{FRAMEWORK}.wamp")


class ClientSession(wamp.ApplicationSession):
    def onConnect(self):
        extra = {}
        if METHOD == "cryptosign":
            self.key = cryptosign.CryptosignKey.from_bytes(bytes.fromhex(SECRET))
            extra = {"pubkey": self.key.public_key(), "trustroot": None, "challenge": None, "channel_binding": None}
        self.join(self.config.realm, [METHOD], AUTHID, authextra=extra)

    def onChallenge(self, challenge):
        tell("challenge", challenge.method)
        if challenge.method == "ticket":
            return SECRET
        if challenge.method == "cryptosign":
            return self.key.sign_challenge(challenge)
        key = SECRET
        if "salt" in challenge.extra:
            key = auth.derive_key(SECRET, challenge.extra["salt"], challenge.extra["iterations"], challenge.extra["keylen"])
        return auth.compute_wcs(key, challenge.extra["challenge"]).decode("ascii")

    def onJoin(self, details):
        tell("joined", [details.authid, details.authrole, details.authmethod])
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


wamp.ApplicationRunner(URL, REALM).run(ClientSession)
