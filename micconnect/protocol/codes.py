"""The closed lists of refusals and of close codes, with their texts."""

from enum import StrEnum

from micconnect.protocol.words import FRAME_MAX_BYTES, WIRE_VERSION


class ErrorCode(StrEnum):
    """The closed list of refusals; text and `temporary` stand in ERRORS."""

    BAD_FRAME = "BAD_FRAME"
    TOO_LARGE = "TOO_LARGE"
    TOO_FAST = "TOO_FAST"
    HELLO_FIRST = "HELLO_FIRST"
    VERSION = "VERSION"
    BAD_TICKET = "BAD_TICKET"
    NO_ROOM = "NO_ROOM"
    FORBIDDEN = "FORBIDDEN"
    TOO_MANY_SOCKETS = "TOO_MANY_SOCKETS"
    ROOM_NOT_LIVE = "ROOM_NOT_LIVE"
    ROOM_ENDED = "ROOM_ENDED"
    ALREADY_LIVE = "ALREADY_LIVE"
    ALREADY_PENDING = "ALREADY_PENDING"
    ALREADY_HANDLED = "ALREADY_HANDLED"
    ALREADY_ON_SEAT = "ALREADY_ON_SEAT"
    NOT_ON_SEAT = "NOT_ON_SEAT"
    NO_SUCH_REQUEST = "NO_SUCH_REQUEST"
    NO_SUCH_USER = "NO_SUCH_USER"
    SEATS_FULL = "SEATS_FULL"
    QUEUE_FULL = "QUEUE_FULL"
    COOL_DOWN = "COOL_DOWN"
    DEVICE_LOCKED = "DEVICE_LOCKED"
    AUDIO_ONLY = "AUDIO_ONLY"
    BAD_SDP = "BAD_SDP"
    MEDIA_UNAVAILABLE = "MEDIA_UNAVAILABLE"
    TRY_LATER = "TRY_LATER"
    INTERNAL = "INTERNAL"


ERRORS: dict[ErrorCode, tuple[str, bool]] = {
    ErrorCode.BAD_FRAME: ("This frame is not one of the protocol's. See the field named in the details.", False),
    ErrorCode.TOO_LARGE: (f"A frame may hold at most {FRAME_MAX_BYTES} bytes.", False),
    ErrorCode.TOO_FAST: ("Too many messages. Wait a moment, then send again.", True),
    ErrorCode.HELLO_FIRST: ("The first frame must be a hello with a join ticket.", False),
    ErrorCode.VERSION: (f"This server speaks wire version {WIRE_VERSION}. Reload the page.", False),
    ErrorCode.BAD_TICKET: ("The join ticket is wrong or too old. Get a new one and connect again.", True),
    ErrorCode.NO_ROOM: ("There is no such room.", False),
    ErrorCode.FORBIDDEN: ("Your role in this room does not allow this.", False),
    ErrorCode.TOO_MANY_SOCKETS: ("Too many windows of yours are open in this room. Close one.", True),
    ErrorCode.ROOM_NOT_LIVE: ("The host is not live yet.", True),
    ErrorCode.ROOM_ENDED: ("The live has ended.", False),
    ErrorCode.ALREADY_LIVE: ("The room is live already.", False),
    ErrorCode.ALREADY_PENDING: ("There is an open request already; it is in the result.", False),
    ErrorCode.ALREADY_HANDLED: ("This request was handled already; the details say how and by whom.", False),
    ErrorCode.ALREADY_ON_SEAT: ("This person is on a seat already.", False),
    ErrorCode.NOT_ON_SEAT: ("This person is on no seat.", False),
    ErrorCode.NO_SUCH_REQUEST: ("There is no such request.", False),
    ErrorCode.NO_SUCH_USER: ("This person is not in the room.", True),
    ErrorCode.SEATS_FULL: ("All seats are taken. The request stays open; free a seat first.", True),
    ErrorCode.QUEUE_FULL: ("The queue is full. Try again when it is shorter.", True),
    ErrorCode.COOL_DOWN: ("Wait a little before asking again; the details say until when.", True),
    ErrorCode.DEVICE_LOCKED: ("The host has locked this device.", True),
    ErrorCode.AUDIO_ONLY: ("This seat is for sound only.", False),
    ErrorCode.BAD_SDP: ("The browser's media offer was refused; the details say which part.", False),
    ErrorCode.MEDIA_UNAVAILABLE: ("The media server is not ready. Sound and picture will come back.", True),
    ErrorCode.TRY_LATER: ("The server is busy. Nothing was changed; try again.", True),
    ErrorCode.INTERNAL: ("Something went wrong on the server. It has been logged.", True),
}


class CloseCode:
    """WebSocket close codes; CLOSES says for each what a client should do."""

    GOING_AWAY = 1001
    TOO_LARGE = 1009
    LOGIN = 4001
    BAD_FRAMES = 4002
    FORBIDDEN = 4003
    NO_ROOM = 4004
    SLOW = 4008
    SESSION_OVER = 4009
    TAKEN_OVER = 4010
    REMOVED = 4011
    VERSION = 4012
    FULL = 4013


CLOSES: dict[int, tuple[str, bool]] = {
    CloseCode.GOING_AWAY: ("The server is restarting.", True),
    CloseCode.TOO_LARGE: ("A message was too large.", False),
    CloseCode.LOGIN: ("The join ticket was not accepted. Get a new one.", True),
    CloseCode.BAD_FRAMES: ("Too many frames were not understood.", False),
    CloseCode.FORBIDDEN: ("This page may not connect here.", False),
    CloseCode.NO_ROOM: ("There is no such room.", False),
    CloseCode.SLOW: ("The connection was too slow to keep up.", True),
    CloseCode.SESSION_OVER: ("The live has ended.", False),
    CloseCode.TAKEN_OVER: ("Opened in another window.", False),
    CloseCode.REMOVED: ("Removed from the room.", False),
    CloseCode.VERSION: ("This page is older than the server. Reload it.", False),
    CloseCode.FULL: ("Too many connections. Try again later.", True),
}
