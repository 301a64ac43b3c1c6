"""The parts of the Janus backend that need no Janus: slots, marks, what is remembered, what is measured, the pace."""

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micconnect.media.base import SCREEN_PLACE, FeedStats, MediaUnavailable, SeatGrant
from micconnect.media.janus import marks, slots
from micconnect.media.janus.bucket import Bucket
from micconnect.media.janus.home import Home
from micconnect.media.janus.memory import FLOODED, OVER, Memory
from micconnect.media.janus.messages import Stream, decode_handle
from micconnect.media.janus.meter import DTX_PACKETS_PER_S, QUIET_SAMPLES_MAX, Meter, Verdict
from micconnect.media.sdp import with_dtx, without_rtx
from micconnect.protocol.views import Slot
from micconnect.protocol.words import Device
from tests.media.peers import grant

WATCH = marks.WatchMark("node", "id", "room", "bob", is_staff=False, seats=3, pictures=None, note="audience")


# -- slots ------------------------------------------------------------------------------------------------------------
@given(seats=st.integers(1, 10), pictures=st.none() | st.integers(0, 9))
def test_every_m_line_has_one_slot_and_the_screen_is_last(seats: int, pictures: int | None) -> None:
    row, told = slots.places(seats, pictures), slots.slots(seats, pictures)
    mids = [mid for slot in told for mid in (slot.audio_mid, slot.video_mid) if mid]
    assert sorted(map(int, mids)) == list(range(len(row)))
    for slot in told:
        for kind, mid in (("audio", slot.audio_mid), ("video", slot.video_mid)):
            if mid:
                place = row[int(mid)]
                assert place.kind == kind and place.picture == slot.picture
                seat = SCREEN_PLACE if slot.is_screen else None if slot.picture is not None else slot.seat_index
                assert place.seat == seat
    assert [slot.seat_index for slot in told[:seats]] == list(range(seats))
    assert told[-1].is_screen == (pictures != 0)


def test_a_full_row_has_a_pair_of_lines_for_each_seat() -> None:
    assert slots.slots(2, None) == (Slot(0, "0", "1"), Slot(1, "2", "3"), Slot(2, "", "4", is_screen=True))
    assert slots.slots(2, 1)[2] == Slot(-1, "", "2", picture=0)


def test_a_moving_picture_shows_nobody_where_nobody_is_to_be_shown() -> None:
    first, second = slots.Place("video", None, 0), slots.Place("video", None, 1)
    assert [slots.seat_of(first, shown) for shown in ((), (-1,), (4,))] == [None, None, 4]
    assert slots.seat_of(second, (4,)) is None
    assert slots.seat_of(slots.Place("video", SCREEN_PLACE), ()) == SCREEN_PLACE


def test_only_what_differs_is_switched() -> None:
    now = {"0": ("a", "0"), "1": ("a", "1"), "2": ("dummy", "1")}
    wanted = {"0": ("a", "0"), "1": ("b", "1"), "2": ("dummy", "1")}
    assert slots.changes(now, wanted) == [{"feed": "b", "mid": "1", "sub_mid": "1"}]
    assert slots.changes(wanted, wanted) == []


# -- marks ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mark", [marks.ControlMark("ours", 7), marks.LineMark(3, grant("räum/1", "än n")), WATCH])
def test_marks_are_read_as_they_were_written(mark: marks.Mark) -> None:
    assert marks.read(marks.write(mark)) == mark


@pytest.mark.parametrize("text", ["", "control", "{}", '{"type":"other"}', '{"type":"watch"}'])
def test_what_is_no_mark_is_none(text: str) -> None:
    assert marks.read(text) is None


STALLS = [(), (Device.MICROPHONE,), (Device.CAMERA,), (Device.MICROPHONE, Device.CAMERA)]


@given(seat=st.integers(-1, 9), flags=st.tuples(*[st.booleans()] * 4), stalled=st.sampled_from(STALLS))
def test_the_state_of_a_line_is_read_as_it_was_written(
    seat: int, flags: tuple[bool, bool, bool, bool], stalled: tuple[Device, ...]
) -> None:
    state = marks.LineState(seat, *flags, stalled)
    assert marks.LineState.read(state.write(), grant("room", "ann")) == state


def test_a_state_without_word_of_what_stalls_is_read_as_that_nothing_does() -> None:
    read = marks.LineState.read("2,0101", grant("room", "ann"))
    assert read == marks.LineState(2, is_backstage=False, audio_muted=True, video_muted=False, is_up=True)


