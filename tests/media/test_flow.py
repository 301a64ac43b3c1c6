"""Which kinds of a line flow, sample by sample."""

import pytest
from msgspec.structs import replace

from micconnect.media.base import SCREEN_PLACE
from micconnect.media.flow import FLOWING_SAMPLES, STALLED_SAMPLES, Flows, kinds_of
from micconnect.protocol.words import Device
from tests.media.peers import grant

MICROPHONE, CAMERA = Device.MICROPHONE, Device.CAMERA
BOTH = ("audio", "video")
ANN = grant("room", "ann")


def stopped(*came: str) -> Flows:
    """Of Ann's line only these kinds have come for long."""
    flows = Flows(ANN)
    for _ in range(STALLED_SAMPLES):
        flows.take(came, ())
    return flows


def test_a_grant_sends_what_it_has_leave_for() -> None:
    assert kinds_of(ANN) == BOTH
    assert kinds_of(grant("room", "bob", video=False)) == ("audio",)
    assert kinds_of(replace(ANN, seat_index=SCREEN_PLACE)) == ("video",)


def test_what_brings_nothing_for_some_samples_has_stalled_and_not_before() -> None:
    flows = Flows(ANN)
    for _ in range(STALLED_SAMPLES - 1):
        assert not flows.take(("audio",), ())
    assert flows.stalled == ()
    assert flows.take(("audio",), ())
    assert flows.stalled == (CAMERA,)
    assert not flows.take(("audio",), ()), "no news"


def test_a_gap_between_packets_is_no_stop() -> None:
    flows = Flows(ANN)
    for sample in range(20):
        assert not flows.take(BOTH if sample % STALLED_SAMPLES == 0 else (), ())


def test_it_flows_again_with_more_than_one_stray_packet() -> None:
    flows = stopped("audio")
    for _ in range(9):
        for _ in range(FLOWING_SAMPLES - 1):
            assert not flows.take(BOTH, ())
        assert not flows.take(("audio",), ())
    assert flows.stalled == (CAMERA,)
    for _ in range(FLOWING_SAMPLES):
        flows.take(BOTH, ())
    assert flows.stalled == ()


def test_what_is_muted_need_not_come_and_begins_anew_when_it_is_not() -> None:
    flows = stopped("audio")
    assert flows.take(("audio",), ("video",))
    assert flows.stalled == ()
    for _ in range(9):
        assert not flows.take(("audio",), ("video",))
    for _ in range(STALLED_SAMPLES - 1):
        assert not flows.take(("audio",), ())
    assert flows.take(("audio",), ())


def test_a_line_that_may_be_gone_as_a_whole_has_no_stalled_devices() -> None:
    flows = Flows(ANN)
    for _ in range(9):
        assert not flows.take((), (), is_line_alive=False)
    assert flows.take((), ())
    assert flows.stalled == (MICROPHONE, CAMERA)
    assert not flows.take((), (), is_line_alive=False), "what was told stands"


@pytest.mark.parametrize("stalled", [(), (CAMERA,), (MICROPHONE, CAMERA)])
def test_what_was_so_before_is_so_until_it_flows(stalled: tuple[Device, ...]) -> None:
    flows = Flows(ANN, stalled)
    assert flows.stalled == stalled
    for _ in range(FLOWING_SAMPLES):
        flows.take(BOTH, ())
    assert flows.stalled == ()
