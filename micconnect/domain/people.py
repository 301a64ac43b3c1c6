"""Helpers, bars and bans: off the seat, barred from the mic and banned from the room are three different things."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from micconnect.domain import needs
from micconnect.domain.outcome import Moment, Outcome, Refused, Rules, SanctionEnded, SanctionMade
from micconnect.domain.room import Actor, Person, RoomState, Sanction
from micconnect.domain.transitions import end_connection, void_request
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import (
    MODERATORS_MAX,
    SANCTIONS_MAX,
    ConnectionEnd,
    SanctionKind,
    VoidCause,
)

ENDS = {
    SanctionKind.MIC_BAR: (VoidCause.BARRED, ConnectionEnd.BARRED),
    SanctionKind.ROOM_BAN: (VoidCause.BANNED, ConnectionEnd.BANNED),
}


def set_moderator(room: RoomState, actor: Actor, command: c.SetModerator, now: datetime) -> Outcome:
    """The host makes somebody a helper or ends it; it goes before what any ticket says, for good."""
    needs.need_owner(room, actor)
    needs.need(command.user_id != room.host.user_id, ErrorCode.FORBIDDEN)
    person = needs.somebody(room, command.user_id)
    member = room.known(person)
    if member.is_moderator is command.is_moderator:
        return Outcome(room=room)
    if command.is_moderator:
        needs.need_not_banned(room, command.user_id, now)
    if command.is_moderator and len(room.moderators()) >= MODERATORS_MAX:
        raise Refused(ErrorCode.TOO_MANY, {"limit": MODERATORS_MAX})
    if not command.is_moderator:
        room = without_links_of(room, command.user_id)
    is_here = command.is_moderator and room.invitee == person
    return Outcome(room=room.put_member(replace(member, is_moderator=command.is_moderator, is_here=is_here)))


def bar_user(room: RoomState, actor: Actor, command: c.BarUser, now: datetime) -> Outcome:
    """No seat for this person for a while."""
    return _sanction(room, actor, command, SanctionKind.MIC_BAR, now)


def ban_user(room: RoomState, actor: Actor, command: c.BanUser, now: datetime) -> Outcome:
    """Out of the room for a while. A banned helper is none any more, also when the ban is over."""
    return _sanction(room, actor, command, SanctionKind.ROOM_BAN, now)


def _sanction(
    room: RoomState, actor: Actor, command: c.BarUser | c.BanUser, kind: SanctionKind, now: datetime
) -> Outcome:
    needs.need_staff(room, actor)
    needs.need_not_ended(room)
    person = needs.somebody(room, command.user_id)
    _need_may_sanction(room, actor, person)
    former = next((s for s in room.sanctions if (s.person.user_id, s.kind) == (person.user_id, kind)), None)
    if former is None and len(room.sanctions) >= SANCTIONS_MAX:
        raise Refused(ErrorCode.TOO_MANY, {"limit": SANCTIONS_MAX})
    if former:  # the newer word counts
        room = room.drop_sanction(former)
    sanction = Sanction(
        number=room.last_number + 1,
        kind=kind,
        person=person,
        operator=actor.person,
        created_at=now,
        until=now + timedelta(seconds=command.seconds) if command.seconds else None,
        reason=command.reason,
        note=command.note,
    )
    room = replace(room, last_number=sanction.number).put_sanction(sanction)
    cause, end = ENDS[kind]
    moments: list[Moment]
    room, moments = void_request(room, person.user_id, cause, now, operator=actor.person)
    if connection := room.connection_of(person.user_id):
        connection = replace(connection, reason=command.reason, note=command.note)
        room, gone = end_connection(room, connection, end, now, operator=actor.person)
        moments.append(gone)
    if kind is SanctionKind.ROOM_BAN:
        room = room.put_member(replace(room.known(person), is_moderator=False, is_here=False))
        room = without_links_of(room, person.user_id)
    return Outcome(room=room, moments=(*moments, SanctionMade(sanction=sanction)), sanction=sanction)


def without_links_of(room: RoomState, user_id: str) -> RoomState:
    """Whoever loses the right to make links cannot seat people by those made before."""
    return replace(room, links=tuple(link for link in room.links if link.operator.user_id != user_id))


def _need_may_sanction(room: RoomState, actor: Actor, person: Person) -> None:
    """Nobody sanctions the host or themselves, nor takes that back; a helper sanctions no other helper."""
    needs.need(person.user_id not in (room.host.user_id, actor.user_id), ErrorCode.FORBIDDEN)
    member = room.member(person.user_id)
    is_helper = member is not None and member.is_moderator is True
    needs.need(not is_helper or actor.role in needs.OWNERS, ErrorCode.FORBIDDEN)


def lift_sanction(room: RoomState, actor: Actor, command: c.LiftSanction, now: datetime) -> Outcome:
    """The staff ends a bar or a ban before its time."""
    needs.need_staff(room, actor)
    sanction = next((s for s in room.sanctions if s.sanction_id == command.sanction_id), None)
    if sanction is None:
        raise Refused(ErrorCode.NO_SUCH_SANCTION)
    _need_may_sanction(room, actor, sanction.person)
    moments: list[Moment] = []
    for one in _alike(room, sanction):
        room = room.drop_sanction(one)
        moments.append(SanctionEnded(sanction=one))
    return Outcome(room=room, moments=tuple(moments), sanction=sanction)


def _alike(room: RoomState, sanction: Sanction) -> list[Sanction]:
    """The sanction, and those of its kind that the same person has as guest and by account."""
    user_id = sanction.person.user_id
    guests = {member.person.user_id for member in room.members if member.became == user_id}
    names = {user_id, room.known(sanction.person).became} | guests
    return [one for one in room.sanctions if one.kind is sanction.kind and one.person.user_id in names]


def appeal_bar(room: RoomState, actor: Actor, command: c.AppealBar, now: datetime) -> Outcome:
    """The barred person has one say; the staff reads it beside the bar."""
    bar = room.sanction(actor.user_id, SanctionKind.MIC_BAR, now)
    if bar is None:
        raise Refused(ErrorCode.NO_SUCH_SANCTION)
    needs.need(not bar.appeal, ErrorCode.ALREADY_APPEALED)
    needs.need(bool(command.note), ErrorCode.BLANK_TEXT)
    bar = replace(bar, appeal=command.note)
    return Outcome(room=room.put_sanction(bar), sanction=bar)


RULES: Rules = {
    c.SetModerator: set_moderator,
    c.BarUser: bar_user,
    c.BanUser: ban_user,
    c.LiftSanction: lift_sanction,
    c.AppealBar: appeal_bar,
}