@pytest.mark.parametrize("text", ["", "1", "1,", "1,000", "1,00000", "1,0000000", "x,0000", "1,00x0"])
def test_a_state_that_cannot_be_read_is_silence(text: str) -> None:
    state = marks.LineState.read(text, grant("room", "ann", seat=4))
    assert (state.seat, state.is_backstage, state.audio_muted, state.video_muted) == (4, True, True, True)


def test_rooms_have_names_and_secrets_that_only_the_key_tells() -> None:
    one, other = marks.RoomNames("key"), marks.RoomNames("other")
    rooms = ("show", "show ", "SHOW", "über/../show", "x" * 500)
    names = {name for room in rooms for name in (one.name(room), other.name(room), one.secret(room))}
    assert len(names) == 3 * len(rooms)
    assert all(len(one.name(room)) == 28 and one.name(room).replace("-", "").isalnum() for room in rooms)
    assert one.name("show") == marks.RoomNames("key").name("show")


# -- memory -----------------------------------------------------------------------------------------------------------
def test_an_offer_is_overtaken_by_one_that_was_made_later() -> None:
    memory = Memory()
    memory.note_newest("grant", 5)
    assert memory.is_overtaken("grant", 4)
    assert not memory.is_overtaken("grant", 5) and not memory.is_overtaken("other", 1)


def test_a_mute_that_comes_early_is_kept_once() -> None:
    memory = Memory()
    memory.note_early("grant", "audio", is_muted=True)
    memory.note_early("grant", "video", is_muted=True)
    memory.note_early("grant", "video", is_muted=False)
    assert memory.take_early("grant") == {"audio": True, "video": False}
    assert memory.take_early("grant") == {}


def test_the_third_flood_is_the_last() -> None:
    memory = Memory()
    for is_cut in (False, False, True):
        memory.note_flood("grant")
        assert ("grant" in memory.cut) is is_cut
    assert (memory.why_cut("grant"), memory.why_cut("other")) == (FLOODED, OVER)


def test_numbers_of_lines_grow() -> None:
    memory, later = Memory(), Memory()
    numbers = [memory.next_number() for _ in range(100)]
    assert numbers == sorted(set(numbers)) and later.next_number() > numbers[0]


# -- the meter --------------------------------------------------------------------------------------------------------
class Arriving:
    """A line as the admin API shows it, second by second."""

    def __init__(self, **kbps: int) -> None:
        self.meter = Meter("grant", kbps or {"audio": 64, "video": 600})
        self.now = 100.0
        self.counts = {"audio": [0, 0, 0], "video": [0, 0, 0]}

    def second(
        self, *, muted: bool = False, dbov: int = 0, talking: bool = False, **packets: tuple[int, int, int]
    ) -> Verdict:
        """Packets, bytes and losses of a second, by kind of media."""
        for kind, added in packets.items():
            self.counts[kind] = [before + more for before, more in zip(self.counts[kind], added, strict=True)]
        media = ",".join(
            f'"{mid}":{{"type":"{kind}","rtcp":{{"main":{{"lost":{lost}}}}},'
            f'"stats":{{"in":{{"packets":{count},"bytes":{octets}}}}}}}'
            for mid, (kind, (count, octets, lost)) in enumerate(self.counts.items())
        )
        audio = f'{{"type":"audio","audio-level-dBov":{dbov},"talking":{str(talking).lower()}}}'
        text = f'{{"webrtc":{{"media":{{{media}}}}},"plugin_specific":{{"type":"publisher","streams":[{audio}]}}}}'
        self.now += 1
        return self.meter.take(decode_handle(text), self.now, is_muted=muted)

    @property
    def stats(self) -> FeedStats:
        assert self.meter.stats is not None
        return self.meter.stats


def test_a_line_is_measured_from_its_second_sample_on() -> None:
    line = Arriving()
    assert line.second(audio=(50, 4000, 0), video=(50, 50_000, 0)) is Verdict.FINE
    assert line.meter.stats is None
    line.second(audio=(50, 4000, 0), video=(40, 46_000, 10), dbov=30)
    assert line.stats == FeedStats("grant", audio_level=50, loss=0.1, kbps=400, rtt_ms=None)


