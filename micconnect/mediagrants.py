"""What a room means for its media: who is heard and seen, who is shown what, what a feed's coming and going tells."""

from msgspec.structs import replace

from micconnect.domain.internal import AnyCommand, MediaGone, MediaStalled, MediaUp, ScreenGone, ScreenStalled
from micconnect.domain.needs import STAFF
from micconnect.domain.room import Actor, Connection, RoomState
from micconnect.domain.transitions import feed_of
from micconnect.media.base import SCREEN_PLACE, FeedEvent, FeedGone, FeedStalled, FeedUp, SeatGrant
from micconnect.protocol.words import Device, DeviceState, LinkMedia, Role


def grant_id(room: RoomState, name: str) -> str:
    """Names one time on air, or one opening of a screen, for the media server; never used again.

    `name`: `feed_name` or `screen_name`. Not even a restart uses it again: the epoch is in it.
    """
    return f"{room.slug}.{room.epoch}.{name}"


def feed_name(connection: Connection) -> str:
    """What one window sends for a connection; another one's sound and picture are another feed."""
    return f"c{feed_of(connection)}"


def screen_name(screen_number: int) -> str:
    """One opening of a shared screen."""
    return f"s{screen_number}"


def grants(room: RoomState) -> list[SeatGrant]:
    """Who should be heard and seen in the room now, and whose screen."""
    found: list[SeatGrant] = []
    for connection in room.connections:
        own = SeatGrant(
            grant_id=grant_id(room, feed_name(connection)),
            room_id=room.slug,
            user_id=connection.person.user_id,
            seat_index=connection.seat_index,
            has_video=connection.media is LinkMedia.VIDEO,
            audio_muted=room.device_state(connection, Device.MICROPHONE) is not DeviceState.OPEN,
            video_muted=room.device_state(connection, Device.CAMERA) is not DeviceState.OPEN,
            is_backstage=connection.is_backstage,
            window=connection.window,
        )
        found.append(own)
        if room.device_state(connection, Device.SCREEN) is DeviceState.OPEN:
            found.append(
                replace(
                    own,
                    grant_id=grant_id(room, screen_name(connection.screen_number)),
                    seat_index=SCREEN_PLACE,
                    has_video=True,
                    audio_muted=True,
                    video_muted=False,
                )
            )
    return found


def is_shown_backstage(room: RoomState, actor: Actor) -> bool:
    """Whether somebody who watches sees and hears those behind the stage: the staff, and the host at any door."""
    role = room.role_of(actor)
    return actor.user_id == room.host.user_id or (role in STAFF and role is not Role.HOST)


def report_of(event: FeedEvent) -> AnyCommand | None:
    """What the room has to hear of a feed's event, by the kind of grant; a screen that has come is no news."""
    name = event.grant_id.rpartition(".")[2]
    number = int(name[1:])
    is_screen = name == screen_name(number)
    if isinstance(event, FeedStalled):
        if is_screen:
            return ScreenStalled(number=number, is_stalled=bool(event.devices))
        return MediaStalled(number=number, devices=event.devices)
    if is_screen:
        return ScreenGone(number=number) if isinstance(event, FeedGone) else None
    return MediaUp(number=number) if isinstance(event, FeedUp) else MediaGone(number=number)


def pictures_for(room: RoomState, actor: Actor, pictures_max: int, *, has_pictures: bool) -> int | None:
    """How many moving pictures somebody's watch has; None: a picture of every seat.

    The staff and those on air see everybody. In a room with more seats than `pictures_max`, the host's among them,
    others see so many at a time. Without `has_pictures` there are none.
    """
    if not has_pictures:
        return 0
    is_close = room.role_of(actor) in STAFF or room.connection_of(actor.user_id) is not None
    return None if is_close or room.seat_count + 1 <= pictures_max else pictures_max
