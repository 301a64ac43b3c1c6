"""What Janus says, as far as it is read here. Whatever else stands in its messages is passed over."""

from typing import Any

import msgspec
from msgspec import Raw, Struct, field

NO_SUCH_SESSION = 458
NO_SUCH_HANDLE = 459
NO_SUCH_ROOM = 426
ROOM_EXISTS = 427
NO_SUCH_FEED = 428


class JanusError(Exception):
    """Janus has refused a request. `code` is one of its own."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{text} ({code})")
        self.code = code
        self.text = text


class Fault(Struct):
    code: int
    reason: str = ""


class PluginData(Struct):
    data: Raw = Raw(b"{}")


class Jsep(Struct):
    sdp: str = ""


class Numbered(Struct):
    id: int = 0


class Reply(Struct):
    """One message of the API or the admin API: a reply if `transaction` says so, else news about `sender`."""

    janus: str
    transaction: str = ""
    sender: int = 0
    receiving: bool = False
    reason: str = ""
    error: Fault | None = None
    data: Numbered | None = None
    plugindata: PluginData | None = None
    jsep: Jsep | None = None
    sessions: tuple[int, ...] = ()
    handles: tuple[int, ...] = ()
    info: Raw = Raw(b"{}")


class Stream(Struct):
    """One m-line of a publisher or a subscriber. `feed_id` and `feed_mid`: what a subscriber's m-line carries."""

    type: str
    mid: str = ""
    mindex: int = 0
    codec: str = ""
    disabled: bool = False
    ready: bool = False
    feed_id: str = ""
    feed_mid: str = ""
    talking: bool = False
    dbov: int = field(default=0, name="audio-level-dBov")


class Participant(Struct):
    id: str
    display: str = ""
    dummy: bool = False
    is_remote: bool = field(default=False, name="remote")


class Forwarder(Struct):
    stream_id: int = 0
    ssrc: int = 0


class ForwardedFeed(Struct):
    publisher_id: str = ""
    forwarders: tuple[Forwarder, ...] = ()


class RoomEntry(Struct):
    room: str
    description: str = ""


class RoomReply(Struct):
    """What the VideoRoom plugin says."""

    videoroom: str = ""
    error_code: int | None = None
    error: str = ""
    streams: tuple[Stream, ...] = ()
    participants: tuple[Participant, ...] = ()
    publishers: tuple[ForwardedFeed, ...] = ()
    rooms: tuple[RoomEntry, ...] = field(default=(), name="list")
    port: int = 0
    rtcp_port: int = 0
    average_dbov: float | None = field(default=None, name="audio-level-dBov-avg")


class Specific(Struct):
    """The VideoRoom's part of a handle. `type`: publisher, subscriber, or none."""

    type: str = "none"
    room: str = ""
    id: str = ""
    display: str = ""
    streams: tuple[Stream, ...] = ()
    answered: bool = False


class Sdps(Struct):
    remote: str = ""


class Rtcp(Struct):
    lost: int = 0
    rtt: int = 0


class RtcpStreams(Struct):
    main: Rtcp = field(default_factory=Rtcp)


class Counts(Struct):
    packets: int = 0
    bytes: int = 0


class InOut(Struct):
    come: Counts = field(default_factory=Counts, name="in")
    out: Counts = field(default_factory=Counts)


class Medium(Struct):
    """What came and went on one m-line since its beginning."""

    type: str
    rtcp: RtcpStreams = field(default_factory=RtcpStreams)
    stats: InOut = field(default_factory=InOut)


class Dtls(Struct):
    ready: bool = False


class WebRtc(Struct):
    dtls: Dtls = field(default_factory=Dtls)
    media: dict[str, Medium] = {}


class Handle(Struct):
    """One handle as the admin API shows it."""

    handle_id: int = 0
    opaque_id: str = ""
    plugin_specific: Specific = field(default_factory=Specific)
    sdps: Sdps = field(default_factory=Sdps)
    webrtc: WebRtc = field(default_factory=WebRtc)


decode_reply = msgspec.json.Decoder(Reply).decode
decode_room = msgspec.json.Decoder(RoomReply).decode
decode_handle = msgspec.json.Decoder(Handle).decode


def room_part(reply: Reply) -> RoomReply:
    """What the plugin said in a message; an empty reply if the message is not the plugin's."""
    return decode_room(reply.plugindata.data) if reply.plugindata is not None else RoomReply()


def encode(request: dict[str, Any]) -> str:
    """A request as text."""
    return msgspec.json.encode(request).decode()
