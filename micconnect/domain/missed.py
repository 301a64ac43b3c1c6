"""Requests that came to nothing without the staff's doing, so that the staff can make up for them."""

from datetime import datetime, timedelta

from micconnect.domain.room import Request, RoomState
from micconnect.protocol.words import RequestKind, RequestState, VoidCause

KEPT = timedelta(minutes=15)

A, N, S = RequestKind.APPLICATION, RequestKind.INVITATION, RequestState
MISSED = frozenset({(A, S.TIMEOUT), (N, S.TIMEOUT), (N, S.REJECTED)})
CAUSES = frozenset({VoidCause.LEFT, VoidCause.ROOM_CHANGED})


def missed(room: RoomState, now: datetime) -> tuple[Request, ...]:
    """Each person's last request, if it was missed lately and nothing has come of the person since; newest first."""
    last = {request.person.user_id: request for request in room.ended_requests}
    return tuple(r for r in reversed(room.ended_requests) if last[r.person.user_id] is r and _is_missed(room, r, now))


def _is_missed(room: RoomState, request: Request, now: datetime) -> bool:
    user_id = request.person.user_id
    is_unanswered = (request.kind, request.state) in MISSED or request.cause in CAUSES
    if not is_unanswered or request.ended_at is None or request.ended_at + KEPT <= now:
        return False
    if room.request_of(user_id) or any(s.person.user_id == user_id for s in room.sanctions):
        return False
    connections = (*room.connections, *room.ended_connections)
    return not any(c.person.user_id == user_id and c.number > request.number for c in connections)
