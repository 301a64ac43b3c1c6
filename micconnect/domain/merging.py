"""A guest who has logged in: the account takes over what the guest had in the room, and nobody sheds anything by it.

What is open goes over as it stands. Where the account has something open itself, that stays and the guest's ends.
Restrictions are copied, and the stricter of two stays: whoever logs out again is the guest with the former ones.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from micconnect.domain import internal as i
from micconnect.domain.naming import handed_over, known
from micconnect.domain.outcome import Moment, Outcome, Rules, SanctionMade
from micconnect.domain.people import ENDS, without_links_of
from micconnect.domain.room import HOST_SEAT, Actor, Connection, Person, RoomState, Sanction
from micconnect.domain.transitions import end_connection, obey_locks, void_request
from micconnect.protocol.words import SANCTIONS_MAX, ConnectionEnd, RequestKind, SanctionKind, VoidCause

Ends = tuple[VoidCause, ConnectionEnd]
GONE: Ends = (VoidCause.LEFT, ConnectionEnd.EXITED)


def person_became(room: RoomState, actor: Actor, command: i.PersonBecame, now: datetime) -> Outcome:
    """The account takes over, as often as there is anything (new) to take over; else nothing changes."""
    guest = known(room, command.old_user_id)
    if guest is None or guest.user_id in (room.host.user_id, command.user_id):
        return Outcome(room=room)
    person = known(room, command.user_id) or Person(user_id=command.user_id, name=command.name)
    if not _has_news(room, guest, person, now):
        return Outcome(room=room)
    if person.user_id == room.host.user_id:  # nothing holds a host back, and the host has a seat of their own
        room, moments = _end(room, guest, GONE, now)
        return Outcome(room=_mark(room, guest, person, now), moments=tuple(moments))
    room, told = _sanctions(room, guest, person, now)
    room, ended = _open(room, guest, person, now)
    room = _mark(_members(room, guest, person, now), guest, person, now)
    return Outcome(room=_under_restrictions(room, person), moments=(*ended, *told))


def is_due(room: RoomState, actor: Actor, now: datetime) -> bool:
    """Whether the room still holds anything of the guest whom a door has proven to be the actor now."""
    guest = known(room, actor.was) if actor.was else None
    return guest is not None and guest.user_id != actor.user_id and _has_news(room, guest, actor.person, now)


def is_stale(room: RoomState, actor: Actor) -> bool:
    """Whether the actor's ticket is of the time before this guest logged in: the browser has another name by now."""
    member = room.member(actor.user_id)
    became_at = member.became_at if member else None
    return became_at is not None and actor.proven_at is not None and actor.proven_at < became_at


def _has_news(room: RoomState, guest: Person, person: Person, now: datetime) -> bool:
    """Anything that the account has not taken over yet: whoever logs out is the guest again, and may act as such."""
    own, old = room.known(person), room.known(guest)
    is_open = bool(room.request_of(guest.user_id) or room.connection_of(guest.user_id))
    if old.became != person.user_id or is_open or old.is_moderator:
        return True
    if person.user_id == room.host.user_id:
        return False
    return old.locked_seq > own.locked_seq or any(
        _is_stricter(room.sanction(guest.user_id, kind, now), room.sanction(person.user_id, kind, now))
        for kind in SanctionKind
    )


def _mark(room: RoomState, guest: Person, person: Person, now: datetime) -> RoomState:
    """The guest's own row: restrictions stay, rights go."""
    old = room.known(guest)
    is_moderator = None if old.is_moderator else old.is_moderator
    marked = replace(old, is_moderator=is_moderator, is_here=False, became=person.user_id, became_at=now)
    return room.put_member(marked)


# -- bars and bans ----------------------------------------------------------------------------------------------------
def _is_stricter(one: Sanction | None, other: Sanction | None) -> bool:
    if one is None or other is None:
        return one is not None
    return other.until is not None and (one.until is None or one.until > other.until)


def _sanctions(room: RoomState, guest: Person, person: Person, now: datetime) -> tuple[RoomState, list[Moment]]:
    """With the guest's bar and ban for the account too, unless its own are as strict."""
    moments: list[Moment] = []
    for kind in SanctionKind:
        theirs, own = room.sanction(guest.user_id, kind, now), room.sanction(person.user_id, kind, now)
        if theirs is None or not _is_stricter(theirs, own):
            continue
        if own is None and len(room.sanctions) >= SANCTIONS_MAX:  # no room for two: it is the account's from now on
            room = room.drop_sanction(theirs)
        former = [s for s in room.sanctions if (s.person.user_id, s.kind) == (person.user_id, kind)]
        for sanction in former:  # also one whose time is over and which the clock has not ended yet
            room = room.drop_sanction(sanction)
        copy = replace(theirs, number=room.last_number + 1, person=person)
        room = replace(room, last_number=copy.number).put_sanction(copy)
        moments.append(SanctionMade(sanction=copy))
    return room, moments


