"""Ways off a seat and onto one, as Bob may try them one after the other."""

from collections.abc import Callable
from datetime import datetime

import pytest
from msgspec.structs import replace

from micconnect.domain import internal as i
from micconnect.domain.room import Actor, Person, RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.words import MovePolicy, SeatMode
from tests.unit import rooms as r

Way = Callable[[RoomState, datetime], RoomState]
BOB_RENAMED = replace(r.BOB, person=Person(user_id="bob", name="Robert"))
BOB_ELSEWHERE = replace(r.BOB, window="w2")


# -- ways off a seat, and ways onto one -------------------------------------------------------------------------------
def lost(room: RoomState, now: datetime) -> RoomState:
    return r.ticked(r.act(room, r.CLOCK, i.SocketsLost("bob"), now), now + (r.after(30) - r.NOW))


def media_failed(room: RoomState, now: datetime) -> RoomState:
    number = r.connection_of(room, r.BOB).number
    return r.ticked(r.act(room, r.MEDIA, i.MediaGone(number), now), now + (r.after(30) - r.NOW))


def time_up(room: RoomState, now: datetime) -> RoomState:
    room = r.act(room, r.HOST, c.SetTimeLimit("bob", 10), now)
    room = r.ticked(room, now + (r.after(10) - r.NOW))
    return room.put_member(replace(room.known(r.BOB.person), limit_s=0))


def replaced(room: RoomState, now: datetime) -> RoomState:
    room = r.placed(room, r.ERIN, now)
    seats = [r.connection_of(room, who).seat_index for who in (r.BOB, r.ERIN)]
    assert seats == [1, 2]
    room = r.act(room, r.HOST, c.MoveSeat(1, "erin", MovePolicy.REPLACE), now)
    return r.act(room, r.HOST, c.DisconnectUser("erin"), now)


def seat_locked(room: RoomState, now: datetime) -> RoomState:
    room = r.act(room, r.HOST, c.LockSeat(1, is_locked=True), now)
    return r.act(room, r.HOST, c.LockSeat(1, is_locked=False), now)


def barred_and_free_again(room: RoomState, now: datetime) -> RoomState:
    room = r.act(room, r.HOST, c.BarUser("bob"), now)
    return r.act(room, r.HOST, c.LiftSanction(room.sanctions[0].sanction_id), now)


def banned_and_free_again(room: RoomState, now: datetime) -> RoomState:
    room = r.act(room, r.HOST, c.BanUser("bob"), now)
    return r.act(room, r.HOST, c.LiftSanction(room.sanctions[0].sanction_id), now)


OFF: dict[str, Way] = {
    "leaves the seat": lambda room, now: r.act(room, r.BOB, c.LeaveSeat(), now),
    "leaves the room": lambda room, now: r.act(room, r.BOB, c.Leave(), now),
    "is taken off": lambda room, now: r.act(room, r.HOST, c.DisconnectUser("bob"), now),
    "is lost": lost,
    "brings no media": media_failed,
    "is out of time": time_up,
    "is replaced": replaced,
    "has a locked seat": seat_locked,
    "is barred for a while": barred_and_free_again,
    "is banned for a while": banned_and_free_again,
}


def sits_down(room: RoomState, now: datetime) -> RoomState:
    return r.act(r.with_options(room, seat_mode=SeatMode.FREE), r.BOB, c.TakeSeat(), now)


def sits_down_renamed(room: RoomState, now: datetime) -> RoomState:
    return r.act(r.with_options(room, seat_mode=SeatMode.FREE), BOB_RENAMED, c.TakeSeat(), now)


def asks_and_is_accepted(room: RoomState, now: datetime) -> RoomState:
    room = r.applied(room, r.BOB, now)
    return r.act(room, r.HOST, r.answer(room, r.BOB), now)


def is_next(room: RoomState, now: datetime) -> RoomState:
    return r.act(r.applied(room, r.BOB, now), r.HOST, c.AcceptNext(), now)


