"""Writes messages as Autobahn has them, in each format: shared/wamp/fixtures/autobahn.json is its output.

Every message of the protocol, with and without its optional parts, with ids at their ends, and with bytes in the payload.
"""

import json

import txaio

txaio.use_asyncio()

from autobahn.wamp import message, role  # noqa: E402
from autobahn.wamp.serializer import CBORSerializer, JsonSerializer, MsgPackSerializer  # noqa: E402

MAX = 2**53
# In options and details, where nothing says that it is an id.
SAFE = 2**53 - 1
TEXT = "Grüße, 世界 \U0001f600 \"quoted\" \\ \u2028"
ARGS = [None, True, False, 0, -1, 127, 128, -129, 65536, 2**32, 2**53 - 1, -(2**53 - 1), 1.5, -0.25, "", TEXT, [], {}, [[1], {"a": []}]]
KWARGS = {"key": "value", "list": [1, 2], "dict": {"nested": {"deep": True}}, "nothing": None}
BYTES = [b"", b"\x00\xff\x10", bytes(range(256))]
CALLER = {"subscriber": role.RoleSubscriberFeatures(pattern_based_subscription=True), "caller": role.RoleCallerFeatures(call_canceling=True)}
ROUTER = {"broker": role.RoleBrokerFeatures(publisher_exclusion=True), "dealer": role.RoleDealerFeatures(call_timeout=True)}

PAYLOADS = {
    "": {},
    ", arguments": {"args": ARGS},
    ", keywords": {"args": [], "kwargs": KWARGS},
    ", both": {"args": ARGS, "kwargs": KWARGS},
    ", bytes": {"args": BYTES, "kwargs": {"bytes": b"\x01"}},
}


def messages():
    yield "HELLO", message.Hello("realm1", CALLER)
    yield "HELLO, who", message.Hello("realm1", CALLER, ["scram", "ticket"], "joe", "frontend", {"nonce": "bm9uY2U=", "n": None})
    yield "WELCOME", message.Welcome(MAX, ROUTER, "realm1", "joe", "frontend", "ticket", "static")
    yield "ABORT", message.Abort("wamp.error.no_such_realm")
    yield "ABORT, message", message.Abort("wamp.error.no_such_realm", TEXT)
    yield "CHALLENGE", message.Challenge("ticket")
    yield "CHALLENGE, extra", message.Challenge("wampcra", {"challenge": '{"nonce":"n"}', "salt": "s", "iterations": 1000, "keylen": 32})
    yield "AUTHENTICATE", message.Authenticate("gir1mSx+deCDUV7wRM5SGIn/+R/ClqLZuH4m7FJeBVI=")
    yield "AUTHENTICATE, extra", message.Authenticate("signature", {"nonce": "bm9uY2U="})
    yield "GOODBYE", message.Goodbye("wamp.close.normal")
    yield "GOODBYE, message", message.Goodbye("wamp.close.system_shutdown", TEXT)
    yield "SUBSCRIBE", message.Subscribe(1, "com.myapp.topic1")
    yield "SUBSCRIBE, wildcard", message.Subscribe(MAX, "com..topic1", "wildcard", get_retained=True)
    yield "SUBSCRIBED", message.Subscribed(1, MAX)
    yield "UNSUBSCRIBE", message.Unsubscribe(1, MAX)
    yield "UNSUBSCRIBED", message.Unsubscribed(1)
    yield "UNSUBSCRIBED, revoked", message.Unsubscribed(0, SAFE, "wamp.subscription.revoked")
    yield "REGISTER", message.Register(1, "com.myapp.add2")
    yield "REGISTER, shared", message.Register(2, "com.myapp", "prefix", "roundrobin")
    yield "REGISTERED", message.Registered(1, MAX)
    yield "UNREGISTER", message.Unregister(1, MAX)
    yield "UNREGISTERED", message.Unregistered(1)
    yield "UNREGISTERED, revoked", message.Unregistered(0, SAFE, "wamp.registration.revoked")
    yield "PUBLISHED", message.Published(1, MAX)
    yield "PUBLISH, options", message.Publish(
        1, "com.myapp.topic1", acknowledge=True, exclude_me=False, exclude=[1, SAFE], eligible_authid=["joe"], retain=True
    )
    yield "EVENT, details", message.Event(1, MAX, publisher=SAFE, publisher_authid="joe", topic="com.myapp.topic1", retained=True)
    yield "CALL, options", message.Call(1, "com.myapp.add2", timeout=10000, receive_progress=True)
    yield "CANCEL", message.Cancel(1)
    yield "CANCEL, kill", message.Cancel(1, "kill")
    yield "RESULT, progress", message.Result(1, [1], progress=True)
    yield "INVOCATION, details", message.Invocation(1, MAX, caller=SAFE, caller_authrole="frontend", procedure="com.myapp.add2", receive_progress=True)
    yield "INTERRUPT", message.Interrupt(1)
    yield "INTERRUPT, killnowait", message.Interrupt(1, "killnowait")
    yield "YIELD, progress", message.Yield(1, [1], progress=True)
    for name, payload in PAYLOADS.items():
        yield f"PUBLISH{name}", message.Publish(1, "com.myapp.topic1", **payload)
        yield f"EVENT{name}", message.Event(5512315355, 4429313566, **payload)
        yield f"CALL{name}", message.Call(1, "com.myapp.add2", **payload)
        yield f"RESULT{name}", message.Result(1, **payload)
        yield f"INVOCATION{name}", message.Invocation(1, 98127, **payload)
        yield f"YIELD{name}", message.Yield(1, **payload)
        yield f"ERROR{name}", message.Error(message.Call.MESSAGE_TYPE, 1, "com.myapp.error", **payload)


def written(msg):
    text, packed, cbor = [serializer().serialize(msg)[0] for serializer in (JsonSerializer, MsgPackSerializer, CBORSerializer)]
    # A message keeps what it was written as.
    msg.uncache()
    return {"json": text.decode("utf8"), "msgpack": packed.hex(), "cbor": cbor.hex()}


def vectors():
    for name, msg in messages():
        yield json.dumps({"name": name, **written(msg)}, ensure_ascii=True)


print("[\n  " + ",\n  ".join(vectors()) + "\n]")
