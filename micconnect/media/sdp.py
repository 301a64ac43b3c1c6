"""The filter in front of every media server: only SDP of a known, small and harmless shape gets through.

What passes is written afresh from a list of allowed lines, so whatever is not on the list (candidates, simulcast, data
channels, addresses, unknown attributes) cannot reach a media server's parser.
"""

import re

from micconnect.media.base import MediaRefused, SeatGrant
from micconnect.protocol.words import GUESTS_MAX, SDP_MAX

LINE_MAX = 512
OFFER_LINES_MAX = 500
ANSWER_LINES_MAX = 1500
ANSWER_MEDIA_MAX = 2 * (GUESTS_MAX + 1) + 1  # sound and picture of each seat, and a screen

_PROFILE = "UDP/TLS/RTP/SAVPF"
_DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
_TRANSPORT = frozenset({"fingerprint", "setup", "ice-ufrag", "ice-pwd"})
_MEDIA = _TRANSPORT | {"mid", "extmap", "msid", "rtcp-mux", "rtcp-rsize", "rtpmap", "rtcp-fb", "fmtp"} | _DIRECTIONS
_SENDER = frozenset({"ssrc", "ssrc-group"})
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\n]")
_M_LINE = re.compile(r"m=(audio|video) (\d{1,5}) (\S+)((?: \d{1,3}){1,64})")
_MID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_RTPMAP, _FMTP = "a=rtpmap:", "a=fmtp:"
_CODEC_LINES = frozenset({"a=rtpmap", "a=rtcp-fb", "a=fmtp"})


class SdpRefused(MediaRefused):
    """The SDP is not one that we take; the text says which part."""


class VideoRefused(SdpRefused):
    """A picture was offered on a seat for sound only."""


class _Section:
    """One m-line with those of its lines that may pass."""

    def __init__(self, m_line: str) -> None:
        found = _M_LINE.fullmatch(m_line)
        if found is None:
            kind = m_line[2:].partition(" ")[0][:20]
            raise SdpRefused(f"Only sound and picture may be sent, not '{kind}'.")
        self.kind, port, profile, formats = found.groups()
        if profile != _PROFILE:
            raise SdpRefused(f"Media must use {_PROFILE}.")
        self.is_stopped = port == "0"
        self.head = f"m={self.kind} 9 {_PROFILE}{formats}"
        self.lines: list[str] = []
        self.direction = ""
        self.mid = ""
        self.seen: set[str] = set()

    def add(self, line: str, allowed: frozenset[str]) -> None:
        """Take one attribute line if it is allowed. Raises SdpRefused for a second direction or mid."""
        name, _, value = line[2:].partition(":")
        if name == "bundle-only":
            # Some browsers mark lines that exist only inside the bundle with port 0; those are not stopped.
            self.is_stopped = False
        if name not in allowed:
            return
        if name in _DIRECTIONS:
            if self.direction:
                raise SdpRefused("A media line has more than one direction.")
            self.direction = name
            return  # `text` writes it
        if name == "mid":
            if self.mid or not _MID.fullmatch(value):
                raise SdpRefused("A media line needs exactly one short mid.")
            self.mid = value
        elif name == "ssrc-group" and not value.startswith("FID "):
            raise SdpRefused("Only one encoding for each media line may be sent.")
        self.seen.add(name)
        self.lines.append(line)

    def text(self, shared: list[str]) -> list[str]:
        """The section as lines; `shared` are transport lines that stood above all media lines."""
        own = [line for line in shared if line[2:].partition(":")[0] not in self.seen]
        return [self.head, "c=IN IP4 0.0.0.0", *own, f"a={self.direction}", *self.lines]


def filter_publish_offer(sdp: str, grant: SeatGrant) -> str:
    """The browser's offer cleaned for a media server: at most one sound and one picture, as the grant allows.

    Of a shared screen only the picture. Raises SdpRefused with a text for the person; VideoRefused for a picture on a
    seat for sound only.
    """
    sections, shared, bundle = _parse(sdp, OFFER_LINES_MAX, _MEDIA | _SENDER)
    kinds = [section.kind for section in sections]
    if kinds.count("audio") > 1 or kinds.count("video") > 1:
        raise SdpRefused("At most one sound and one picture may be sent.")
    if "video" in kinds and not grant.has_video:
        raise VideoRefused("This seat is for sound only.")
    if "audio" in kinds and grant.is_screen:
        raise SdpRefused("Of a shared screen only the picture may be sent.")
    for section in sections:
        if section.direction in ("recvonly", "inactive"):
            raise SdpRefused("Every media line of an offer must send.")
    return _build(sections, shared, bundle)


def filter_watch_answer(sdp: str) -> str:
    """A viewer's answer cleaned for a media server: it receives only. Raises SdpRefused."""
    sections, shared, bundle = _parse(sdp, ANSWER_LINES_MAX, frozenset(_MEDIA))
    if len(sections) > ANSWER_MEDIA_MAX:
        raise SdpRefused(f"An answer may have at most {ANSWER_MEDIA_MAX} media lines.")
    for section in sections:
        if section.direction not in ("recvonly", "inactive"):
            raise SdpRefused("A viewer cannot send media.")
    return _build(sections, shared, bundle)


