"""What is told of measurements: who speaks, how loud, how good a line is, and when it is told."""

import pytest
from msgspec.structs import replace

from micconnect.media.base import SCREEN_PLACE, FeedStats, SeatGrant
from micconnect.media.sampling import (
    BAD_LOSS,
    BAD_RTT_MS,
    DEAD_SAMPLES,
    POOR_LOSS,
    POOR_RTT_MS,
    QUIET_KBPS,
    QUIET_SAMPLES,
    RELIEF,
    REPORT_S,
    SAMPLES_KEPT,
    SPEAKS_FROM,
    VOLUME_STEP,
    Samples,
)
from micconnect.protocol.words import Quality
from tests.media.peers import grant

ANN, BOB = grant("room", "ann", seat=1), grant("room", "bob", seat=2)


def feed(seat: SeatGrant, level: int = 0, loss: float = 0.0, rtt_ms: int | None = 20, kbps: int = 500) -> FeedStats:
    return FeedStats(grant_id=seat.grant_id, audio_level=level, loss=loss, kbps=kbps, rtt_ms=rtt_ms)


def after(samples: Samples, count: int = 1, **figures: float | int | None) -> Quality:
    """Ann's quality after so many samples alike."""
    for _ in range(count):
        samples.take([ANN], [feed(ANN, **figures)])  # type: ignore[arg-type]
    return samples.qualities["ann"]


# -- volumes ----------------------------------------------------------------------------------------------------------
def test_who_speaks_appears_in_steps_and_who_does_not_is_left_out() -> None:
    samples = Samples()
    samples.take([ANN, BOB], [feed(ANN, 57), feed(BOB, SPEAKS_FROM - 1)])
    assert samples.volumes == {"ann": 50}
    samples.take([ANN, BOB], [feed(ANN, 100), feed(BOB, SPEAKS_FROM)])
    assert samples.volumes == {"ann": 100, "bob": 20}
    samples.take([ANN, BOB], [feed(ANN, 0), feed(BOB, 0)])
    assert samples.volumes == {}


@pytest.mark.parametrize(
    ("level", "told"), [(50 + VOLUME_STEP - 1, 50), (50 - VOLUME_STEP + 1, 50), (60, 60), (40, 40)]
)
def test_less_than_a_step_changes_nothing(level: int, told: int) -> None:
    samples = Samples()
    samples.take([ANN], [feed(ANN, 50)])
    samples.take([ANN], [feed(ANN, level)])
    assert samples.volumes == {"ann": told}


def test_muted_and_backstage_people_never_speak_and_a_screen_is_nobodys_voice() -> None:
    samples = Samples()
    muted, behind = replace(ANN, audio_muted=True), replace(BOB, is_backstage=True)
    screen = grant("room", "carl", seat=SCREEN_PLACE)
    samples.take([muted, behind, screen], [feed(ANN, 90), feed(BOB, 90), feed(screen, 90, loss=1.0)])
    assert samples.volumes == {}
    assert samples.qualities == {"ann": Quality.GOOD, "bob": Quality.GOOD}


# -- qualities --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("figures", "quality"),
    [
        ({"loss": POOR_LOSS - 0.001}, Quality.GOOD),
        ({"loss": POOR_LOSS}, Quality.POOR),
        ({"loss": BAD_LOSS - 0.001}, Quality.POOR),
        ({"loss": BAD_LOSS}, Quality.BAD),
        ({"rtt_ms": POOR_RTT_MS - 1}, Quality.GOOD),
        ({"rtt_ms": POOR_RTT_MS}, Quality.POOR),
        ({"rtt_ms": BAD_RTT_MS - 1}, Quality.POOR),
        ({"rtt_ms": BAD_RTT_MS}, Quality.BAD),
        ({"rtt_ms": None}, Quality.GOOD),
        ({"loss": 1.0, "rtt_ms": None, "kbps": 0}, Quality.BAD),
    ],
)
def test_limits_of_loss_and_delay(figures: dict[str, float], quality: Quality) -> None:
    assert after(Samples(), SAMPLES_KEPT, **figures) is quality


def test_a_line_is_better_only_when_it_is_well_below_the_limit() -> None:
    samples = Samples()
    assert after(samples, SAMPLES_KEPT, loss=BAD_LOSS) is Quality.BAD
    assert after(samples, SAMPLES_KEPT, loss=BAD_LOSS * RELIEF + 0.001) is Quality.BAD
    assert after(samples, SAMPLES_KEPT, loss=BAD_LOSS * RELIEF - 0.001) is Quality.POOR
    assert after(samples, SAMPLES_KEPT, loss=POOR_LOSS * RELIEF + 0.001) is Quality.POOR
    assert after(samples, SAMPLES_KEPT, loss=POOR_LOSS * RELIEF - 0.001) is Quality.GOOD
    assert after(samples, SAMPLES_KEPT, loss=POOR_LOSS - 0.001) is Quality.GOOD


def test_one_bad_second_among_good_ones_is_weighed_with_them() -> None:
    samples = Samples()
    assert after(samples, SAMPLES_KEPT - 1) is Quality.GOOD
    assert after(samples, 1, loss=POOR_LOSS * SAMPLES_KEPT - 0.01) is Quality.GOOD


