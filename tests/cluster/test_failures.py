"""What one process or Redis does to the others by dying, standing still or going away: nothing that stays."""

import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
from channels_redis.serializers import registry  # type: ignore[import-untyped]
from redis import Redis

from micconnect import busmessages as m
from tests.cluster.conftest import Cluster, Show
from tests.live import ROOT, WAIT_S, Client, wait_until


async def until(is_true: Callable[[], bool], what: str) -> None:
    """`wait_until` for tests whose sockets must be read meanwhile."""
    await asyncio.to_thread(wait_until, is_true, what)


async def change(show: Show, *witnesses: Client, topic: str) -> None:
    """A change that must be answered and heard by everybody."""
    await show.host.do("setMetadata", entries={"topic": topic})
    for witness in witnesses:
        await witness.callback("onRoomMetadataChanged", lambda c: c["metadata"].get("topic") == topic)


async def test_r04_kill_9_of_a_process_closes_its_rows_and_gives_its_guests_the_grace(
    cluster: Cluster, show: Show
) -> None:
    dying, living = cluster.other, cluster.keeper
    studio = await Client.open(living, show.slug, show.host_actor)
    show.host = studio
    await show.on_air(dying, "Alice")
    bob = await show.on_air(living, "Bob")
    waiting = await show.come(dying, "Wanda")
    await waiting.do("apply", media="audio", timeoutS=0)
    pid = dying.process.pid
    await until(lambda: {("alice", pid), ("wanda", pid)} <= {*cluster.lines(show.slug)}, "the rows of the sockets")
    dying.kill()
    await studio.callback("onRequestsUpdated", lambda c: [r["isPresent"] for r in c["requests"]] == [False])
    await until(lambda: cluster.log(show.slug, "socketsLost") == 2, "Alice and Wanda to be missed")
    await until(lambda: pid not in {p for _, p in cluster.lines(show.slug)}, "the rows of the dead process to close")
    assert pid not in {p for p, _ in cluster.processes()}
    await change(show, bob, topic="went on")
    await studio.callback("onRoomUserCountChanged", lambda c: c["count"] == 2)
    back = await show.come(living, "Alice")
    assert back.frames[0]["me"]["connection"]["seatIndex"] == 1
    again = await show.come(living, "Wanda")
    assert again.frames[0]["me"]["place"] == 1
    last = [c["connectedUsers"] for c in bob.callbacks if c["type"] == "onConnectedUsersUpdated"][-1]
    assert [u["userName"] for u in last] == ["Hannah", "Alice", "Bob"], "Bob at the living process noticed little"


async def test_after_kill_9_of_the_keeper_another_one_takes_over_with_the_media(cluster: Cluster, show: Show) -> None:
    dying, living = cluster.keeper, cluster.other
    generation = show.host.frames[0]["media"]["generation"]
    dying.kill()
    await until(lambda: cluster.processes() == [(living.process.pid, True)], "the other one to be the keeper")
    await show.host.callback(
        "onMediaServerChanged", lambda c: c["media"]["isUp"] and c["media"]["generation"] > generation
    )
    alice = await show.on_air(living, "Alice")
    assert await alice.refused("publish", sdp="v=0\r\n") == "BAD_SDP", "the media server answers again"


async def test_a_keeper_that_stood_still_finds_another_one_and_steps_back(cluster: Cluster, show: Show) -> None:
    standing, living = cluster.keeper, cluster.other
    alice = await show.on_air(standing, "Alice")
    standing.process.send_signal(signal.SIGSTOP)
    try:
        await until(lambda: cluster.processes() == [(living.process.pid, True)], "the other one to be the keeper")
        await until(lambda: cluster.log(show.slug, "socketsLost") == 1, "Alice to be missed")
    finally:
        standing.process.send_signal(signal.SIGCONT)
    await until(lambda: dict(cluster.processes()).get(standing.process.pid) is False, "the former keeper to be back")
    await until(lambda: cluster.log(show.slug, "socketUp") == 1, "Alice, who never left, to be there")
    await until(lambda: ("alice", standing.process.pid) in cluster.lines(show.slug), "its sockets to be rows again")
    await until(lambda: len(standing.children()) == 0, "its media server to end")
    await change(show, alice, topic="both hear")


async def test_a_clean_stop_hands_the_duties_on_and_leaves_nothing(cluster: Cluster, show: Show) -> None:
    stopping, living = cluster.keeper, cluster.other
    guest = await show.come(stopping, "Alice")
    stopping.stop()
    assert await guest.closed() == 1001
    assert stopping.process.returncode == 0, stopping.output
    await until(lambda: cluster.processes() == [(living.process.pid, True)], "the other one to be the keeper")
    assert not [line for line in stopping.output if "Traceback" in line], stopping.output
    await change(show, topic="went on")


async def test_a_clean_stop_is_as_clean_while_redis_is_away(cluster: Cluster, show: Show) -> None:
    stopping = cluster.keeper
    children = stopping.children()
    cluster.redis.pause()
    try:
        await change(show, topic="into the void")
        stopping.stop()
    finally:
        cluster.redis.resume()
    assert stopping.process.returncode == 0, stopping.output
    assert not [line for line in stopping.output if "Traceback" in line or "never" in line], stopping.output
    await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), "the children to end")
    await change(show, topic="goes on")


