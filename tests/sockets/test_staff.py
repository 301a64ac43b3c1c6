"""Real sockets of people whose rights change while they are in the room: helpers, the barred and the banned."""

import json

import msgspec
from websockets.exceptions import ConnectionClosed

from micconnect import auth
from micconnect.domain.room import Actor
from micconnect.protocol.codes import CloseCode
from micconnect.protocol.words import Role
from tests.conftest import actor
from tests.live import Client, Server, Visitor

ALICE, BOB = actor("Alice"), actor("Bob")


async def live(server: Server, visitor: Visitor, slug: str) -> Client:
    """The host, live."""
    host = await Client.open(server, slug, visitor.ticket(slug, Role.HOST)[1]["ticket"])
    await host.do("goLive")
    return host


async def turned_away(server: Server, slug: str, who: Actor) -> dict[str, object]:
    """Says hello in vain; returns the error."""
    client = await Client.bare(server, slug)
    await client.send_raw({"type": "hello", "ticket": auth.issue_ticket(slug, who), "versions": [1]})
    error: dict[str, object] = (await client.frame("reply"))["error"]
    assert await client.closed() == CloseCode.REMOVED
    assert not [f for f in client.frames if f["type"] == "snapshot"]
    return error


async def test_a_helper_has_the_staffs_rights_at_once_and_loses_them_at_once(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await live(server, host_visitor, slug)
    alice, bob = await Client.open(server, slug, ALICE), await Client.open(server, slug, BOB)
    await bob.do("apply", media="audio")
    assert await alice.refused("listViewers") == await alice.refused("getSummary") == "FORBIDDEN"
    assert await alice.refused("acceptNext") == "FORBIDDEN"

    await host.do("setModerator", userId="alice", isModerator=True)
    queue = await alice.callback("onRequestsUpdated")
    assert [r["user"]["userName"] for r in queue["requests"]] == ["Bob"], "what the staff knew before"
    assert (await alice.callback("onMyStateUpdated"))["me"]["isModerator"] is True
    await bob.callback("onLiveInfoChanged", lambda c: [m["userId"] for m in c["info"]["moderators"]] == ["alice"])
    assert {v["userName"] for v in (await alice.do("listViewers"))["viewers"]} == {"Hannah", "Alice", "Bob"}
    await bob.do("cancelApplication")
    await alice.callback("onUserConnectionCancelled")
    assert "staff" in {f["lane"] for f in alice.frames if f["type"] == "callbacks"}
    await alice.do("placeUser", userId="bob", media="audio")
    again = await Client.open(server, slug, ALICE)
    picture = await again.frame("snapshot")
    assert picture["role"] == "moderator" and picture["requests"] == picture["sanctions"] == picture["links"] == []

    await host.do("setModerator", userId="alice", isModerator=False)
    assert await alice.refused("disconnectUser", userId="bob") == "FORBIDDEN"
    assert await again.refused("listViewers") == "FORBIDDEN"
    heard = [(len([f for f in c.frames if f.get("lane") == "staff"])) for c in (alice, again)]
    await host.do("createInviteLink")
    await host.do("barUser", userId="bob", reason="conduct")
    await bob.callback("onBarredFromMic")
    await alice.callback("onConnectedUsersUpdated", lambda c: len(c["connectedUsers"]) == 1)
    assert [(len([f for f in c.frames if f.get("lane") == "staff"])) for c in (alice, again)] == heard
    await again.close()
    once_more = await (await Client.open(server, slug, ALICE)).frame("snapshot")
    assert once_more["role"] == "audience" and once_more["requests"] is None


async def test_a_ban_is_told_then_closes_every_window_and_holds_until_it_is_lifted(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await live(server, host_visitor, slug)
    windows = [await Client.open(server, slug, ALICE) for _ in range(2)]
    bob = await Client.open(server, slug, BOB)
    ban = (await host.do("banUser", userId="alice", seconds=3600, reason="conduct", note="Enough."))["sanction"]
    for window in windows:
        assert await window.closed() == CloseCode.REMOVED
        assert window.callbacks[-1]["type"] == "onKickedOutOfRoom"
        assert window.callbacks[-1]["sanction"] == ban
    assert (await host.callback("onSanctionsUpdated"))["sanctions"] == [ban]
    error = await turned_away(server, slug, ALICE)
    assert error["code"] == "BANNED"
    details = error["details"]
    assert isinstance(details, dict) and details["reason"] == "conduct" and details["until"]
    viewers = (await host.do("listViewers"))["viewers"]
    assert {v["userName"] for v in viewers} == {"Hannah", "Bob"}
    assert (await bob.ask("ping"))["type"] == "pong"

    await host.do("liftSanction", sanctionId=ban["sanctionId"])
    back = await Client.open(server, slug, ALICE)
    assert (await back.do("apply", media="audio"))["request"]["state"] == "pending"


async def test_a_banned_helper_is_out_and_no_helper_any_more(server: Server, host_visitor: Visitor, slug: str) -> None:
    host = await live(server, host_visitor, slug)
    alice = await Client.open(server, slug, ALICE)
    await host.do("setModerator", userId="alice", isModerator=True)
    await alice.do("setMetadata", entries={"topic": "bread"})
    ban = (await host.do("banUser", userId="alice"))["sanction"]
    assert await alice.closed() == CloseCode.REMOVED
    await host.do("liftSanction", sanctionId=ban["sanctionId"])
    picture = await (await Client.open(server, slug, ALICE)).frame("snapshot")
    assert picture["role"] == "audience" and picture["metadata"] == {"topic": "bread"}


async def test_who_is_barred_from_the_mic_watches_on_and_may_appeal_once(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await live(server, host_visitor, slug)
    alice = await Client.open(server, slug, ALICE)
    await host.do("placeUser", userId="alice", media="audio")
    await host.do("barUser", userId="alice", note="Too loud.")
    assert (await alice.callback("onUserConnectionTerminated"))["lastConnection"]["endReason"] == "barred"
    assert (await alice.callback("onMyStateUpdated"))["me"]["bar"]["note"] == "Too loud."
    assert await alice.refused("apply", media="audio") == "BARRED"
    await alice.do("appealBar", note="It was the dog.")
    told = await host.callback("onSanctionsUpdated", lambda c: c["sanctions"][0]["appeal"] != "")
    assert told["sanctions"][0]["appeal"] == "It was the dog."
    assert await alice.refused("appealBar", note="Really.") == "ALREADY_APPEALED"


async def test_an_invite_link_seats_who_has_its_token(server: Server, host_visitor: Visitor, slug: str) -> None:
    host = await live(server, host_visitor, slug)
    link = (await host.do("createInviteLink", media="audio"))["link"]
    path = f"/live/{slug}/invites/{link['linkId']}/"
    assert Visitor(server).get(path)[0] == 403
    status, body = host_visitor.get(path)
    assert status == 200
    answer = msgspec.json.decode(body)
    page, _, token = answer["url"].partition("#invite=")
    assert page == f"{server.url}/live/{slug}/" and answer["qr"].startswith("<svg")
    alice, bob = await Client.open(server, slug, ALICE), await Client.open(server, slug, BOB)
    assert await alice.refused("useInviteLink", token=token[:-1]) == "NO_SUCH_LINK"
    seat = (await alice.do("useInviteLink", token=token))["connection"]
    assert (seat["userName"], seat["seatIndex"], seat["media"]) == ("Alice", 1, "audio")
    assert (await host.callback("onInviteLinksUpdated", lambda c: c["links"] == []))["links"] == []
    assert await bob.refused("useInviteLink", token=token) == "NO_SUCH_LINK"
    assert host_visitor.get(path)[0] == 404
    assert not [line for line in server.output if token in line], "no log holds it"


async def test_two_guests_swap_and_everybody_sees_the_same_seats(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await live(server, host_visitor, slug)
    alice, bob = await Client.open(server, slug, ALICE), await Client.open(server, slug, BOB)
    for user_id in ("alice", "bob"):
        await host.do("placeUser", userId=user_id, media="audio")
    assert await alice.refused("moveSeat", seatIndex=2) == "SEAT_TAKEN"
    await host.do("moveSeat", seatIndex=2, userId="alice", policy="swap")
    for client in (host, alice, bob):
        seats = await client.callback("onSeatListChanged", lambda c: c["seats"][2]["userId"] == "alice")
        assert [s["userId"] for s in seats["seats"][1:3]] == ["bob", "alice"]
    picture = await (await Client.open(server, slug, actor("Vera"))).frame("snapshot")
    assert [u["userName"] for u in picture["connectedUsers"]] == ["Hannah", "Bob", "Alice"]


async def test_the_host_asks_for_the_figures_also_after_the_end(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await live(server, host_visitor, slug)
    viewers = [await Client.open(server, slug, actor(f"Viewer{n}")) for n in range(3)]
    await viewers[0].do("apply", media="audio")
    await host.do("rejectAll")
    await host.do("endLive")
    figures = (await host.do("getSummary"))["summary"]
    assert figures["roomId"] == slug and figures["requests"] == {"application.rejected": 1}
    assert figures["onAir"] == [] and figures["durationS"] >= 0
    assert await viewers[1].refused("getSummary") == "FORBIDDEN"


async def test_the_staff_asks_whom_it_has_missed_and_nobody_else_does(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await live(server, host_visitor, slug)
    alice, bob = await Client.open(server, slug, ALICE), await Client.open(server, slug, BOB)
    await bob.do("apply", media="audio")
    request = (await host.do("invite", userId="alice"))["request"]
    await alice.do("respondToInvitation", requestId=request["requestId"], isAccepted=False)
    await host.do("updateRoom", seatMode="invite_only")
    told = await bob.callback("onUserConnectionCancelled")
    assert told["request"]["cause"] == "room_changed"
    missed = (await host.do("listMissed"))["missed"]
    assert [(r["user"]["userName"], r["state"]) for r in missed] == [("Bob", "void"), ("Alice", "rejected")]
    assert await alice.refused("listMissed") == "FORBIDDEN"
    await host.do("invite", userId="bob")
    assert [r["user"]["userName"] for r in (await host.do("listMissed"))["missed"]] == ["Alice"]


async def test_the_room_knows_whether_a_helper_is_there(server: Server, host_visitor: Visitor, slug: str) -> None:
    """With `isCarriedOn` the live goes on without its host while one is."""
    host = await live(server, host_visitor, slug)
    alice, bob = await Client.open(server, slug, ALICE), await Client.open(server, slug, BOB)
    await host.do("setModerator", userId="alice", isModerator=True)
    for client in (alice, bob):
        await client.close()
    back = await Client.open(server, slug, ALICE)
    await back.do("setMetadata", entries={"a": "1"})
    log = [json.loads(line) for line in server.manage("rooms", "audit", slug).splitlines()]
    lines = [(e["command"], e["fields"]) for e in log if e["role"] == "clock"]
    assert lines == [("socketsLost", {"userId": "alice"}), ("socketUp", {"userId": "alice"})]


async def test_a_command_of_who_was_banned_a_moment_ago_is_never_carried_out(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await live(server, host_visitor, slug)
    alice = await Client.open(server, slug, ALICE)
    await host.do("setModerator", userId="alice", isModerator=True)
    await host.send_raw({"type": "banUser", "ref": "ban", "userId": "alice"})
    for number in range(5):
        try:
            await alice.send_raw({"type": "setMetadata", "ref": f"m{number}", "entries": {"late": "1"}})
        except ConnectionClosed:
            break
    assert await alice.closed() == CloseCode.REMOVED
    seq = (await host.callback("onSanctionsUpdated"))["sanctions"][0]
    assert seq["kind"] == "room_ban"
    order = [c["type"] for c in host.callbacks]
    banned_at = order.index("onSanctionsUpdated")
    assert "onRoomMetadataChanged" not in order[banned_at:]