def _split(sdp: str, lines_max: int) -> list[str]:
    """The lines of a text that is within all bounds."""
    if len(sdp.encode()) > SDP_MAX:
        raise SdpRefused(f"The SDP is longer than {SDP_MAX} bytes.")
    text = sdp.replace("\r\n", "\n")
    if _UNPRINTABLE.search(text):
        raise SdpRefused("The SDP contains characters that do not belong there.")
    lines = text.removesuffix("\n").split("\n")
    if len(lines) > lines_max:
        raise SdpRefused(f"The SDP has more than {lines_max} lines.")
    for line in lines:
        if len(line) > LINE_MAX:
            raise SdpRefused(f"A line of the SDP is longer than {LINE_MAX} characters.")
        if len(line) < 2 or line[1] != "=":
            raise SdpRefused("A line of the SDP is malformed.")
    if lines[0] != "v=0":
        raise SdpRefused("This is not an SDP.")
    return lines


def _parse(sdp: str, lines_max: int, allowed: frozenset[str]) -> tuple[list[_Section], list[str], list[str]]:
    """The media sections, the transport lines above them, and the mids that share one transport.

    A section that names no direction has that of the whole session, and without one `sendrecv` (RFC 8866, 6.7).
    """
    sections: list[_Section] = []
    shared: list[str] = []
    bundle: list[str] = []
    direction = ""
    for line in _split(sdp, lines_max):
        if line.startswith("m="):
            sections.append(_Section(line))
        elif not line.startswith("a="):
            continue
        elif sections:
            sections[-1].add(line, allowed)
        elif line.startswith("a=group:BUNDLE "):
            bundle = line.split(" ")[1:]
        elif line[2:] in _DIRECTIONS:
            if direction:
                raise SdpRefused("The SDP has more than one direction for all its media.")
            direction = line[2:]
        elif line[2:].partition(":")[0] in _TRANSPORT:
            shared.append(line)
    for section in sections:
        section.direction = section.direction or direction or "sendrecv"
    return sections, shared, bundle


def _build(sections: list[_Section], shared: list[str], bundle: list[str]) -> str:
    """The clean text. Raises SdpRefused if a part without which no media can flow is missing."""
    if not sections:
        raise SdpRefused("The SDP has no media.")
    # Inside a bundle the transport may be described once, above all media lines or in the first of them.
    shared += [line for line in sections[0].lines if line[2:].partition(":")[0] in _TRANSPORT]
    above = {line[2:].partition(":")[0] for line in shared}
    mids = [section.mid for section in sections]
    if len(set(mids)) != len(mids) or "" in mids:
        raise SdpRefused("Every media line needs a mid of its own.")
    if sorted(bundle) != sorted(mids):
        raise SdpRefused("All media must be bundled on one transport.")
    for section in sections:
        if section.is_stopped:
            raise SdpRefused("A media line is stopped.")
        missing = _TRANSPORT - section.seen - above
        if missing:
            raise SdpRefused(f"A media line lacks {min(missing)}.")
        if "rtcp-mux" not in section.seen:
            raise SdpRefused("A media line lacks rtcp-mux.")
    lines = ["v=0", "o=- 0 0 IN IP4 0.0.0.0", "s=-", "t=0 0", f"a=group:BUNDLE {' '.join(bundle)}"]
    for section in sections:
        lines += section.text(shared)
    return "\r\n".join(lines) + "\r\n"


def with_bandwidth(sdp: str, kbps: dict[str, int]) -> str:
    """The SDP with the highest rate for each kind of media (kbit/s), which honest browsers keep to."""
    lines: list[str] = []
    kind = ""
    for line in sdp.split("\r\n"):
        lines.append(line)
        if line.startswith("m="):
            kind = line[2:].partition(" ")[0]
        elif line.startswith("c=") and kind in kbps:
            lines += [f"b=AS:{kbps[kind]}", f"b=TIAS:{kbps[kind] * 1000}"]
    return "\r\n".join(lines)


def without_rtx(sdp: str) -> str:
    """The SDP without the extra streams for lost packets, which are then sent again as they were."""
    types = set(re.findall(r"(?m)^a=rtpmap:(\d+) rtx/", sdp))
    streams = set(re.findall(r"(?m)^a=ssrc-group:FID \d+ (\d+)", sdp))
    lines: list[str] = []
    for line in sdp.split("\r\n"):
        name, _, value = line.partition(":")
        number = value.partition(" ")[0]
        if line.startswith("m="):
            head, formats = line.split(" ")[:3], line.split(" ")[3:]
            lines.append(" ".join([*head, *(form for form in formats if form not in types)]))
        elif not (
            (name in _CODEC_LINES and number in types)
            or (name == "a=ssrc" and number in streams)
            or name == "a=ssrc-group"
        ):
            lines.append(line)
    return "\r\n".join(lines)


def with_dtx(sdp: str) -> str:
    """The SDP with Opus told to send next to nothing of silence, which few browsers ask for by themselves."""
    lines = sdp.split("\r\n")
    opus = {line[len(_RTPMAP) :].partition(" ")[0] for line in lines if line.startswith(_RTPMAP) and " opus/" in line}
    told = {line[len(_FMTP) :].partition(" ")[0] for line in lines if line.startswith(_FMTP)}
    untold = opus - told
    done: list[str] = []
    for line in lines:
        name, _, value = line.partition(":")
        number, _, rest = value.partition(" ")
        is_told_so = any(part.strip().startswith("usedtx=") for part in rest.split(";"))
        if number in opus and name == "a=fmtp" and not is_told_so:
            line = f"{line};usedtx=1"
        done.append(line)
        if number in untold and name == "a=rtpmap":
            done.append(f"{_FMTP}{number} usedtx=1")
    return "\r\n".join(done)
