"""What is written on the things in Janus, so that whoever comes after us knows what they are: Janus itself keeps it.

Every handle has one mark for all its life (its opaque id). A line has a state besides, which changes (its display
name).
"""

import hashlib
import hmac

import msgspec
from msgspec import Struct

from micconnect.media.base import KeptWatch, SeatGrant
from micconnect.media.flow import KINDS
from micconnect.protocol.words import Device

VERSION = 1  # of all that is written here: a session of another one is not gone on with


class ControlMark(Struct, frozen=True, tag="control"):
    """The handle for orders about rooms; there is one in every session of ours.

    `installation` tells us from others who use the same Janus.
    """

    installation: str
    generation: int
    version: int = VERSION


class LineMark(Struct, frozen=True, tag="line"):
    """The publisher of a grant. Of several lines of one grant that with the highest number counts."""

    number: int
    grant: SeatGrant


class WatchMark(Struct, frozen=True, tag="watch"):
    """The subscriber of one viewer. `pictures` as at `MediaBackend.open_watch`; `home`: the server of the stage."""

    home: str
    watch_id: str
    room_id: str
    viewer_id: str
    is_staff: bool
    seats: int
    pictures: int | None
    note: str
    window: str = ""

    @property
    def kept(self) -> KeptWatch:
        """The same, as the caller wants to know it."""
        return KeptWatch(
            watch_id=self.watch_id,
            room_id=self.room_id,
            viewer_id=self.viewer_id,
            is_staff=self.is_staff,
            note=self.note,
            window=self.window,
        )


Mark = ControlMark | LineMark | WatchMark

_decoder: msgspec.json.Decoder[Mark] = msgspec.json.Decoder(Mark)


def write(mark: Mark) -> str:
    """A mark as an opaque id."""
    return msgspec.json.encode(mark).decode()


def read(opaque_id: str) -> Mark | None:
    """The mark of a handle; None if it is not one of ours."""
    try:
        return _decoder.decode(opaque_id)
    except msgspec.DecodeError:
        return None


class LineState(Struct):
    """What may change of a line while it lives."""

    seat: int
    is_backstage: bool
    audio_muted: bool
    video_muted: bool
    is_up: bool = False
    stalled: tuple[Device, ...] = ()

    def write(self) -> str:
        """The state as a display name; it comes along in many messages, so it is short."""
        stalls = (device in self.stalled for device in KINDS)
        flags = (self.is_backstage, self.audio_muted, self.video_muted, self.is_up, *stalls)
        return f"{self.seat},{''.join(str(int(flag)) for flag in flags)}"

    @classmethod
    def read(cls, display: str, grant: SeatGrant) -> "LineState":
        """The state in a display name; what cannot be read is as silent as can be."""
        seat, _, flags = display.partition(",")
        try:
            backstage, audio, video, up, *stalls = (bool(int(flag)) for flag in flags)
            stalls = stalls or [False] * len(KINDS)  # written by a version that did not know of them
            stalled = tuple(device for device, is_stalled in zip(KINDS, stalls, strict=True) if is_stalled)
            return cls(int(seat), backstage, audio, video, up, stalled)
        except ValueError:
            return cls(grant.seat_index, is_backstage=True, audio_muted=True, video_muted=True)


class RoomNames:
    """The names and secrets of rooms in Janus: any slug will do, and who knows the key finds them again."""

    def __init__(self, key: str) -> None:
        self.key = key

    def _digest(self, purpose: str, room_id: str) -> str:
        return hmac.new(self.key.encode(), f"{purpose}\0{room_id}".encode(), hashlib.sha256).hexdigest()

    @property
    def installation(self) -> str:
        """Whose the rooms are."""
        return self._digest("installation", "")[:16]

    def name(self, room_id: str) -> str:
        """What Janus calls the room."""
        return f"mic-{self._digest('name', room_id)[:24]}"

    def secret(self, room_id: str) -> str:
        """What Janus wants to hear before it changes anything in the room."""
        return self._digest("secret", room_id)