def test_the_next_time_on_air_begins_with_a_clean_slate() -> None:
    samples = Samples()
    assert after(samples, SAMPLES_KEPT, loss=0.5) is Quality.BAD
    again = grant("room", "ann", seat=1)
    samples.take([again], [feed(again)])
    assert samples.qualities == {"ann": Quality.GOOD}


# -- silent people, whose browsers send a few packets a second --------------------------------------------------------
def test_a_silent_persons_line_is_not_bad_for_a_lost_packet_of_three() -> None:
    samples = Samples()
    for loss in (0.0, 0.34, 0.34, 0.0, 0.67, 0.34):
        assert after(samples, loss=loss, kbps=QUIET_KBPS - 1) is Quality.GOOD
    assert after(samples, SAMPLES_KEPT, loss=0.34, kbps=QUIET_KBPS) is Quality.BAD, "enough packets to tell"


def test_silence_keeps_what_was_known_of_a_line_for_a_while() -> None:
    samples = Samples()
    assert after(samples, SAMPLES_KEPT, loss=0.5) is Quality.BAD
    assert after(samples, QUIET_SAMPLES - 1, kbps=1) is Quality.BAD
    assert after(samples, 1, kbps=1) is Quality.GOOD


def test_a_line_is_dead_only_after_several_samples_without_any_packet() -> None:
    samples = Samples()
    nothing = {"loss": 1.0, "kbps": 0}
    for _ in range(3):
        assert after(samples, DEAD_SAMPLES - 1, **nothing) is Quality.GOOD
        assert after(samples, 1, kbps=1) is Quality.GOOD
    assert after(samples, DEAD_SAMPLES, **nothing) is Quality.BAD
    assert samples.health()[0].loss == 1.0
    assert after(samples, 1, kbps=1) is Quality.GOOD, "it was a pause, and what was known before was good"


def test_a_silent_persons_line_is_judged_by_its_delay_too() -> None:
    assert after(Samples(), 1, kbps=1, rtt_ms=BAD_RTT_MS) is Quality.BAD


# -- what pages say of their lines ------------------------------------------------------------------------------------
def test_a_pages_report_counts_where_the_media_server_cannot_tell_and_until_it_is_old() -> None:
    now = 100.0
    samples = Samples(clock=lambda: now)
    samples.note_rtt("ann", BAD_RTT_MS)
    assert after(samples, rtt_ms=30) is Quality.GOOD, "the media server knows better"
    assert samples.health()[0].rtt_ms == 30
    assert after(samples, rtt_ms=None) is Quality.BAD
    assert samples.health()[0].rtt_ms == BAD_RTT_MS
    now += REPORT_S - 0.1
    assert after(samples, rtt_ms=None) is Quality.BAD
    now += 0.1
    assert after(samples, rtt_ms=None) is Quality.GOOD
    assert samples.health()[0].rtt_ms is None


# -- health -----------------------------------------------------------------------------------------------------------
def test_health_is_in_the_order_of_seats_with_each_screen_after_its_owner() -> None:
    samples = Samples()
    screen = replace(grant("room", "ann", seat=SCREEN_PLACE), audio_muted=True)
    muted = replace(BOB, audio_muted=True)
    samples.take([screen, muted, ANN], [feed(screen, kbps=900), feed(muted, 70, loss=0.05), feed(ANN, 70)])
    told = [(h.user_id, h.seat_index, h.is_screen, h.kbps, h.audio_level, h.loss) for h in samples.health()]
    assert told == [
        ("ann", 1, False, 500, 70, 0.0),
        ("ann", 1, True, 900, 0, 0.0),
        ("bob", 2, False, 500, 0, 0.05),
    ], "who is muted is not heard by the staff either"
    assert [h.quality for h in samples.health()] == [Quality.GOOD, Quality.GOOD, Quality.POOR]
    samples.take([ANN], [])
    assert samples.health() == (), "nothing is known of who has no line"


# -- when it is told --------------------------------------------------------------------------------------------------
def test_only_changes_are_told_and_silence_is_one() -> None:
    samples = Samples()
    samples.take([ANN], [feed(ANN)])
    assert samples.news(["s1"]) == (None, {"ann": Quality.GOOD})
    samples.take([ANN], [feed(ANN, 50)])
    assert samples.news(["s1"]) == ({"ann": 50}, None)
    samples.take([ANN], [feed(ANN, 52)])
    assert samples.news(["s1"]) == (None, None)
    samples.take([ANN], [feed(ANN, 0)])
    assert samples.news(["s1"]) == ({}, None)
    samples.take([], [])
    assert samples.news(["s1"]) == (None, {})


def test_somebody_who_joins_is_told_what_there_is() -> None:
    samples = Samples()
    samples.take([ANN], [feed(ANN, 50)])
    samples.news(["s1"])
    assert samples.news(["s1", "s2"]) == ({"ann": 50}, {"ann": Quality.GOOD})
    assert samples.news(["s2"]) == (None, None), "somebody who leaves is no news"
    samples.take([ANN], [feed(ANN, 0)])
    assert samples.news(["s2", "s3"]) == ({}, {"ann": Quality.GOOD}), "the end of speaking is told to the old ones"
    assert samples.news(["s2", "s4"]) == (None, {"ann": Quality.GOOD})
