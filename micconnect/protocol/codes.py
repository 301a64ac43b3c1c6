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
    COME_BACK = "COME_BACK"
    ROOM_NOT_LIVE = "ROOM_NOT_LIVE"
    ROOM_ENDED = "ROOM_ENDED"
    ALREADY_LIVE = "ALREADY_LIVE"
    ALREADY_PENDING = "ALREADY_PENDING"
    ALREADY_HANDLED = "ALREADY_HANDLED"
    ALREADY_ON_SEAT = "ALREADY_ON_SEAT"
    NOT_ON_SEAT = "NOT_ON_SEAT"
    OTHER_WINDOW = "OTHER_WINDOW"
    NO_SUCH_REQUEST = "NO_SUCH_REQUEST"
    NO_SUCH_USER = "NO_SUCH_USER"
    SEATS_FULL = "SEATS_FULL"
    QUEUE_FULL = "QUEUE_FULL"
    COOL_DOWN = "COOL_DOWN"
    DEVICE_LOCKED = "DEVICE_LOCKED"
    AUDIO_ONLY = "AUDIO_ONLY"
    BAD_SDP = "BAD_SDP"
    MEDIA_UNAVAILABLE = "MEDIA_UNAVAILABLE"
    SEAT_MODE = "SEAT_MODE"
    REQUESTS_PAUSED = "REQUESTS_PAUSED"
    LOGIN_REQUIRED = "LOGIN_REQUIRED"
    NAME_REQUIRED = "NAME_REQUIRED"
    TOO_EARLY = "TOO_EARLY"
    TURNS_USED = "TURNS_USED"
    HELD = "HELD"
    ALREADY_APPEALED = "ALREADY_APPEALED"
    NO_SUCH_SEAT = "NO_SUCH_SEAT"
    SEAT_LOCKED = "SEAT_LOCKED"
    SEAT_TAKEN = "SEAT_TAKEN"
    SEATS_OCCUPIED = "SEATS_OCCUPIED"
    LAYOUT_FROZEN = "LAYOUT_FROZEN"
    HOST_HERE = "HOST_HERE"
    SCREEN_TAKEN = "SCREEN_TAKEN"
    NOT_READY = "NOT_READY"
    BARRED = "BARRED"
    BANNED = "BANNED"
    NO_SUCH_LINK = "NO_SUCH_LINK"
    NO_SUCH_SANCTION = "NO_SUCH_SANCTION"
    TOO_MANY = "TOO_MANY"
    METADATA_FULL = "METADATA_FULL"
    BLANK_TEXT = "BLANK_TEXT"
    BAD_COVER = "BAD_COVER"
    NOTHING_TO_UNDO = "NOTHING_TO_UNDO"
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
    ErrorCode.COME_BACK: ("Many people are arriving. Come back after the pause in the details.", True),
    ErrorCode.ROOM_NOT_LIVE: ("The host is not live yet.", True),
    ErrorCode.ROOM_ENDED: ("The live has ended.", False),
    ErrorCode.ALREADY_LIVE: ("The room is live already.", False),
    ErrorCode.ALREADY_PENDING: ("There is an open request already; it is in the result.", False),
    ErrorCode.ALREADY_HANDLED: ("This request was handled already; the details say how and by whom.", False),
    ErrorCode.ALREADY_ON_SEAT: ("This person is on a seat already.", False),
    ErrorCode.NOT_ON_SEAT: ("This person is on no seat.", False),
    ErrorCode.OTHER_WINDOW: (
        "You are on air in another window. Bring the seat to this one (bringHere), then try again.",
        False,
    ),
    ErrorCode.NO_SUCH_REQUEST: ("There is no such request.", False),
    ErrorCode.NO_SUCH_USER: ("This person is not in the room.", True),
    ErrorCode.SEATS_FULL: ("All seats are taken. The request stays open; free a seat first.", True),
    ErrorCode.QUEUE_FULL: ("The queue is full. Try again when it is shorter.", True),
    ErrorCode.COOL_DOWN: ("Wait a little before asking again; the details say until when.", True),
    ErrorCode.DEVICE_LOCKED: ("The host has locked this device.", True),
    ErrorCode.AUDIO_ONLY: ("This seat is for sound only.", False),
    ErrorCode.BAD_SDP: ("The browser's media offer was refused; the details say which part.", False),
    ErrorCode.MEDIA_UNAVAILABLE: ("The media server is not ready. Sound and picture will come back.", True),
    ErrorCode.SEAT_MODE: ("The room's seat mode does not allow this; the details say the mode.", True),
    ErrorCode.REQUESTS_PAUSED: ("The host takes no requests just now.", True),
    ErrorCode.LOGIN_REQUIRED: ("Sign in to ask for a seat in this room.", False),
    ErrorCode.NAME_REQUIRED: ("Choose a name first. In this room nobody goes on air under a made-up one.", False),
    ErrorCode.TOO_EARLY: ("Watch a little longer before asking; the details say until when.", True),
    ErrorCode.TURNS_USED: ("You were on air as often as this room allows; the details say how often.", False),
    ErrorCode.HELD: ("The staff took you off the seat and gives you the next turn itself.", True),
    ErrorCode.ALREADY_APPEALED: ("The staff has your word on this already.", False),
    ErrorCode.NO_SUCH_SEAT: ("The room has no such seat.", False),
    ErrorCode.SEAT_LOCKED: ("This seat is locked.", True),
    ErrorCode.SEAT_TAKEN: ("This seat is taken; the details say by whom.", True),
    ErrorCode.SEATS_OCCUPIED: ("People sit on seats that would be gone. Free or move them first.", True),
    ErrorCode.LAYOUT_FROZEN: ("Portrait and landscape cannot be changed while the room is live.", False),
    ErrorCode.HOST_HERE: ("The live waits for nobody: the host is here, or somebody carries on.", True),
    ErrorCode.SCREEN_TAKEN: ("Somebody else shares a screen; the details say who.", True),
    ErrorCode.NOT_READY: ("This guest has not finished the device check.", True),
    ErrorCode.BARRED: ("This person may not go on air in this room; the details say until when.", True),
    ErrorCode.BANNED: ("This person may not be in this room; the details say until when.", True),
    ErrorCode.NO_SUCH_LINK: ("This invitation link is wrong, used up, expired or withdrawn.", False),
    ErrorCode.NO_SUCH_SANCTION: ("There is no such sanction in force.", False),
    ErrorCode.TOO_MANY: ("The room has as many of these as it may; the details say how many.", False),
    ErrorCode.METADATA_FULL: ("The room holds as many metadata keys as it may. Remove some first.", False),
    ErrorCode.BLANK_TEXT: ("Nothing of this text can be seen. Write at least one visible character.", False),
    ErrorCode.BAD_COVER: (
        "A cover is the https address of a picture, or a path on this site that begins with one slash.",
        False,
    ),
    ErrorCode.NOTHING_TO_UNDO: ("Others have changed this since: there is nothing left to take back.", False),
    ErrorCode.TRY_LATER: ("The server is busy. Nothing was changed; try again.", True),
    ErrorCode.INTERNAL: ("Something went wrong on the server. It has been logged.", True),
}


