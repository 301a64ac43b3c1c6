"""People and rooms for the tests: host, alice (audience), bob (on a seat), mallory (host of another room)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from micconnect.domain.internal import AnyCommand, MediaUp, Tick
from micconnect.domain.outcome import Outcome, Refused
from micconnect.domain.room import Actor, Connection, Person, Request, RoomState, Sanction
from micconnect.domain.rules import decide
from micconnect.domain.transitions import feed_of
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import LinkMedia, RemovalReason, Role, SanctionKind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def actor(user_id: str, role: Role) -> Actor:
    """Somebody, with the name that the id suggests."""
    return Actor(person=Person(user_id=user_id, name=user_id.title()), role=role)


def at(who: Actor, window: str) -> Actor:
    """Somebody in one of several windows."""
    return replace(who, window=window)


def viewer(user_id: str) -> Actor:
    return actor(user_id, Role.AUDIENCE)


HOST, MONA = actor("host", Role.HOST), actor("mona", Role.MODERATOR)
ADA, SERVER = actor("ada", Role.ADMIN), actor("server", Role.SERVER)
CLOCK, MEDIA = actor("clock", Role.CLOCK), actor("media", Role.MEDIA)
ALICE, BOB, CAROL, DORA, ERIN = map(viewer, ("alice", "bob", "carol", "dora", "erin"))
MALLORY = actor("mallory", Role.HOST)


def after(seconds: float) -> datetime:
    """The moment so many seconds after NOW."""
    return NOW + timedelta(seconds=seconds)


def idle_room(**options: Any) -> RoomState:
    """A room before its show, with these options."""
    return RoomState(slug="show", host=HOST.person, options=RoomOptions(**{"title": "Show", **options}), epoch="e")


def live_room(**options: Any) -> RoomState:
    """The host is on air and heard."""
    room = act(idle_room(**options), HOST, c.GoLive())
    return heard(room, HOST) if room.connections else room


def ended_room() -> RoomState:
    return act(live_room(), HOST, c.EndLive())


def with_options(room: RoomState, **options: Any) -> RoomState:
    """The room as if these options had always been set."""
    return replace(room, options=replace(room.options, **options))


def decided(room: RoomState, who: Actor, command: AnyCommand, now: datetime = NOW) -> Outcome:
    return decide(room, who, command, now)


def act(room: RoomState, who: Actor, command: AnyCommand, now: datetime = NOW) -> RoomState:
    """The room after the command."""
    return decide(room, who, command, now).room


def refused(room: RoomState, who: Actor, command: AnyCommand, now: datetime = NOW) -> Refused:
    """How the command is refused; fails when it is not."""
    with pytest.raises(Refused) as caught:
        decide(room, who, command, now)
    return caught.value


def code(room: RoomState, who: Actor, command: AnyCommand, now: datetime = NOW) -> ErrorCode:
    """With which code the command is refused."""
    return refused(room, who, command, now).code


def present(room: RoomState, who: Actor) -> RoomState:
    """With `who` looked up by the door, for a command about them."""
    return replace(room, invitee=who.person)


def applied(room: RoomState, who: Actor, now: datetime = NOW, **fields: Any) -> RoomState:
    return act(room, who, c.Apply(**{"media": LinkMedia.VIDEO, **fields}), now)


def invited(room: RoomState, who: Actor, now: datetime = NOW, by: Actor = HOST, **fields: Any) -> RoomState:
    return act(present(room, who), by, c.Invite(user_id=who.user_id, **fields), now)


def placed(room: RoomState, who: Actor, now: datetime = NOW, **fields: Any) -> RoomState:
    """With `who` put on a seat by the host, not heard yet."""
    return act(present(room, who), HOST, c.PlaceUser(user_id=who.user_id, **fields), now)


def barred(room: RoomState, count: int) -> RoomState:
    """With so many strangers barred from the mic for ever."""
    strangers = (Person(user_id=f"stranger{n}", name="Stranger") for n in range(count))
    bars = tuple(
        Sanction(
            number=room.last_number + n,
            kind=SanctionKind.MIC_BAR,
            person=person,
            operator=HOST.person,
            created_at=NOW,
            until=None,
            reason=RemovalReason.OTHER,
        )
        for n, person in enumerate(strangers, start=1)
    )
    return replace(room, last_number=room.last_number + count, sanctions=(*room.sanctions, *bars))


def helped(room: RoomState, who: Actor) -> RoomState:
    """With `who` made a helper by the host."""
    return act(present(room, who), HOST, c.SetModerator(who.user_id, True))


def request_of(room: RoomState, who: Actor) -> Request:
    """The open request of somebody who must have one."""
    request = room.request_of(who.user_id)
    assert request is not None
    return request


def connection_of(room: RoomState, who: Actor) -> Connection:
    """The connection of somebody who must be on a seat."""
    connection = room.connection_of(who.user_id)
    assert connection is not None
    return connection


def answer(room: RoomState, who: Actor, *, is_accepted: bool = True, **fields: Any) -> c.RespondToApplication:
    """The staff's answer to the open application of `who`."""
    return c.RespondToApplication(request_of(room, who).request_id, is_accepted, **fields)


def reply(room: RoomState, who: Actor, *, is_accepted: bool = True, **fields: Any) -> c.RespondToInvitation:
    """The invitee's answer to the open invitation of `who`."""
    return c.RespondToInvitation(request_of(room, who).request_id, is_accepted, **fields)


def seated(room: RoomState, who: Actor, now: datetime = NOW, *, is_heard: bool = True, **fields: Any) -> RoomState:
    """With `who` on the next free seat."""
    room = applied(room, who, now, **fields)
    room = act(room, HOST, answer(room, who), now)
    return heard(room, who, now) if is_heard else room


def heard(room: RoomState, who: Actor, now: datetime = NOW) -> RoomState:
    return act(room, MEDIA, MediaUp(number=feed_of(connection_of(room, who))), now)


def ticked(room: RoomState, now: datetime) -> RoomState:
    return act(room, CLOCK, Tick(), now)
