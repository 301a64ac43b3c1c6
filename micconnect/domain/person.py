"""Who people are, and what a room remembers of each of them."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from micconnect.protocol.words import Device


class Value(Struct, frozen=True, kw_only=True):
    """Base of all room values."""


class Person(Value, frozen=True):
    user_id: str
    name: str


class Member(Value, frozen=True):
    """What the room remembers of a person beyond one request or connection, on the seat and off it.

    `is_moderator`: granted or ended by the host, None: as the ticket says. `spoken_s`: on the stage in this show;
    `turns`: how often on a guest seat. `is_here`: has a line; kept for helpers only. `is_…_locked`: by the staff,
    until the staff lifts it; `locked_seq`: the room's seq when the last lock was set. `limit_s`: the staff's limit of
    each of the person's turns, 0: as the room says; `left_s`: what was left of it when the person went before the time
    was up. `is_backstage`: sent behind the stage; `is_held`:
    returned to the queue. These three last until a person of the staff gives the next turn. `refusals`: how often
    rejected in this show; `can_apply_at`: no application before. `became`: user id of the account that this guest has
    logged in to, empty for none; at `became_at` it took over what the guest had in the room.
    """

    person: Person
    is_moderator: bool | None = None
    spoken_s: int = 0
    turns: int = 0
    is_here: bool = False
    is_microphone_locked: bool = False
    is_camera_locked: bool = False
    is_screen_locked: bool = False
    locked_seq: int = 0
    limit_s: int = 0
    left_s: int = 0
    is_backstage: bool = False
    is_held: bool = False
    refusals: int = 0
    can_apply_at: datetime | None = None
    became: str = ""
    became_at: datetime | None = None

    def locked(self) -> tuple[Device, ...]:
        """The devices that the staff has locked for this person."""
        return tuple(device for device in Device if getattr(self, _lock_of(device)))

    def with_lock(self, device: Device, *, is_locked: bool) -> "Member":
        return replace(self, **{_lock_of(device): is_locked})


def _lock_of(device: Device) -> str:
    return f"is_{device.value}_locked"
