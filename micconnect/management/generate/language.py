"""The wire language read from its own structs: messages, fields, words and limits, ready to be printed."""

from enum import StrEnum
from types import ModuleType
from typing import Any, cast, get_args

from msgspec import NODEFAULT, Struct, inspect

from micconnect.domain.notices import ON_CONNECTION_END, ON_REQUEST
from micconnect.protocol import callbacks as cb
from micconnect.protocol import codes, commands, frames, queries, views, words
from micconnect.protocol.callbacks import Lane
from micconnect.protocol.words import ConnectionEnd, Wire

WHO = (
    "Host",
    "Staff",
    "Anyone",
    "Viewer",
    "Audience",
    "Applicant",
    "Invitee",
    "Guest",
    "Person on air",
    "Person barred from the mic",
)
"""The openings by which a command's docstring says who may send it."""

WITHOUT_REF = (queries.Hello, queries.Resume, queries.Ping)


class FieldInfo(Struct, frozen=True):
    """One field as it stands on the wire. `default` is None for a required field, else the default's JSON value.

    `is_left_out`: without a value it does not stand there at all.
    """

    name: str
    type: inspect.Type
    is_required: bool
    default: Any = None
    is_left_out: bool = False


class MessageInfo(Struct, frozen=True):
    """One struct of the wire. `tag` is empty for a thing that is only talked about."""

    cls: type[Struct]
    tag: str
    text: str
    who: str
    fields: tuple[FieldInfo, ...]

    @property
    def name(self) -> str:
        """The name of the struct, the same in Python, in the typedefs and in the schemas."""
        return self.cls.__name__


def message(cls: type[Struct]) -> MessageInfo:
    """What a struct of the wire is called, who may say it, and what it holds."""
    info = cast(inspect.StructType, inspect.type_info(cls))
    who, _, rest = own_text(cls).partition(": ")
    is_led = who in WHO
    return MessageInfo(
        cls=cls,
        tag=str(info.tag or ""),
        text=rest if is_led else own_text(cls),
        who=who if is_led else "Anyone",
        fields=tuple(
            FieldInfo(f.encode_name, f.type, f.required, _default(f), is_left_out=_is_left_out(f)) for f in info.fields
        ),
    )


def own_text(cls: type) -> str:
    """The docstring as one flowing text; empty when the class has none of its own."""
    return " ".join((cls.__dict__.get("__doc__") or "").split())


def _default(field: inspect.Field) -> Any:
    if field.default is not NODEFAULT:
        return field.default
    return None if field.default_factory is NODEFAULT else field.default_factory()


def _is_left_out(field: inspect.Field) -> bool:
    """A field whose default is UNSET, which `inspect` shows as one that has none and is not required."""
    return not field.required and field.default is NODEFAULT and field.default_factory is NODEFAULT


def _defined(module: ModuleType, base: type) -> list[type]:
    """The subclasses of `base` that a module itself defines, in their order."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == module.__name__
    ]


def limits() -> dict[str, int]:
    """The named limits of the wire with their values."""
    return {name: value for name, value in vars(words).items() if name.isupper() and isinstance(value, int)}


def layout_seats() -> dict[str, int]:
    """How many guests each layout can show."""
    return {layout.value: seats for layout, seats in words.LAYOUT_SEATS.items()}


def word_lists() -> list[type[StrEnum]]:
    """The closed lists of words (roles, states, reasons, error codes, lanes)."""
    return [enum for module in (words, codes, cb) for enum in _defined(module, StrEnum)]


def close_names() -> dict[str, int]:
    """The close codes by name."""
    return {name: value for name, value in vars(codes.CloseCode).items() if name.isupper()}


def thing_messages() -> list[MessageInfo]:
    """The things that are talked about, in the order in which they build on each other."""
    return [message(cls) for cls in (*_defined(views, Wire), queries.Cursors)]


def command_messages() -> list[MessageInfo]:
    """What changes a room."""
    return [message(cls) for cls in commands.COMMAND_TYPES]


def query_messages() -> list[MessageInfo]:
    """What a client says besides commands."""
    said = get_args(queries.ClientMessage)
    return [message(cls) for cls in said if cls not in commands.COMMAND_TYPES]


def callback_messages() -> list[MessageInfo]:
    """What a client hears of a change."""
    return [message(cls) for cls in cb.CALLBACK_TYPES]


def is_any_callback(kind: inspect.UnionType) -> bool:
    """Whether a type is the union of all callbacks, which goes by one name instead of by its members."""
    return {getattr(member, "cls", None) for member in kind.types} == set(cb.CALLBACK_TYPES)


def frame_messages() -> list[MessageInfo]:
    """The frames of the server."""
    return [message(cls) for cls in get_args(frames.ServerMessage)]


def lanes(callback: type[Struct]) -> tuple[Lane, ...]:
    """The lanes on which a callback may arrive, in the order room, staff, me."""
    if callback in LANES:
        return LANES[callback]
    told = {lane for row in ON_REQUEST.values() for lane, kind in row if kind is callback}
    return tuple(lane for lane in Lane if lane in told)


NEW_HELPERS_TOO = (Lane.STAFF, Lane.ME)
"""The staff's own lists also go to somebody who has just become a helper and was not on the staff's lane before."""

LANES: dict[type[Struct], tuple[Lane, ...]] = {
    cb.OnLiveInfoChanged: (Lane.ROOM,),
    cb.OnConnectedUsersUpdated: (Lane.ROOM,),
    cb.OnSeatListChanged: (Lane.ROOM,),
    cb.OnRoomMetadataChanged: (Lane.ROOM,),
    cb.OnRequestsUpdated: NEW_HELPERS_TOO,
    cb.OnSanctionsUpdated: NEW_HELPERS_TOO,
    cb.OnInviteLinksUpdated: NEW_HELPERS_TOO,
    cb.OnMyStateUpdated: (Lane.ME,),
    cb.OnRoomUserCountChanged: (Lane.ROOM,),
    cb.OnUserVoiceVolumeChanged: (Lane.ROOM,),
    cb.OnUserNetworkQualityChanged: (Lane.ROOM,),
    cb.OnMediaServerChanged: (Lane.ROOM,),
    cb.OnPicturesChanged: (Lane.ROOM,),
    cb.OnMediaMoved: (Lane.ROOM,),
    cb.OnUserConnectionTerminated: ON_CONNECTION_END[ConnectionEnd.TERMINATED],
    cb.OnUserConnectionExited: ON_CONNECTION_END[ConnectionEnd.EXITED],
    cb.OnLocalDeviceClosedByAdmin: (Lane.ME,),
    cb.OnLocalDeviceOpenedByAdmin: (Lane.ME,),
    cb.OnDeviceAsked: (Lane.ME,),
    cb.OnDeviceRequested: (Lane.STAFF,),
    cb.OnBarredFromMic: (Lane.ME,),
    cb.OnKickedOutOfRoom: (Lane.ME,),
    cb.OnSanctionLifted: (Lane.ME,),
    cb.OnRoomDismissed: (Lane.ROOM,),
}
