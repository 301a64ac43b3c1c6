"""The host's absence: how long the live waits for its host, and who carries it on meanwhile."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from micconnect.domain import needs
from micconnect.domain.outcome import Outcome, Rules
from micconnect.domain.room import Actor, Person, RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import RoomEnd, RoomStatus


def begins(room: RoomState, now: datetime) -> RoomState:
    """The host's last line is gone; in a live that goes on only."""
    if room.status is not RoomStatus.LIVE or room.host_away_since is not None:
        return room
    return replace(room, host_away_since=now)


def ends(room: RoomState) -> RoomState:
    """The host is back, and leads the show again."""
    return replace(room, host_away_since=None, host_away_until=None, carrier=None)


def follow(room: RoomState, now: datetime) -> RoomState:
    """Whoever may carry the live on does so; when nobody does (any more), the wait for the host begins.

    A carrier who goes stays named, and carries on again when back in time.
    """
    if room.host_away_since is None:
        return room
    if carrier := _carrier(room):
        return replace(room, carrier=carrier, host_away_until=None)
    return replace(room, host_away_until=room.host_away_until or now + _wait(room))


def _carrier(room: RoomState) -> Person | None:
    helpers = [m.person for m in room.members if m.is_moderator and m.is_here]
    known = next((p for p in helpers if room.carrier and p.user_id == room.carrier.user_id), None)
    return known or (helpers[0] if helpers and room.options.is_carried_on else None)


def carrier(room: RoomState) -> Person | None:
    """Who carries the live on at the moment; None while its host is there, and while it waits."""
    return room.carrier if room.host_away_until is None else None


def is_over(room: RoomState, now: datetime) -> bool:
    """Whether the live has waited long enough."""
    return room.host_away_until is not None and room.host_away_until <= now


def reason(room: RoomState) -> RoomEnd:
    """Why a live ends that has waited long enough."""
    return RoomEnd.HELPER_AWAY if room.carrier else RoomEnd.HOST_AWAY


def wait_changed(room: RoomState, seconds: int) -> RoomState:
    """The option is longer by so many seconds (shorter if negative): so is the wait that runs."""
    until = room.host_away_until
    return replace(room, host_away_until=until and until + timedelta(seconds=seconds))


def _wait(room: RoomState) -> timedelta:
    return timedelta(seconds=room.options.host_away_s)


# -- what a helper can do ---------------------------------------------------------------------------------------------
def carry_on(room: RoomState, actor: Actor, command: c.CarryOn, now: datetime) -> Outcome:
    """A helper goes on without the host, also where the room does not do so by itself."""
    needs.need_staff(room, actor)
    needs.need_live(room)
    needs.need(room.host_away_since is not None, ErrorCode.HOST_HERE)
    member = room.member(actor.user_id)
    needs.need(member is not None and member.is_moderator is True and member.is_here, ErrorCode.FORBIDDEN)
    return Outcome(room=replace(room, carrier=actor.person, host_away_until=None))


def wait_longer(room: RoomState, actor: Actor, command: c.WaitLonger, now: datetime) -> Outcome:
    """The wait for the host begins anew. Nobody waits while somebody carries on."""
    needs.need_staff(room, actor)
    needs.need_live(room)
    needs.need(room.host_away_until is not None, ErrorCode.HOST_HERE)
    return Outcome(room=replace(room, host_away_until=now + _wait(room)))


RULES: Rules = {c.CarryOn: carry_on, c.WaitLonger: wait_longer}
