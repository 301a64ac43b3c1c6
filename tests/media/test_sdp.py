"""The filter in front of the media server: what passes, what is refused, and that nothing slips by unlisted."""

import pytest

from micconnect.media.base import SCREEN_PLACE
from micconnect.media.sdp import (
    ANSWER_MEDIA_MAX,
    LINE_MAX,
    OFFER_LINES_MAX,
    SdpRefused,
    VideoRefused,
    filter_publish_offer,
    filter_watch_answer,
)
from micconnect.protocol.words import SDP_MAX
from tests.media.peers import grant

SEAT = grant("room", "ann")
SOUND_SEAT = grant("room", "ann", video=False)
SCREEN = grant("room", "ann", seat=SCREEN_PLACE)
SESSION = ["v=0", "o=- 42 2 IN IP4 192.0.2.7", "s=-", "t=0 0"]
TRANSPORT = ["a=ice-ufrag:abcd", "a=ice-pwd:" + "x" * 22, "a=fingerprint:sha-256 AA:BB", "a=setup:actpass"]


def media(kind: str, mid: str, *more: str, direction: str = "sendonly", port: int = 9) -> list[str]:
    codec = "a=rtpmap:111 opus/48000/2" if kind == "audio" else "a=rtpmap:96 VP8/90000"
    head = f"m={kind} {port} UDP/TLS/RTP/SAVPF {111 if kind == 'audio' else 96}"
    return [head, "c=IN IP4 192.0.2.7", *TRANSPORT, f"a=mid:{mid}", f"a={direction}", "a=rtcp-mux", codec, *more]


def sdp(*sections: list[str], session: list[str] = SESSION, bundle: str | None = None) -> str:
    mids = [line[6:] for section in sections for line in section if line.startswith("a=mid:")]
    group = f"a=group:BUNDLE {' '.join(mids)}" if bundle is None else bundle
    return "\r\n".join([*session, group, *(line for section in sections for line in section)]) + "\r\n"


SOUND = media("audio", "0")
PICTURE = media("video", "1")


def refusal(text: str, seat=SEAT) -> str:
    with pytest.raises(SdpRefused) as caught:
        filter_publish_offer(text, seat)
    return caught.value.text


def test_sound_and_picture_pass_on_a_seat_with_picture() -> None:
    clean = filter_publish_offer(sdp(SOUND, PICTURE), SEAT)
    assert clean.count("m=") == 2
    for line in (*TRANSPORT, "a=mid:1", "a=sendonly", "a=rtpmap:96 VP8/90000", "a=group:BUNDLE 0 1"):
        assert line in clean.split("\r\n")


def test_sound_alone_passes_on_either_seat() -> None:
    assert filter_publish_offer(sdp(SOUND), SEAT) == filter_publish_offer(sdp(SOUND), SOUND_SEAT)


def test_filtering_twice_changes_nothing() -> None:
    once = filter_publish_offer(sdp(SOUND, PICTURE), SEAT)
    assert filter_publish_offer(once, SEAT) == once


def test_picture_on_a_sound_seat_is_refused() -> None:
    with pytest.raises(VideoRefused, match="sound only"):
        filter_publish_offer(sdp(SOUND, PICTURE), SOUND_SEAT)


def test_of_a_shared_screen_only_the_picture_passes() -> None:
    assert filter_publish_offer(sdp(PICTURE), SCREEN) == filter_publish_offer(sdp(PICTURE), SEAT)
    for offer in (sdp(SOUND), sdp(SOUND, PICTURE)):
        assert "only the picture" in refusal(offer, SCREEN)


@pytest.mark.parametrize(
    "line",
    [
        "a=candidate:1 1 udp 2113937151 192.168.1.7 50000 typ host",
        "a=end-of-candidates",
        "a=rid:h send",
        "a=simulcast:send h;l",
        "a=rtcp:50001 IN IP4 192.168.1.7",
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:xx",
        "a=ice-lite",
        "a=x-unheard-of:1",
        "b=AS:99999",
        "i=hello",
    ],
)
def test_lines_that_are_not_on_the_list_are_dropped(line: str) -> None:
    clean = filter_publish_offer(sdp([*SOUND, line], session=[*SESSION, line]), SEAT)
    assert line not in clean
    assert clean == filter_publish_offer(sdp(SOUND), SEAT)


