"""What may happen in a room: `decide` takes a room, an actor, a command and the time, and answers or refuses.

The rules themselves stand in the modules named by what they are about; each is a function of the same four.
"""

from datetime import datetime

from msgspec.structs import replace

from micconnect.domain import (
    absence,
    asking,
    clock,
    devices,
    inviting,
    lines,
    merging,
    needs,
    people,
    seating,
    show,
    waits,
)
from micconnect.domain.internal import AnyCommand, Internal
from micconnect.domain.naming import known
from micconnect.domain.outcome import Outcome, Rules
from micconnect.domain.queue import serve
from micconnect.domain.room import Actor, RoomState
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import Role

RULES: Rules = {
    **show.RULES,
    **asking.RULES,
    **inviting.RULES,
    **seating.RULES,
    **devices.RULES,
    **people.RULES,
    **merging.RULES,
    **lines.RULES,
    **absence.RULES,
    **clock.RULES,
}


def decide(room: RoomState, actor: Actor, command: AnyCommand, now: datetime) -> Outcome:
    """What the command makes of the room.

    Returns an Outcome whose room has `seq` + 1, or the very same room when nothing changed.
    Raises Refused with a code; the room then stays as it is. A person has one name in the room, whichever window
    speaks: the one that the room knows, until a door tells of another (`Renamed`).
    """
    actor = replace(actor, role=room.role_of(actor), person=known(room, actor.user_id) or actor.person)
    if room.invitee:
        room = replace(room, invitee=known(room, room.invitee.user_id) or room.invitee)
    if isinstance(command, Internal):
        needs.need(actor.role in needs.OURSELVES, ErrorCode.FORBIDDEN)
    elif actor.role not in (Role.ADMIN, Role.SERVER):  # a banned person has no say, whatever the ticket says
        needs.need(not merging.is_stale(room, actor), ErrorCode.BAD_TICKET)
        needs.need_not_banned(room, actor.user_id, now)
    outcome = serve(RULES[type(command)](room, actor, command, now), now)
    changed = replace(waits.run(absence.follow(outcome.room, now), now), invitee=None, seq=room.seq)
    if outcome.request:  # the room may have served it, or its wait may run, by now
        outcome = replace(outcome, request=changed.find_request(outcome.request.request_id))
    if changed == replace(room, invitee=None):
        return replace(outcome, room=changed)
    return replace(outcome, room=replace(changed, seq=room.seq + 1))