async def test_r04_without_redis_commands_are_answered_and_changes_come_by_the_log(
    cluster: Cluster, show: Show
) -> None:
    alice = await show.on_air(cluster.keeper, "Alice")
    cluster.redis.stop()
    await change(show, alice, topic="by the log")
    assert await alice.do("leaveSeat") == {}
    await show.host.callback("onConnectedUsersUpdated", lambda c: len(c["connectedUsers"]) == 1)
    assert await show.host.refused("watch") == "MEDIA_UNAVAILABLE", "temporary: the keeper cannot be asked"
    bob = await show.on_air(cluster.keeper, "Bob")
    carol = await show.on_air(cluster.other, "Carol")
    cluster.redis.start()
    await until(lambda: b"room." + show.slug.encode() in cluster.redis.ask("PUBSUB", "CHANNELS"), "subscriptions")
    await until(lambda: cluster.redis.published() > 0, "the bus to be used again")
    published = cluster.redis.published()
    for number in range(WAIT_S):  # what is said in the second after a failure goes by the log
        await change(show, alice, bob, carol, topic=f"by the bus, at last {number}")
        if cluster.redis.published() > published:
            break
    else:
        raise AssertionError("the bus is not used again")
    for _ in range(WAIT_S):  # until the keeper is back on the bus as well
        if (await show.host.ask("watch"))["error"] is None:
            break
        await asyncio.sleep(1)
    else:
        raise AssertionError("the keeper is not asked again")
    assert [client.close_code for client in (show.host, alice, bob, carol)] == [None] * 4


async def test_r04_a_redis_that_stands_still_holds_up_no_command(cluster: Cluster, show: Show) -> None:
    alice = await show.come(cluster.keeper, "Alice")
    cluster.redis.pause()
    try:
        for number in range(20):
            await show.host.do("setMetadata", entries={"topic": f"T{number}"})
        await alice.callback("onRoomMetadataChanged", lambda c: c["metadata"].get("topic") == "T19")
        late = await show.come(cluster.other, "Late")
        await late.do("apply", media="audio")
    finally:
        cluster.redis.resume()
    await change(show, alice, late, topic="goes on")


async def test_an_outage_of_the_database_makes_nobody_dead(cluster: Cluster, show: Show) -> None:
    alice = await show.on_air(cluster.keeper, "Alice")
    processes = cluster.processes()
    cluster.postgres.stop()
    await asyncio.sleep(12)  # longer than a process may stand still
    assert await show.host.refused("setMetadata", entries={"topic": "no"}) == "TRY_LATER"
    cluster.postgres.start()
    await until(lambda: show.host.close_code is None and cluster.processes() == processes, "the same processes")
    await retried(show, "after the outage")
    await alice.callback("onRoomMetadataChanged", lambda c: c["metadata"].get("topic") == "after the outage")
    assert cluster.processes() == processes and cluster.log(show.slug, "socketsLost") == 0


async def test_who_holds_a_room_and_stands_still_holds_no_other_room(cluster: Cluster, show: Show) -> None:
    other = await Show(cluster, cluster.keeper).begin()
    with psycopg.connect(cluster.postgres.url) as lost:
        lost.execute("SELECT 1 FROM micconnect_room WHERE slug = %s FOR UPDATE", [show.slug])
        assert await show.host.refused("setMetadata", entries={"topic": "no"}) == "TRY_LATER"
        await change(other, topic="free")
        lost.rollback()
    await change(show, topic="free again")


async def test_migrations_may_take_as_long_as_they_take(cluster: Cluster) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with psycopg.connect(cluster.postgres.url) as busy:
        busy.execute("LOCK TABLE django_content_type IN ACCESS EXCLUSIVE MODE")
        command = (sys.executable, "manage.py", "migrate", "--verbosity", "0")
        migrating = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=cluster.keeper.env)
        await until(lambda: cluster.postgres.rows(waiting)[0][0] > 0, "the migration to wait")
        await asyncio.sleep(6)  # longer than a command may wait for a lock
        busy.rollback()
    assert await migrating.wait() == 0


async def test_what_is_said_on_redis_without_the_secret_key_is_not_believed(cluster: Cluster, show: Show) -> None:
    listening = cluster.redis.ask("PUBSUB", "CHANNELS").decode().split()
    [channel] = [name for name in listening if name.endswith("room." + show.slug)]
    forged = m.Grown(origin="x.1.0", slug=show.slug)
    data = registry.get_serializer("msgpack").serialize({"data": m.encode(forged)})
    with Redis.from_url(cluster.redis.url) as line:
        line.publish(channel, data)
    at = show.host_at
    await until(lambda: any("no process with our secret key" in line for line in at.output), "a line about it")
    await change(show, topic="still here")
    assert show.host.close_code is None


async def retried(show: Show, topic: str) -> None:
    """A command as pages send it: again while the answer is TRY_LATER."""
    while True:
        reply = await show.host.ask("setMetadata", entries={"topic": topic})
        if reply["error"] is None:
            return
        assert reply["error"]["temporary"], reply
        await asyncio.sleep(0.5)