NUMBERS: dict[ErrorCode, int] = {
    ErrorCode.BAD_FRAME: -1001,
    ErrorCode.TOO_LARGE: -1001,
    ErrorCode.TOO_FAST: -2,
    ErrorCode.HELLO_FIRST: -2101,
    ErrorCode.VERSION: -1,
    ErrorCode.BAD_TICKET: -1002,
    ErrorCode.NO_ROOM: 100004,
    ErrorCode.FORBIDDEN: 100006,
    ErrorCode.TOO_MANY_SOCKETS: 100013,
    ErrorCode.COME_BACK: -2,
    ErrorCode.ROOM_NOT_LIVE: -2101,
    ErrorCode.ROOM_ENDED: 100004,
    ErrorCode.ALREADY_LIVE: -3,
    ErrorCode.ALREADY_PENDING: 100102,
    ErrorCode.ALREADY_HANDLED: -2311,
    ErrorCode.ALREADY_ON_SEAT: 100203,
    ErrorCode.NOT_ON_SEAT: 100206,
    ErrorCode.OTHER_WINDOW: -1,
    ErrorCode.NO_SUCH_REQUEST: -2311,
    ErrorCode.NO_SUCH_USER: -2200,
    ErrorCode.SEATS_FULL: 100205,
    ErrorCode.QUEUE_FULL: 100013,
    ErrorCode.COOL_DOWN: 100012,
    ErrorCode.DEVICE_LOCKED: -2360,
    ErrorCode.AUDIO_ONLY: -2371,
    ErrorCode.BAD_SDP: 100002,
    ErrorCode.MEDIA_UNAVAILABLE: -1,
    ErrorCode.SEAT_MODE: 100211,
    ErrorCode.REQUESTS_PAUSED: 100211,
    ErrorCode.LOGIN_REQUIRED: -1002,
    ErrorCode.NAME_REQUIRED: -1002,
    ErrorCode.TOO_EARLY: 100012,
    ErrorCode.TURNS_USED: 100013,
    ErrorCode.HELD: 100211,
    ErrorCode.ALREADY_APPEALED: -3,
    ErrorCode.NO_SUCH_SEAT: -2344,
    ErrorCode.SEAT_LOCKED: 100200,
    ErrorCode.SEAT_TAKEN: 100210,
    ErrorCode.SEATS_OCCUPIED: 100210,
    ErrorCode.LAYOUT_FROZEN: 100002,
    ErrorCode.HOST_HERE: -1,
    ErrorCode.SCREEN_TAKEN: -2373,
    ErrorCode.NOT_READY: -1,
    ErrorCode.BARRED: 100017,
    ErrorCode.BANNED: 100016,
    ErrorCode.NO_SUCH_LINK: -2311,
    ErrorCode.NO_SUCH_SANCTION: -2311,
    ErrorCode.TOO_MANY: 100013,
    ErrorCode.METADATA_FULL: 100500,
    ErrorCode.BLANK_TEXT: 100002,
    ErrorCode.BAD_COVER: 100002,
    ErrorCode.NOTHING_TO_UNDO: -1,
    ErrorCode.TRY_LATER: -1,
    ErrorCode.INTERNAL: -1,
}
"""The seed system's number that is nearest to each of our codes; -1 is its "failed"."""


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
    LEFT = 4014


CLOSES: dict[int, tuple[str, bool]] = {
    CloseCode.GOING_AWAY: ("The server is restarting.", True),
    CloseCode.TOO_LARGE: ("A message was too large.", False),
    CloseCode.LOGIN: ("The join ticket was not accepted. Get a new one.", True),
    CloseCode.BAD_FRAMES: ("Too many frames were not understood.", False),
    CloseCode.FORBIDDEN: ("This page may not connect here.", False),
    CloseCode.NO_ROOM: ("There is no such room.", False),
    CloseCode.SLOW: ("The connection was too slow to keep up.", True),
    CloseCode.SESSION_OVER: ("The live has ended.", False),
    CloseCode.TAKEN_OVER: ("This window has a newer connection to the room.", False),
    CloseCode.REMOVED: ("Removed from the room.", False),
    CloseCode.VERSION: ("This page is older than the server. Reload it.", False),
    CloseCode.FULL: ("Too many connections. Try again later.", True),
    CloseCode.LEFT: ("You left the room.", False),
}