def test_addresses_of_the_sender_do_not_pass() -> None:
    text = sdp(media("audio", "0", port=50000))
    assert "192.0.2.7" in text and "50000" in text
    clean = filter_publish_offer(text, SEAT)
    assert "192.0.2.7" not in clean and "50000" not in clean


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (sdp(SOUND, media("audio", "1")), "At most one"),
        (sdp(PICTURE, media("video", "2")), "At most one"),
        (sdp(SOUND, ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:1"]), "not 'application'"),
        (sdp(SOUND, ["m=text 9 UDP/TLS/RTP/SAVPF 98", "a=mid:1"]), "not 'text'"),
        (sdp(media("audio", "0", direction="recvonly")), "must send"),
        (sdp(media("audio", "0", direction="inactive")), "must send"),
        (sdp(media("audio", "0", "a=sendrecv")), "more than one direction"),
        (sdp(media("audio", "0", "a=mid:7"), bundle="a=group:BUNDLE 0"), "one short mid"),
        (sdp(media("audio", "0", "a=ssrc-group:SIM 1 2 3")), "one encoding"),
        (sdp(SOUND, media("video", "0"), bundle="a=group:BUNDLE 0"), "mid of its own"),
        (sdp(SOUND, PICTURE, bundle="a=group:BUNDLE 0"), "bundled"),
        (sdp(SOUND, bundle="a=other"), "bundled"),
        (sdp(media("audio", "0", port=0)), "stopped"),
        (sdp(), "no media"),
        (sdp(SOUND).replace("v=0", "v=1"), "not an SDP"),
        (sdp(SOUND).replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), "must use"),
        (sdp([line for line in SOUND if "fingerprint" not in line]), "lacks fingerprint"),
        (sdp([line for line in SOUND if "ice-pwd" not in line]), "lacks ice-pwd"),
        (sdp([line for line in SOUND if "rtcp-mux" not in line]), "lacks rtcp-mux"),
        (sdp([*SOUND, "nonsense"]), "malformed"),
        (sdp([*SOUND, ""]), "malformed"),
        (sdp([*SOUND, "a=msid:a\x00b"]), "characters"),
        (sdp([*SOUND, "a=msid:a\rb"]), "characters"),
        (sdp([*SOUND, "a=msid:\u202eb"]), "characters"),
        ("", "malformed"),
    ],
)
def test_refused_with_a_text_that_names_the_part(text: str, part: str) -> None:
    assert part in refusal(text)


def test_a_line_only_inside_the_bundle_may_have_port_zero() -> None:
    bare = [line for line in media("video", "1", "a=bundle-only", port=0) if line not in TRANSPORT]
    assert filter_publish_offer(sdp(SOUND, bare), SEAT).count(TRANSPORT[0]) == 2


def test_transport_lines_may_stand_above_the_media() -> None:
    bare = [line for line in SOUND if line not in TRANSPORT]
    clean = filter_publish_offer(sdp(bare, session=[*SESSION, *TRANSPORT]), SEAT)
    assert all(clean.count(line) == 1 for line in TRANSPORT)


def of_size(size: int) -> str:
    """An offer of exactly so many bytes, within all other bounds."""
    text = sdp(SOUND)
    while size - len(text) > LINE_MAX + 2:
        text += "a=" + "y" * (LINE_MAX - 102) + "\r\n"
    return text + "a=" + "y" * (size - len(text) - 4) + "\r\n"


def test_size_limit_and_one_byte_more() -> None:
    assert len(of_size(SDP_MAX)) == SDP_MAX
    assert filter_publish_offer(of_size(SDP_MAX), SEAT)
    assert str(SDP_MAX) in refusal(of_size(SDP_MAX + 1))


