"""Two processes are one house: what happens at one is heard at the other, and nobody notices at which one they are."""

import asyncio
import time
from typing import Any

import redis
from channels_redis.serializers import registry  # type: ignore[import-untyped]
from django.conf import settings

from micconnect import busmessages as m
from tests.cluster.conftest import Cluster, Show
from tests.live import Client, wait_until
from tests.media.peers import until

REPEATS = 5


def room_frames(client: Client) -> list[int]:
    return [f["seq"] for f in client.frames if f["type"] == "callbacks" and f["lane"] == "room" and f["seq"]]


async def test_a_change_is_heard_at_the_other_process_and_costs_one_message(cluster: Cluster, show: Show) -> None:
    alice = await show.come(cluster.keeper, "Alice")
    words = registry.get_serializer("msgpack", symmetric_encryption_keys=[settings.SECRET_KEY])
    bus = redis.Redis.from_url(cluster.redis.url)
    with bus, bus.pubsub() as listening:  # type: ignore[no-untyped-call]
        listening.psubscribe(f"*room.{show.slug}")
        assert listening.get_message(timeout=10)["type"] == "psubscribe"
        for number in range(REPEATS):
            await show.host.do("setMetadata", entries={"topic": f"T{number}"})
        told = await alice.callback("onRoomMetadataChanged", lambda c: c["metadata"].get("topic") == f"T{REPEATS - 1}")
        assert told
        messages = []
        while message := listening.get_message(timeout=0.5):
            if isinstance(m.decode(words.deserialize(message["data"])["data"]), m.Changed):
                messages.append(message)
    assert len(messages) == REPEATS
    seqs = room_frames(alice)
    assert seqs == sorted(set(seqs)) and seqs[-REPEATS:] == room_frames(show.host)[-REPEATS:]


async def test_commands_of_both_processes_meet_in_one_queue(cluster: Cluster, show: Show) -> None:
    clients = [await show.come((cluster.keeper, cluster.other)[n % 2], f"Guest{n}") for n in range(6)]
    asked = await asyncio.gather(*(client.do("apply", media="audio") for client in clients))
    assert len({a["request"]["requestId"] for a in asked}) == 6
    told = await show.host.callback("onRequestsUpdated", lambda c: len(c["requests"]) == 6)
    for request in told["requests"]:
        await show.host.do("respondToApplication", requestId=request["requestId"], isAccepted=True)
    last = await clients[0].callback("onConnectedUsersUpdated", lambda c: len(c["connectedUsers"]) == 7)
    assert sorted(user["seatIndex"] for user in last["connectedUsers"]) == list(range(7))


async def test_a_seat_is_brought_to_a_window_at_the_other_process(cluster: Cluster, show: Show) -> None:
    alice = await show.on_air(cluster.other, "Alice")
    second = await show.come(cluster.keeper, "Alice", "w2")
    studio = await Client.open(cluster.keeper, show.slug, show.host_actor, "studio2")
    assert await second.refused("publish", sdp="v=0\r\n") == "OTHER_WINDOW"
    assert await studio.refused("publish", sdp="v=0\r\n") == "OTHER_WINDOW"
    for client, former in ((second, alice), (studio, show.host)):
        await client.do("bringHere")
        window = client.frames[0]["me"]["window"]
        assert window == "", "the snapshot of before"
        told = await former.callback("onMyStateUpdated", lambda c: c["me"]["window"] in ("w2", "studio2"))
        assert told["me"]["connection"]["state"] in ("joining", "reconnecting")
        assert await former.refused("publish", sdp="v=0\r\n") == "OTHER_WINDOW"
        assert await client.refused("publish", sdp="v=0\r\n") == "BAD_SDP", "this one may, with a better offer"
    assert await alice.refused("setDevice", device="microphone", isOpen=True) == "OTHER_WINDOW"
    await alice.do("setDevice", device="microphone", isOpen=False)
    assert all(client.close_code is None for client in (alice, second, show.host, studio))


async def test_the_hosts_laptop_dies_a_helper_carries_on_and_the_host_comes_back(cluster: Cluster, show: Show) -> None:
    """The host at one process, the helper at the other, and the host comes back where the helper is."""
    helper, vera = await show.come(cluster.keeper, "Helga"), await show.come(cluster.other, "Vera")
    await until(lambda: "helga" in [user for user, _ in cluster.lines(show.slug)], "Helga's row, for the other process")
    await show.host.do("setModerator", userId="helga", isModerator=True)
    asked = await vera.do("apply", media="audio", timeoutS=0)
    show.host.socket.transport.abort()
    for client in (helper, vera):
        told = await client.callback("onLiveInfoChanged", lambda c: c["info"]["carriedOnBy"] is not None)
        assert told["info"]["carriedOnBy"]["userId"] == "helga" and told["info"]["hostAwayUntil"] is None
    await helper.do("respondToApplication", requestId=asked["request"]["requestId"], isAccepted=True)
    back = await Client.open(cluster.keeper, show.slug, show.host_actor)
    me = back.frames[0]["me"]
    assert me["connection"]["seatIndex"] == 0, "the seat was kept"
    for client in (helper, vera):
        await until(lambda client=client: _newest_info(client)["hostAwaySince"] is None, "the host to be back")
        assert _newest_info(client)["carriedOnBy"] is None
    assert await helper.refused("endLive") == "FORBIDDEN"
    await back.do("endLive")