# -- what is open -----------------------------------------------------------------------------------------------------
def _open(room: RoomState, guest: Person, person: Person, now: datetime) -> tuple[RoomState, list[Moment]]:
    """Request and seat go over, unless the account has one or may not; whatever else names the guest names it now."""
    kept = [s.number for s in room.sanctions if s.person.user_id == guest.user_id]
    moments: list[Moment] = []
    if ends := _ends(room, person, now):
        room, moments = _end(room, person, ends, now)
        room, gone = _end(room, guest, ends, now)
        moments += gone
    elif room.request_of(person.user_id) or room.connection_of(person.user_id):
        room, moments = _end(room, guest, GONE, now)
    return handed_over(room, guest.user_id, person, kept), moments


def _ends(room: RoomState, person: Person, now: datetime) -> Ends | None:
    """How everything open of somebody ends who is banned or barred; None for all others."""
    kinds = (SanctionKind.ROOM_BAN, SanctionKind.MIC_BAR)
    return next((ENDS[kind] for kind in kinds if room.sanction(person.user_id, kind, now)), None)


def _end(room: RoomState, person: Person, ends: Ends, now: datetime) -> tuple[RoomState, list[Moment]]:
    """Without the person's open request and seat."""
    cause, reason = ends
    room, moments = void_request(room, person.user_id, cause, now)
    if connection := room.connection_of(person.user_id):
        room, gone = end_connection(room, connection, reason, now)
        moments.append(gone)
    return room, moments


def _under_restrictions(room: RoomState, person: Person) -> RoomState:
    """With the open request and the seat as what is remembered of the person has them."""
    member = room.known(person)
    request = room.request_of(person.user_id)
    if request and request.kind is RequestKind.APPLICATION:
        is_held = request.is_held or member.is_held
        ours = replace(request, is_held=is_held, refusals=member.refusals, has_account=True)
        room = room.put_request(ours)
    connection = room.connection_of(person.user_id)
    if connection and connection.seat_index != HOST_SEAT:
        room = room.put_connection(obey_locks(room, _limited(connection, member.limit_s)))
    return room


def _limited(connection: Connection, limit_s: int) -> Connection:
    """The time on the stage ends as the shorter of both limits has it."""
    limit_s = _shorter(connection.limit_s, limit_s)
    if limit_s == connection.limit_s or connection.aired_at is None:
        return replace(connection, limit_s=limit_s)
    return replace(connection, limit_s=limit_s, ends_at=connection.aired_at + timedelta(seconds=limit_s))


# -- what is remembered -----------------------------------------------------------------------------------------------
def _members(room: RoomState, guest: Person, person: Person, now: datetime) -> RoomState:
    """With the account's row as strict as the two are together. What counts adds up, once."""
    own, old = room.known(person), room.known(guest)
    add = sum if old.became != person.user_id else max
    is_moderator = old.is_moderator if own.is_moderator is None else own.is_moderator
    if room.is_banned(person.user_id, now):
        is_moderator = False
    member = replace(
        own,
        is_moderator=is_moderator,
        spoken_s=add((own.spoken_s, old.spoken_s)),
        turns=add((own.turns, old.turns)),
        refusals=add((own.refusals, old.refusals)),
        is_here=bool(is_moderator) and (own.is_here or old.is_here),
        locked_seq=max(own.locked_seq, old.locked_seq),
        limit_s=_shorter(own.limit_s, old.limit_s),
        left_s=_shorter(own.left_s, old.left_s),
        is_backstage=own.is_backstage or old.is_backstage,
        is_held=own.is_held or old.is_held,
        can_apply_at=max((at for at in (own.can_apply_at, old.can_apply_at) if at), default=None),
    )
    for device in old.locked():
        member = member.with_lock(device, is_locked=True)
    room = room.put_member(member)
    return without_links_of(room, person.user_id) if is_moderator is False else room


def _shorter(one: int, other: int) -> int:
    """The shorter of two limits in seconds, of which 0 is none."""
    return min(one, other) if one and other else one or other


RULES: Rules = {i.PersonBecame: person_became}
