"""What is told of measurements: who speaks, how loud, how good a line is, and when it is told."""

import pytest
from msgspec.structs import replace

from micconnect.media.base import SCREEN_PLACE, FeedStats, SeatGrant
from micconnect.media.sampling import (
    BAD_LOSS,
    BAD_RTT_MS,
    POOR_LOSS,
    POOR_RTT_MS,
    RELIEF,
    SAMPLES_KEPT,
    SPEAKS_FROM,
    VOLUME_STEP,
    Samples,
)
from micconnect.protocol.words import Quality
from tests.media.peers import grant

ANN, BOB = grant("room", "ann", seat=1), grant("room", "bob", seat=2)


def feed(seat: SeatGrant, level: int = 0, loss: float = 0.0, rtt_ms: int | None = 20) -> FeedStats:
    return FeedStats(grant_id=seat.grant_id, audio_level=level, loss=loss, kbps=500, rtt_ms=rtt_ms)


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
        ({"loss": 1.0, "rtt_ms": None}, Quality.BAD),
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