def test_nothing_for_long_is_a_line_that_has_vanished() -> None:
    line = Arriving()
    line.second(audio=(50, 4000, 0))
    verdicts = [line.second() for _ in range(QUIET_SAMPLES_MAX)]
    assert verdicts == [Verdict.FINE] * (QUIET_SAMPLES_MAX - 1) + [Verdict.VANISHED]
    assert line.stats.loss == 1.0
    assert line.second(audio=(1, 80, 0)) is Verdict.FINE


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_too_much_of_either_kind_twice_in_a_row_is_a_flood(kind: str) -> None:
    line = Arriving()
    allowed, flood = {"audio": (11_000, 13_000), "video": (110_000, 115_000)}[kind]
    verdicts = [line.second(**{kind: (50, octets, 0)}) for octets in (flood, flood, allowed, flood, flood)]  # type: ignore[arg-type]
    assert verdicts == [Verdict.FINE] * 4 + [Verdict.FLOODS]


def test_who_talks_is_as_loud_as_they_began_until_they_are_still() -> None:
    line = Arriving()
    line.second(audio=(50, 4000, 0))
    line.meter.note_talking(24.0)
    line.second(audio=(50, 4000, 0), dbov=120, talking=True)
    assert line.stats.audio_level == 60
    line.second(audio=(50, 4000, 0), dbov=120, talking=True)
    assert line.stats.audio_level == 60, "they go on"
    line.second(audio=(DTX_PACKETS_PER_S, 40, 0), dbov=120, talking=True)
    assert line.stats.audio_level == 0
    line.meter.note_talking(24.0)
    line.second(audio=(DTX_PACKETS_PER_S, 40, 0), dbov=120)
    assert line.stats.audio_level == 60, "a word that was over before it could be looked at"
    line.second(audio=(50, 4000, 0), dbov=0)
    assert line.stats.audio_level == 0, "0 is what Janus says before it has heard anything"
    line.second(audio=(50, 4000, 0), dbov=30, muted=True)
    assert line.stats.audio_level == 0
    line.meter.listen((Stream(type="audio", dbov=30),))
    line.meter.listen((Stream(type="audio", dbov=120), Stream(type="video")))
    line.second(audio=(50, 4000, 0), dbov=127)
    assert line.stats.audio_level == 50, "the loudest moment that was looked at"
    line.second(audio=(50, 4000, 0), dbov=127)
    assert line.stats.audio_level == 0


# -- the pace ---------------------------------------------------------------------------------------------------------
async def test_a_bucket_lets_some_through_at_once_and_the_rest_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    now, slept = [50.0], []

    async def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(asyncio, "sleep", sleep)
    bucket = Bucket(per_s=8, patience_s=0.25)
    for _ in range(7):
        await bucket.take()
    assert slept == [0.125, 0.25], "half a second's worth comes at once"
    with pytest.raises(MediaUnavailable):
        await bucket.take()
    now[0] += 0.125
    await bucket.take()
    assert slept[2:] == [0.25]


async def test_what_is_asked_before_the_start_is_answered_at_once() -> None:
    async def work() -> None:
        raise AssertionError("nothing may be done before the start")

    with pytest.raises(MediaUnavailable):
        await Home().do(work, 1.0)


# -- SDP --------------------------------------------------------------------------------------------------------------
OFFER = "\r\n".join(
    [
        "v=0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
        "a=rtpmap:111 opus/48000/2",
        "a=rtpmap:63 red/48000/2",
        "a=fmtp:63 111/111",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
        "a=rtpmap:96 VP8/90000",
        "a=rtcp-fb:96 nack",
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 apt=96",
        "a=ssrc-group:FID 11 12",
        "a=ssrc:11 cname:x",
        "a=ssrc:12 cname:x",
        "",
    ]
)


def test_rtx_leaves_nothing_behind() -> None:
    slim = without_rtx(OFFER)
    assert "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" in slim and "m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\n" in slim
    assert not any(word in slim for word in ("rtx", "apt=", "ssrc-group", "ssrc:12"))
    assert "a=ssrc:11 cname:x" in slim and "a=rtcp-fb:96 nack" in slim
    assert without_rtx(slim) == slim


def test_opus_is_told_to_save_silence_whatever_it_was_told_before() -> None:
    assert "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 usedtx=1\r\na=rtpmap:63" in with_dtx(OFFER)
    told = OFFER.replace("a=rtpmap:63", "a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63")
    assert "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1\r\n" in with_dtx(told)
    assert with_dtx(with_dtx(told)) == with_dtx(told) and with_dtx(with_dtx(OFFER)) == with_dtx(OFFER)


def test_a_grant_in_a_mark_is_whole() -> None:
    seat = SeatGrant("g", "r", "u", 3, has_video=True, audio_muted=True, video_muted=False, is_backstage=True)
    found = marks.read(marks.write(marks.LineMark(1, seat)))
    assert isinstance(found, marks.LineMark) and found.grant == seat