def _newest_info(client: Client) -> dict[str, Any]:
    """The room as this client heard of it last."""
    told = [c["info"] for c in client.callbacks if c["type"] == "onLiveInfoChanged"]
    return dict(told[-1])


async def test_of_two_windows_that_want_the_seat_at_once_one_has_it_and_both_know_which(
    cluster: Cluster, show: Show
) -> None:
    first = await show.on_air(cluster.other, "Alice")
    pair = [await show.come(at, "Alice", f"w{n}") for n, at in enumerate((cluster.keeper, cluster.other))]
    for _ in range(REPEATS):
        await asyncio.gather(*(client.do("bringHere") for client in pair))
        me = [await _newest_me(client) for client in (first, *pair)]
        assert len({m["window"] for m in me}) == 1 and me[0]["window"] in ("w0", "w1")
        answers = [await client.refused("publish", sdp="v=0\r\n") for client in pair]
        assert sorted(answers) == ["BAD_SDP", "OTHER_WINDOW"]
        assert answers[int(me[0]["window"][1])] == "BAD_SDP"


async def _newest_me(client: Client) -> dict[str, Any]:
    """The own state after everything that was said so far was heard."""
    seq = (await client.ask("setReady", isReady=True))["seq"]  # changes nothing on the stage, and tells where we are
    await until(
        lambda: any(f["type"] == "callbacks" and (f["seq"] or 0) >= seq for f in client.frames), "what was told so far"
    )
    told: dict[str, Any] = [c["me"] for c in client.callbacks if c["type"] == "onMyStateUpdated"][-1]
    return told


async def test_viewers_of_both_processes_are_counted_and_listed_and_can_be_invited(
    cluster: Cluster, show: Show
) -> None:
    people = [await show.come(cluster.keeper, name) for name in ("Alice", "Bob")]
    await show.come(cluster.other, "Carol")
    for client in (show.host, *people):
        await client.callback("onRoomUserCountChanged", lambda c: c["count"] == 4)
    listed = (await show.host.do("listViewers"))["viewers"]
    assert sorted(viewer["userName"] for viewer in listed) == ["Alice", "Bob", "Carol", "Hannah"]
    assert [v["userName"] for v in (await show.host.do("listViewers", prefix="b"))["viewers"]] == ["Bob"]
    late = await show.come(cluster.other, "Dora")
    assert late.frames[0]["viewerCount"] >= 4
    await show.host.do("invite", userId="alice", media="audio")
    request = (await people[0].callback("onUserConnectionRequest"))["request"]
    await people[0].do("respondToInvitation", requestId=request["requestId"], isAccepted=True)
    await people[1].close()
    await show.host.callback("onRoomUserCountChanged", lambda c: c["count"] == 4)


async def test_somebody_who_moves_to_the_other_process_keeps_seat_and_line(cluster: Cluster, show: Show) -> None:
    alice = await show.on_air(cluster.other, "Alice")
    lost = cluster.log(show.slug, "socketsLost")
    newer = await show.come(cluster.keeper, "Alice")
    await alice.close()
    wait_until(lambda: [pid for user, pid in cluster.lines(show.slug) if user == "alice"] != [], "the row")
    assert newer.frames[0]["me"]["connection"]["seatIndex"] == 1
    # nobody reported a loss, neither at once nor by comparing
    end = time.monotonic() + 8
    while time.monotonic() < end:
        await asyncio.sleep(0.5)
        assert cluster.log(show.slug, "socketsLost") == lost
    newer.socket.transport.abort()
    await asyncio.to_thread(wait_until, lambda: cluster.log(show.slug, "socketsLost") == lost + 1, "Alice to be missed")


async def test_r16_every_deadline_passes_once_although_both_clocks_look(cluster: Cluster, show: Show) -> None:
    clients = [await show.come((cluster.keeper, cluster.other)[n % 2], f"Guest{n}") for n in range(6)]
    for client in clients:
        await client.do("apply", media="audio", timeoutS=5)
    for client in clients:
        await client.callback("onUserConnectionTimeout")
    await show.host.callback("onRequestsUpdated", lambda c: c["requests"] == [])
    query = "SELECT notices FROM micconnect_logentry l JOIN micconnect_room r ON r.id = l.room_id"
    rows = cluster.postgres.rows(f"{query} WHERE r.slug = %s AND l.command = 'tick'", show.slug)
    told = b"".join(bytes(notices) for (notices,) in rows)
    assert told.count(b'"onUserConnectionTimeout"') == 2 * len(clients), "each once to the staff and once to the person"
    for client in clients:
        assert [c["type"] for c in client.callbacks].count("onUserConnectionTimeout") == 1