def test_line_length_limit_and_one_more() -> None:
    assert filter_publish_offer(sdp([*SOUND, "a=" + "y" * (LINE_MAX - 2)]), SEAT)
    assert str(LINE_MAX) in refusal(sdp([*SOUND, "a=" + "y" * (LINE_MAX - 1)]))


def test_line_count_limit_and_one_more() -> None:
    least = len(sdp(SOUND).split("\r\n")) - 1
    assert filter_publish_offer(sdp([*SOUND, *["a=x"] * (OFFER_LINES_MAX - least)]), SEAT)
    assert str(OFFER_LINES_MAX) in refusal(sdp([*SOUND, *["a=x"] * (OFFER_LINES_MAX - least + 1)]))


def answer_of(count: int, direction: str = "recvonly") -> str:
    return sdp(*(media("audio" if i % 2 == 0 else "video", str(i), direction=direction) for i in range(count)))


def test_an_answer_for_all_ten_seats_and_a_screen_passes_and_one_more_does_not() -> None:
    assert filter_watch_answer(answer_of(ANSWER_MEDIA_MAX)).count("m=") == ANSWER_MEDIA_MAX == 21
    with pytest.raises(SdpRefused, match="at most 21"):
        filter_watch_answer(answer_of(ANSWER_MEDIA_MAX + 1))


@pytest.mark.parametrize("direction", ["sendonly", "sendrecv"])
def test_an_answer_that_sends_is_refused(direction: str) -> None:
    with pytest.raises(SdpRefused, match="cannot send"):
        filter_watch_answer(answer_of(2, direction))


def undirected(text: str) -> str:
    """The same without a direction on any media line."""
    return "".join(line for line in text.splitlines(keepends=True) if line.strip() not in DIRECTION_LINES)


DIRECTION_LINES = {"a=sendonly", "a=sendrecv", "a=recvonly", "a=inactive"}


def test_media_without_a_direction_send_and_receive() -> None:
    clean = filter_publish_offer(undirected(sdp(SOUND, PICTURE)), SEAT)
    assert clean == filter_publish_offer(sdp(SOUND, PICTURE), SEAT).replace("a=sendonly", "a=sendrecv")
    assert clean.count("a=sendrecv") == 2


def test_the_direction_of_the_whole_session_is_that_of_media_without_one() -> None:
    above = undirected(sdp(SOUND, session=[*SESSION, "a=other"])).replace("a=other", "a=sendonly")
    assert filter_publish_offer(above, SEAT) == filter_publish_offer(sdp(SOUND), SEAT)
    own = sdp(SOUND, session=[*SESSION, "a=inactive"])
    assert filter_publish_offer(own, SEAT) == filter_publish_offer(sdp(SOUND), SEAT)
    for direction in ("recvonly", "inactive"):
        assert "must send" in refusal(above.replace("a=sendonly", f"a={direction}"))
    twice = above.replace("a=sendonly", "a=sendonly\r\na=sendrecv")
    assert "more than one direction for all" in refusal(twice)


def test_an_answer_may_say_once_for_all_that_it_only_receives() -> None:
    above = undirected(answer_of(2)).replace("t=0 0", "t=0 0\r\na=recvonly")
    assert filter_watch_answer(above) == filter_watch_answer(answer_of(2))


def test_an_answer_without_direction_is_refused_because_that_means_sending() -> None:
    with pytest.raises(SdpRefused, match="cannot send"):
        filter_watch_answer(answer_of(2).replace("a=recvonly\r\n", ""))


def test_an_answer_brings_no_streams_and_no_candidates() -> None:
    text = sdp(
        media("audio", "0", "a=ssrc:1 cname:x", "a=candidate:1 1 udp 1 10.0.0.1 9 typ host", direction="recvonly")
    )
    clean = filter_watch_answer(text)
    assert "ssrc" not in clean and "candidate" not in clean
