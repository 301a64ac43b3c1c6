"""The language between the web process and the forwarder: one JSON object per line, requests one way, the rest back."""

from typing import Any

import msgspec
from msgspec import Struct

from micconnect.media.base import Feed, FeedEvent, FeedStats, KeptWatch, SeatGrant, WatchOffer
from micconnect.protocol.words import Device

LINE_MAX_BYTES = 1024 * 1024


class Request(Struct, frozen=True, tag=True):
    """Base of all requests; the answer repeats `ref`."""

    ref: int


class Publish(Request, frozen=True):
    """`order` grows with each call that was made; of two for one grant the higher one is the newer."""

    grant: SeatGrant
    sdp: str
    order: int


class Watch(Request, frozen=True):
    """`pictures`: None for a picture of every seat, else how many moving ones."""

    room_id: str
    viewer_id: str
    seats: int
    is_staff: bool
    pictures: int | None
    note: str
    window: str = ""


class Show(Request, frozen=True):
    """`seats`: of the moving pictures, in the order of their slots."""

    room_id: str
    seats: tuple[int, ...]


class ListWatches(Request, frozen=True):
    pass


class Answer(Request, frozen=True):
    watch_id: str
    sdp: str


class CloseWatch(Request, frozen=True):
    watch_id: str


class Mute(Request, frozen=True):
    room_id: str
    grant_id: str
    device: Device
    is_muted: bool


class Backstage(Request, frozen=True):
    room_id: str
    grant_id: str
    is_backstage: bool


class Place(Request, frozen=True):
    """`places`: the new seat_index by grant_id."""

    room_id: str
    places: dict[str, int]


class Cut(Request, frozen=True):
    room_id: str
    grant_id: str


class CloseRoom(Request, frozen=True):
    room_id: str


class Snapshot(Request, frozen=True):
    room_id: str


class Measure(Request, frozen=True):
    room_id: str


class ListRooms(Request, frozen=True):
    pass


class GetDetails(Request, frozen=True):
    pass


class TrackDetails(Struct, frozen=True):
    """One published track. `level`: of sound in -dBov, 0 loudest, 127 silence, None unknown."""

    grant_id: str
    kind: str
    packets: int
    octets: int
    dropped: int
    level: int | None


class Details(Struct, frozen=True):
    """What the forwarder did since its start (`cpu_s`, `forwarded` packets) and what it holds now."""

    cpu_s: float
    rooms: int
    feeds: int
    watches: int
    tasks: int
    files: int
    forwarded: int
    tracks: tuple[TrackDetails, ...]


class Done(Struct, frozen=True, tag=True):
    """A request was carried out; the fields its kind promises are set."""

    ref: int
    sdp: str = ""
    offer: WatchOffer | None = None
    feeds: tuple[Feed, ...] = ()
    stats: tuple[FeedStats, ...] = ()
    watches: tuple[KeptWatch, ...] = ()
    rooms: tuple[str, ...] = ()
    details: Details | None = None


class Refused(Struct, frozen=True, tag=True):
    """A request was refused for a reason that may be shown."""

    ref: int
    text: str


class Failed(Struct, frozen=True, tag=True):
    """A request could not be carried out now."""

    ref: int
    text: str


class Ready(Struct, frozen=True, tag=True):
    """The first line of a forwarder: it takes requests."""

    address: str


AtOnce = CloseWatch | Show | Mute | Backstage | Place | Cut | CloseRoom
AnyRequest = Publish | Watch | Answer | Snapshot | Measure | ListWatches | ListRooms | GetDetails | AtOnce
Reply = Done | Refused | Failed
Output = Reply | Ready | FeedEvent

_encoder = msgspec.json.Encoder()
decode_request: "msgspec.json.Decoder[AnyRequest]" = msgspec.json.Decoder(AnyRequest)
decode_output: "msgspec.json.Decoder[Output]" = msgspec.json.Decoder(Output)


def to_line(message: Any) -> bytes:
    """The message as one line of at most LINE_MAX_BYTES; JSON never holds a bare newline."""
    return _encoder.encode(message) + b"\n"
