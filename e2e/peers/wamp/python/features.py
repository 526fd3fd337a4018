"""Two or three sessions of one process use everything that the router routes. Third argument: the realm; fourth: the serializer."""

import sys

import txaio
from common import ApplicationError, Cancelled, Heard, error_of, open_session, run, tell
from autobahn.wamp import message
from autobahn.wamp.types import CallOptions, PublishOptions, RegisterOptions, SubscribeOptions

REALM, SERIALIZER = sys.argv[3], sys.argv[4]

# What each serializer has to carry: bytes too, which JSON writes as text.
ARGS = [None, True, -7, 2**53 - 1, 1.5, "text €  😀", "long " * 100, b"\x00\xff", [], [[1], {"a": {}}]]
KWARGS = {"key": ARGS, "": "empty"}


async def calls(caller, callee):
    async def slow_square(x, delay):
        await txaio.sleep(delay)
        return x * x

    def fails(how):
        if how == "own":
            raise ApplicationError("com.myapp.error", "bad", 23, severity="high")
        raise ValueError("unexpected")

    def counts(n, details):
        for i in range(n):
            if details.progress:
                details.progress(i)
        return n

    def who(details):
        return [details.caller == caller._session_id, details.caller_authrole]

    await callee.register(lambda *args, **kwargs: [list(args), kwargs], "com.test.echo")
    await callee.register(slow_square, "com.math.slowsquare")
    await callee.register(fails, "com.test.fails")
    await callee.register(counts, "com.test.counts", RegisterOptions(details_arg="details"))
    await callee.register(who, "com.test.disclosed", RegisterOptions(details_arg="details"))

    tell("values", await caller.call("com.test.echo", *ARGS, **KWARGS) == [ARGS, KWARGS])

    order = []
    slow, fast = caller.call("com.math.slowsquare", 3, 0.05), caller.call("com.math.slowsquare", 4, 0)
    txaio.add_callbacks(fast, order.append, None)
    txaio.add_callbacks(slow, order.append, None)
    await txaio.gather([slow, fast])
    tell("slow", order)

    error = await error_of(caller.call("com.test.fails", "own"))
    tell("error", [error.error, list(error.args), error.kwargs])
    tell("runtime error", (await error_of(caller.call("com.test.fails", "other"))).error)
    tell("no procedure", (await error_of(caller.call("com.test.missing"))).error)
    tell("procedure exists", (await error_of(caller.register(fails, "com.test.fails"))).error)

    progress = []
    final = await caller.call("com.test.counts", 3, options=CallOptions(on_progress=progress.append))
    tell("progress", [progress, final])
    tell("no progress asked", await caller.call("com.test.counts", 3))
    tell("caller", await caller.call("com.test.disclosed"))


async def cancels(caller, callee):
    started, interrupted = Heard(), Heard()

    async def hangs(name):
        started.add(name)
        try:
            await txaio.create_future()
        except Cancelled:
            interrupted.add(name)
            raise ApplicationError("wamp.error.canceled") from None

    await callee.register(hangs, "com.test.hangs")
    for count, mode in enumerate(["kill", "killnowait", "skip"], 1):
        call = caller.call("com.test.hangs", mode)
        await started.first(count)
        caller._transport.send(message.Cancel(max(caller._call_reqs), mode=None if mode == "skip" else mode))
        tell(f"cancel {mode}", (await error_of(call)).error)
    # Behind both interrupts on the same connection.
    await interrupted.first(2)
    tell("interrupted", interrupted[:2])

    error = await error_of(caller.call("com.test.hangs", "late", options=CallOptions(timeout=50)))
    tell("timeout", error.error)


async def publications(publisher, subscriber, third):
    heard, own, others = Heard(), Heard(), Heard()
    details = SubscribeOptions(details_arg="details")

    def event(word, details=None):
        heard.add([word, details.publication])

    subscription = await subscriber.subscribe(event, "com.test.topic", details)
    await publisher.subscribe(own.add, "com.test.topic")
    await third.subscribe(others.add, "com.test.topic")
    published = await publisher.publish("com.test.topic", "first", options=PublishOptions(acknowledge=True))
    tell("acknowledged", (await heard.first(1))[0] == ["first", published.id])

    async def publish(word, **options):
        await publisher.publish("com.test.topic", word, options=PublishOptions(acknowledge=True, **options))

    await publish("mine too", exclude_me=False)
    await publish("eligible", eligible=[subscriber._session_id])
    await publish("excluded", exclude=[subscriber._session_id])
    await publish("by role", exclude_authrole=["no such role"])
    await publish("nobody", eligible_authid=["no such id"])
    await publish("last", exclude_me=False)
    tell("heard", [word for word, _ in await heard.first(5)])
    tell("heard by the publisher", await own.first(2))
    tell("heard by others", await others.first(5))

    await subscription.unsubscribe()
    await publish("gone")
    await others.first(6)
    tell("unsubscribed", len(heard) == 5)


async def patterns(one, other):
    topics, procedures = Heard(), {}
    for match, uri in [("prefix", "com.pattern"), ("wildcard", "com..b"), ("exact", "com.pattern.b")]:

        def event(details, match=match):
            topics.add([match, details.topic])

        await one.subscribe(event, uri, SubscribeOptions(match=match, details_arg="details"))
    for topic in ["com.pattern.a", "com.pattern.b", "com.other.b", "com.patterns"]:
        await other.publish(topic, options=PublishOptions(acknowledge=True))
    tell("pattern events", sorted(await topics.first(6)))

    for match, uri in [("prefix", "com.rpc"), ("prefix", "com.rpc.deep"), ("wildcard", "com..b"), ("exact", "com.rpc.b")]:

        def procedure(details, match=match, uri=uri):
            return [match, uri, details.procedure]

        procedures[uri] = await one.register(procedure, uri, RegisterOptions(match=match, details_arg="details"))
    for uri in ["com.rpc.a", "com.rpc.b", "com.rpc.deep.b", "com.any.b"]:
        tell(f"call {uri}", await other.call(uri))
    await procedures["com.rpc.b"].unregister()
    tell("unregistered", (await other.call("com.rpc.b"))[:2])


async def shared(one, other, caller):
    for policy in ["roundrobin", "first", "last", "random"]:
        for number, session in enumerate([one, other]):
            await session.register(lambda number=number: number, f"com.shared.{policy}", RegisterOptions(invoke=policy))
        tell(policy, [await caller.call(f"com.shared.{policy}") for _ in range(6)])
    error = await error_of(one.register(lambda: 0, "com.shared.first", RegisterOptions(invoke="last")))
    tell("another policy", error.error)


async def leaves(caller, callee):
    started = Heard()

    def never():
        started.add(1)
        return txaio.create_future()

    await callee.register(never, "com.test.never")
    call = caller.call("com.test.never")
    await started.first(1)
    callee.disconnect()
    tell("callee gone", (await error_of(call)).error)
    tell("procedure gone", (await error_of(caller.call("com.test.never"))).error)


async def main():
    one, two, three = [await open_session(REALM, SERIALIZER) for _ in range(3)]
    await calls(one, two)
    await cancels(one, two)
    await publications(one, two, three)
    await patterns(one, two)
    await shared(one, two, three)
    await leaves(one, two)
    for session in [one, three]:
        await session.leave()
    tell("end")


run(main)
