"""Whose sockets are the staff's at every moment, and whose are closed for a ban."""

import msgspec
from msgspec.structs import replace

from micconnect import roomhub
from micconnect.protocol.codes import CloseCode
from micconnect.protocol.commands import Apply, BanUser, BarUser, CancelApplication, EndLive
from micconnect.protocol.words import LinkMedia, Role
from tests.conftest import ALICE, BOB, HOST, actor
from tests.unit.house import ACCEPTED, ASKED, LIVE, House, Person, change, promoted


async def test_a_new_helper_hears_the_staffs_lane_from_that_change_on_and_a_former_one_no_more() -> None:
    house, windows, bob = House(), [Person(ALICE, f"w{n}") for n in range(2)], Person(BOB)
    for person in (*windows, bob):
        await house.join(person)
    room = house.hub.rooms["r"]
    promotion = promoted(LIVE.room, ALICE)
    house.commit(promotion)
    assert set(room.staff) == {"w0", "w1"}
    asked = change(promotion.room, BOB, Apply(media=LinkMedia.AUDIO))
    house.commit(asked)
    for window in windows:
        assert window.names.count("onUserConnectionRequest") == 1
    demotion = promoted(asked.room, ALICE, is_moderator=False)
    house.commit(demotion)
    assert room.staff == {}
    house.commit(change(demotion.room, BOB, CancelApplication()))
    for window in windows:
        assert "onUserConnectionCancelled" not in window.names
    assert "onRequestsUpdated" not in bob.names


async def test_who_joins_later_is_staff_by_what_the_host_granted_not_by_the_ticket() -> None:
    house = House()
    by_ticket = actor("Mona", Role.MODERATOR)
    promotion = promoted(LIVE.room, ALICE)
    house.log.append(promotion)
    demotion = promoted(promotion.room, by_ticket, is_moderator=False)
    house.log.append(demotion)
    alice, mona, viewer, host = Person(ALICE), Person(by_ticket), Person(BOB), Person(HOST)
    for person in (alice, mona, viewer, host):
        await house.join(person)
    pictures = [msgspec.json.decode(person.wire.frames[0]) for person in (alice, mona, viewer, host)]
    assert [p["role"] for p in pictures] == ["moderator", "audience", "audience", "host"]
    for field in ("requests", "sanctions", "links"):
        assert [p[field] is None for p in pictures] == [False, True, True, False], field
    assert [len(p["seats"]) for p in pictures] == [10] * 4 and pictures[0]["metadata"] == {}
    house.hub.leave(house.hub.rooms["r"], alice.socket)
    assert set(house.hub.rooms["r"].staff) == {"host"}


async def test_a_helper_by_ticket_is_staff_until_the_host_ends_it() -> None:
    house, mona = House(), Person(actor("Mona", Role.MODERATOR))
    room = await house.join(mona)
    assert set(room.staff) == {"mona"}
    house.commit(promoted(LIVE.room, mona.socket.actor, is_moderator=False))
    assert room.staff == {}


async def test_time_on_the_stage_places_nobody_anew() -> None:
    house, alice, host = House(), Person(ALICE), Person(HOST)
    await house.join(alice)
    await house.join(host)
    room = house.hub.rooms["r"]
    placed: list[str] = []
    room._place = lambda socket, _: placed.append(socket.socket_id)  # type: ignore[method-assign]
    house.commit(ASKED)
    house.commit(ACCEPTED)
    assert ACCEPTED.room.members is not ASKED.room.members and placed == []


# -- bans -------------------------------------------------------------------------------------------------------------
async def test_who_is_banned_hears_it_and_is_out_and_hears_nothing_more() -> None:
    house, windows, host = House(), [Person(ALICE, f"w{n}") for n in range(2)], Person(HOST)
    for person in (*windows, host):
        await house.join(person)
    ban = change(ACCEPTED.room, HOST, BanUser(user_id="alice"))
    for new in (ASKED, ACCEPTED, ban, change(ban.room, HOST, EndLive())):
        house.commit(new)
    room = house.hub.rooms["r"]
    for window in [w for w in windows if w.closed == [CloseCode.REMOVED]]:
        assert window.names[-1] == "onKickedOutOfRoom" and "onRoomDismissed" not in window.names
    assert [w.closed for w in windows] == [[CloseCode.REMOVED]] * 2
    assert list(room.sockets) == ["host"] and not room.has_line("alice") and host.closed == []


async def test_a_ban_read_from_the_log_closes_only_after_everything_before_it_was_told() -> None:
    house, alice = House(), Person(ALICE)
    await house.join(alice)
    ban = change(ACCEPTED.room, HOST, BanUser(user_id="alice"))
    newest = ban.room
    for past in (ASKED, ACCEPTED, ban):  # the log gives each change the newest value
        house.log.append(roomhub.Change(room=replace(newest, seq=past.room.seq), notices=past.notices, at=past.at))
    await house.hub.follow("r")
    assert "onUserConnectionAccepted" in alice.names and alice.names[-1] == "onKickedOutOfRoom"
    assert alice.closed == [CloseCode.REMOVED]


async def test_a_bar_from_the_mic_closes_nothing() -> None:
    house, alice = House(), Person(ALICE)
    await house.join(alice)
    for new in (ASKED, ACCEPTED, change(ACCEPTED.room, HOST, BarUser(user_id="alice"))):
        house.commit(new)
    assert "onBarredFromMic" in alice.names and alice.closed == []
