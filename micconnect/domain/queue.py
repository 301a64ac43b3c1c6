"""The queue: who is next, when it may be somebody's turn, and how the room serves it by itself."""

from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from msgspec.structs import replace

from micconnect.domain.needs import allowed_media, is_expired
from micconnect.domain.outcome import Moment, Outcome
from micconnect.domain.room import Person, Request, RoomState
from micconnect.domain.transitions import end_request, seat
from micconnect.protocol.words import Entry, LinkMedia, RequestState, RoomStatus, SeatMode


def accept(
    room: RoomState,
    request: Request,
    media: LinkMedia,
    seat_index: int,
    operator: Person | None,
    now: datetime,
    *,
    is_given: bool = True,
) -> Outcome:
    """Seats the person of an open request. The seat must be free. `is_given`: by a person, not by the room itself.

    Whoever is held in the queue did not ask this time, so the devices wait for their owner.
    """
    ended = replace(request, media=media)
    room, moment = end_request(room, ended, RequestState.ACCEPTED, now, operator=operator)
    entry = Entry.CLOSED if request.is_held else request.entry
    seated = seat(
        room,
        request.person,
        seat_index,
        media,
        now,
        window=request.window,
        entry=entry,
        has_socket=request.gone_at is None,
        is_given=is_given,
    )
    return replace(seated, moments=(moment,), request=moment.request)


def wished_seat(room: RoomState, request: Request) -> int | None:
    """The seat wished for if it is free, else the lowest free one; None when all are taken."""
    free = room.free_seats()
    if request.seat_index in free:
        return request.seat_index
    return free[0] if free else None


def next_up(room: RoomState, now: datetime, *, with_held: bool = True) -> Request | None:
    """The first of the queue whose line is there. `with_held`: also those whom only a person may accept."""
    for request in room.applications():
        if request.gone_at is None and not is_expired(request, now) and (with_held or not request.is_held):
            return request
    return None


def accept_next(room: RoomState, operator: Person, now: datetime, *, with_held: bool = True) -> Outcome | None:
    """Seats whoever is next; None when nobody waits or no seat is free. Without the held it is the room's own doing."""
    request = next_up(room, now, with_held=with_held)
    seat_index = wished_seat(room, request) if request else None
    if request is None or seat_index is None:
        return None
    media = allowed_media(room, request.media)
    return accept(room, request, media, seat_index, operator, now, is_given=with_held)


def accept_many(room: RoomState, operator: Person, now: datetime, *, with_held: bool = True) -> Outcome:
    """Seats one after the other until no seat is free or nobody waits."""
    moments: list[Moment] = []
    accepted: list[Request] = []
    while outcome := accept_next(room, operator, now, with_held=with_held):
        room = outcome.room
        moments += outcome.moments
        accepted += [outcome.request] if outcome.request else []
    return Outcome(room=room, moments=tuple(moments), accepted=tuple(accepted), left=len(room.applications()))


def serve(outcome: Outcome, now: datetime) -> Outcome:
    """What the room does by itself after a change: with `isAutoAccepting` the queue moves up, while people may ask.

    So it does where seats are free to take: who waits there from before sits down before others can.
    """
    room = outcome.room
    mode = room.options.seat_mode
    is_serving = mode is SeatMode.FREE or (mode is SeatMode.APPLY and room.options.is_auto_accepting)
    if room.status is not RoomStatus.LIVE or not is_serving:
        return outcome
    served = accept_many(room, room.host, now, with_held=False)
    moments = (*outcome.moments, *served.moments)
    if outcome.accepted is None:
        return replace(outcome, room=served.room, moments=moments)
    accepted = (*outcome.accepted, *(served.accepted or ()))
    return replace(outcome, room=served.room, moments=moments, accepted=accepted, left=served.left)


def likely_at(room: RoomState, place: int) -> datetime | None:
    """When a seat may come to the applicant at `place`, by the limits and by how long others stayed.

    None while a seat is free (the answer is the staff's), and while nothing is known to go by.
    """
    if room.free_seats():
        return None
    stays = [c.spoken_s for c in room.ended_connections if c.seat_index and c.spoken_s]
    stay = timedelta(seconds=sum(stays) // len(stays)) if stays else None
    ends = []
    for connection in room.guests():
        if connection.ends_at:
            ends.append(connection.ends_at)
        elif stay and connection.aired_at:
            ends.append(connection.aired_at + stay)
    heapify(ends)
    for _ in range(place - 1):
        if ends:
            soonest = heappop(ends)  # the seat of somebody before, who stays as long as the others did
            if stay:
                heappush(ends, soonest + stay)
    return ends[0] if ends else None
