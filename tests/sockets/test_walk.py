"""Two and more real sockets walk through the mic link; everybody concerned hears of every change."""

from micconnect.protocol.words import Role
from tests.conftest import actor
from tests.live import Client, Server, Visitor


async def host_client(server: Server, visitor: Visitor, slug: str) -> Client:
    status, body = visitor.ticket(slug, Role.HOST)
    assert status == 200
    return await Client.open(server, slug, body["ticket"])


async def test_audience_asks_host_accepts_host_takes_off(server: Server, host_visitor: Visitor, slug: str) -> None:
    host = await host_client(server, host_visitor, slug)
    alice = await Client.open(server, slug, actor("Alice"))
    viewer = await Client.open(server, slug, actor("Vera"))
    await host.do("goLive")
    assert (await viewer.callback("onLiveInfoChanged"))["info"]["status"] == "live"

    asked = await alice.do("apply", media="audio", note="about bread")
    assert (await alice.callback("onMyStateUpdated"))["me"]["place"] == 1
    request = (await host.callback("onUserConnectionRequest"))["request"]
    assert request["user"]["userName"] == "Alice" and request["note"] == "about bread"
    assert request["requestId"] == asked["request"]["requestId"]
    assert not [c for c in viewer.callbacks if "equest" in c["type"]], "a viewer hears nothing of the queue"

    await host.do("respondToApplication", requestId=request["requestId"], isAccepted=True)
    await alice.callback("onUserConnectionAccepted")
    on_air = await viewer.callback("onConnectedUsersUpdated", lambda c: len(c["connectedUsers"]) == 2)
    guest = on_air["connectedUsers"][1]
    assert (guest["userName"], guest["seatIndex"], guest["media"]) == ("Alice", 1, "audio")

    await alice.do("setDevice", device="microphone", isOpen=False)
    await viewer.callback("onConnectedUsersUpdated", lambda c: c["connectedUsers"][-1]["microphone"] == "closed")
    assert await alice.refused("setDevice", device="camera", isOpen=True) == "AUDIO_ONLY"
    await host.do("lockDevice", userId=guest["userId"], device="microphone", isLocked=True)
    assert (await alice.callback("onLocalDeviceClosedByAdmin"))["operator"]["userName"] == "Hannah"
    assert await alice.refused("setDevice", device="microphone", isOpen=True) == "DEVICE_LOCKED"

    await host.do("disconnectUser", userId=guest["userId"], reason="time", note="thank you")
    told = (await alice.callback("onUserConnectionTerminated"))["lastConnection"]
    assert (told["endReason"], told["reason"], told["note"]) == ("terminated", "time", "thank you")
    await viewer.callback("onConnectedUsersUpdated", lambda c: len(c["connectedUsers"]) == 1)

    await host.do("endLive")
    assert (await viewer.callback("onRoomDismissed"))["reason"] == "host"


async def test_host_invites_and_the_invited_person_answers(server: Server, host_visitor: Visitor, slug: str) -> None:
    host = await host_client(server, host_visitor, slug)
    await host.do("goLive")
    bob = await Client.open(server, slug, actor("Bob"))
    assert {v["userName"] for v in (await host.do("listViewers", prefix="b"))["viewers"]} == {"Bob"}
    assert await host.refused("invite", userId="nobody") == "NO_SUCH_USER"
    await host.do("invite", userId="bob", media="video")
    invitation = (await bob.callback("onUserConnectionRequest"))["request"]
    assert invitation["operator"]["userName"] == "Hannah"
    assert await bob.refused("listViewers") == "FORBIDDEN"
    await bob.do("respondToInvitation", requestId=invitation["requestId"], isAccepted=True, media="audio")
    answered = (await host.callback("onUserConnectionAccepted"))["request"]
    assert (answered["user"]["userName"], answered["media"]) == ("Bob", "audio")
    await bob.do("leaveSeat")
    assert (await host.callback("onUserConnectionExited"))["endReason"] == "exited"


async def test_snapshot_after_reload_shows_what_events_had_shown(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await host_client(server, host_visitor, slug)
    await host.do("goLive")
    alice = await Client.open(server, slug, actor("Alice"))
    bob = await Client.open(server, slug, actor("Bob"))
    await alice.do("apply", media="video")
    await bob.do("apply", media="audio")
    queue = await host.callback("onRequestsUpdated", lambda c: len(c["requests"]) == 2)
    mine = await bob.callback("onMyStateUpdated", lambda c: c["me"]["place"] == 2)
    again = await host_client(server, host_visitor, slug)
    picture = await again.frame("snapshot")
    assert picture["requests"] == queue["requests"]
    bob_again = await Client.open(server, slug, actor("Bob"))
    assert (await bob_again.frame("snapshot"))["me"] == mine["me"]
    assert (await bob_again.frame("snapshot"))["requests"] is None, "the queue is the staff's"
    await host.do("setMetadata", entries={"topic": "two studios"})
    await again.callback("onRoomMetadataChanged")
    assert host.close_code is None, "several windows of the host stand side by side"


async def test_seqs_grow_by_one_change_and_the_same_ref_gives_the_same_answer(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await host_client(server, host_visitor, slug)
    await host.do("goLive")
    alice = await Client.open(server, slug, actor("Alice"))
    first = await alice.ask("apply", ref="once", media="video")
    again = await alice.ask("apply", ref="once", media="video")
    assert first == again
    assert await alice.refused("apply", media="video") == "ALREADY_PENDING"
    await alice.do("cancelApplication")
    assert await alice.ask("apply", ref="once", media="video") == first, "also after the request has ended"
    seqs = [f["seq"] for f in host.frames if f["type"] == "callbacks" and f["seq"] and f["lane"] == "staff"]
    assert seqs == sorted(set(seqs))


async def test_the_tenth_guest_is_refused_and_the_request_stays(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await host_client(server, host_visitor, slug)
    await host.do("goLive")
    guests = [await Client.open(server, slug, actor(f"Guest{i}")) for i in range(10)]
    for guest in guests:
        await guest.do("apply", media="audio")
    queue = (await host.callback("onRequestsUpdated", lambda c: len(c["requests"]) == 10))["requests"]
    assert [r["user"]["userName"] for r in queue] == [f"Guest{i}" for i in range(10)]
    for request in queue[:9]:
        await host.do("respondToApplication", requestId=request["requestId"], isAccepted=True)
    late = queue[9]["requestId"]
    assert await host.refused("respondToApplication", requestId=late, isAccepted=True) == "SEATS_FULL"
    await guests[0].do("leaveSeat")
    await host.do("respondToApplication", requestId=late, isAccepted=True)
    users = await host.callback(
        "onConnectedUsersUpdated", lambda c: [u["userName"] for u in c["connectedUsers"]][1:2] == ["Guest9"]
    )
    assert [u["seatIndex"] for u in users["connectedUsers"]] == list(range(10))
