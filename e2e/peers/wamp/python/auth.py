"""Joins by each authentication method. Third argument: a JSON list of `{name, realm, serializer, authentication, rawsocket?}`."""

import base64
import json
import sys

from common import ApplicationError, open_session, run, tell
from autobahn.wamp import auth

# Autobahn 22.7 gives the salt, which is base64 in the challenge, to a function that takes bytes only.
auth._hash_pbkdf2_secret = lambda password, salt, iterations: auth.pbkdf2(password, base64.b64decode(salt), iterations, keylen=32)


async def main():
    for entry in json.loads(sys.argv[3]):
        try:
            session = await open_session(entry["realm"], entry["serializer"], entry["authentication"], entry.get("rawsocket"))
        except ApplicationError as error:
            tell(entry["name"], error.error)
            continue
        welcome = session.welcome
        tell(entry["name"], [welcome.authid, welcome.authrole, welcome.authmethod, welcome.realm])
        await session.leave()


run(main)