def is_one_of_all(room: RoomState, now: datetime) -> RoomState:
    return r.act(r.applied(room, r.BOB, now), r.HOST, c.AcceptAll(), now)


def is_accepted_by_the_room(room: RoomState, now: datetime) -> RoomState:
    return r.applied(r.with_options(room, is_auto_accepting=True), r.BOB, now)


def is_invited(room: RoomState, now: datetime) -> RoomState:
    room = r.invited(room, r.BOB, now)
    return r.act(room, r.BOB, r.reply(room, r.BOB), now)


def is_placed(room: RoomState, now: datetime) -> RoomState:
    return r.placed(room, r.BOB, now)


def linked(room: RoomState, now: datetime, who: Actor = r.BOB) -> tuple[RoomState, Actor]:
    """With a fresh link, and `who` holding its token."""
    room = r.act(room, r.HOST, c.CreateInviteLink(), now)
    return room, replace(who, link=room.links[-1].number)


def follows_a_link(room: RoomState, now: datetime) -> RoomState:
    room, holder = linked(room, now)
    return r.act(room, holder, c.UseInviteLink("t"), now)


def takes_over_by_rotation(room: RoomState, now: datetime) -> RoomState:
    """Erin's time is up, and the first of the queue follows."""
    room = r.heard(r.placed(r.with_options(room, is_rotating=True), r.ERIN, now), r.ERIN, now)
    room = r.act(room, r.HOST, c.SetTimeLimit("erin", 10), now)
    return r.ticked(r.applied(room, r.BOB, now), now + (r.after(10) - r.NOW))


BY_ONESELF: dict[str, Way] = {
    "sits down": sits_down,
    "sits down by another name": sits_down_renamed,
    "is accepted by the room": is_accepted_by_the_room,
    "follows a link": follows_a_link,
    "takes over by rotation": takes_over_by_rotation,
}
GIVEN: dict[str, Way] = {
    "asks and is accepted": asks_and_is_accepted,
    "is next": is_next,
    "is one of all": is_one_of_all,
    "is invited": is_invited,
    "is placed": is_placed,
}
ON = BY_ONESELF | GIVEN


def by_way(ways: dict[str, Way], name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(name, ways.values(), ids=[key.replace(" ", "-") for key in ways])


def returned_and_accepted(room: RoomState, now: datetime) -> RoomState:
    room = r.act(room, r.HOST, c.ReturnToQueue("bob"), now)
    return r.act(room, r.HOST, r.answer(room, r.BOB), now)


def changed_places(room: RoomState, now: datetime) -> RoomState:
    return r.act(r.placed(room, r.ERIN, now), r.HOST, c.MoveSeat(2, "bob", MovePolicy.SWAP), now)


def reconnected(room: RoomState, now: datetime) -> RoomState:
    return r.act(r.act(room, r.CLOCK, i.SocketsLost("bob"), now), r.CLOCK, i.SocketUp("bob"), now)


def with_a_new_media_server(room: RoomState, now: datetime) -> RoomState:
    return r.act(r.act(room, r.MEDIA, i.MediaServerLost(), now), r.MEDIA, i.MediaServerBack(), now)


def a_helper_for_a_while(room: RoomState, now: datetime) -> RoomState:
    room = r.helped(room, r.BOB)
    return r.act(room, r.HOST, c.SetModerator("bob", False), now)


STAY: dict[str, Way] = {
    "returned and accepted": returned_and_accepted,
    "moves": lambda room, now: r.act(room, r.BOB, c.MoveSeat(7), now),
    "changes places": changed_places,
    "reconnects": reconnected,
    "publishes anew": with_a_new_media_server,
    "all lines were cut": lambda room, now: r.act(room, r.CLOCK, i.AllSocketsLost(), now),
    "is a helper for a while": a_helper_for_a_while,
    "goes to another window": lambda room, now: r.act(room, BOB_ELSEWHERE, c.BringHere(), now),
}
