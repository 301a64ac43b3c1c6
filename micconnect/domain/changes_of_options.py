"""Options that are changed while people wait or sit: what comes of those people. docs/options.md has it as a table."""

from datetime import datetime

from msgspec.structs import replace

from micconnect.domain.outcome import Moment
from micconnect.domain.room import Request, RoomState
from micconnect.domain.transitions import end_request
from micconnect.protocol.words import Device, DeviceState, LinkMedia, RequestKind, RequestState, SeatMode, VoidCause

PICTURES = (Device.CAMERA, Device.SCREEN)


def follow(room: RoomState, now: datetime) -> tuple[RoomState, list[Moment]]:
    """The room after its options have changed: nobody waits for what cannot come, and shows what is not wanted."""
    moments: list[Moment] = []
    for request in room.requests:
        if not may_wait(room, request):
            room, ended = end_request(room, request, RequestState.VOID, now, cause=VoidCause.ROOM_CHANGED)
            moments.append(ended)
    return _without_pictures(room) if room.is_audio_only else room, moments


def may_wait(room: RoomState, request: Request) -> bool:
    """Whether the room, as it is now, still has a way to a seat for such a request.

    The staff's own word counts wherever anybody comes on air: an invitation, and the next turn of who was returned.
    """
    options = room.options
    if options.seat_mode is SeatMode.CLOSED:
        return False
    if request.kind is RequestKind.INVITATION or request.is_held:
        return True
    return options.seat_mode is not SeatMode.INVITE_ONLY and (request.has_account or not options.needs_login)


def _without_pictures(room: RoomState) -> RoomState:
    """With every guest by sound only; what they sent as picture until now is shut."""
    for guest in room.guests():
        if guest.media is LinkMedia.AUDIO:
            continue
        asked = None if guest.asked in PICTURES else guest.asked
        asks = None if guest.asks in PICTURES else guest.asks
        shut = tuple(device for device in guest.shut if device not in PICTURES)
        heard = replace(guest, media=LinkMedia.AUDIO, asked=asked, asks=asks, shut=shut)
        for device in PICTURES:
            heard = heard.with_device(device, DeviceState.CLOSED)
        room = room.put_connection(heard)
    return room
