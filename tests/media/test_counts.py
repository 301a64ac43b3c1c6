"""The bookkeeping of streams, at its edges: wraps, jumps that a peer invents, and allowances."""

import pytest

from micconnect.media.sfu.counts import Allowance, Losses, Tally
from micconnect.media.sfu.source import starts_key_frame


def test_an_allowance_gives_its_burst_then_its_rate() -> None:
    allowance = Allowance(rate=100)
    assert allowance.take(100, now=0)
    assert not allowance.take(1, now=0)
    assert not allowance.take(51, now=0.5)
    assert allowance.take(50, now=0.5)
    assert not allowance.take(101, now=60)
    assert allowance.take(100, now=60)


def test_losses_are_found_filled_and_wrap() -> None:
    losses = Losses()
    assert not losses.note(65534)
    assert losses.note(1)
    assert losses.missing == {65535, 0}
    assert not losses.note(65535)
    assert not losses.note(2)
    assert losses.missing == {0}


def test_losses_reach_back_so_far_and_no_further() -> None:
    losses = Losses()
    losses.note(0)
    assert losses.note(Losses.REACH)
    assert len(losses.missing) == Losses.REACH - 1
    losses.note(Losses.REACH + 1)
    assert 1 in losses.missing
    losses.note(Losses.REACH + 2)
    assert 1 not in losses.missing
    assert not losses.note(2 * Losses.REACH + 3)
    assert losses.missing == set()


def test_a_tally_reports_loss_since_the_last_report_and_in_all() -> None:
    tally = Tally(90000)
    for seq in (65533, 65534, 1, 2):
        tally.note(seq, 0, 0.0)
    fraction, lost, highest, _ = tally.report()
    assert (fraction, lost, highest) == (2 * 256 // 6, 2, (1 << 16) | 2)
    tally.note(3, 0, 0.0)
    assert tally.report()[:3] == (0, 2, (1 << 16) | 3)


def test_a_tally_stays_within_its_fields_whatever_the_timestamps() -> None:
    tally = Tally(90000)
    for seq, timestamp in enumerate((0, 0xFFFFFFFF, 1, 0x80000000, 7)):
        tally.note(seq * 0x7FFF & 0xFFFF, timestamp, float(seq))
    fraction, lost, highest, jitter = tally.report()
    assert 0 <= fraction < 256 and -(1 << 23) <= lost < 1 << 23
    assert 0 <= highest < 1 << 32 and 0 <= jitter < 1 << 32


@pytest.mark.parametrize(
    ("payload", "is_key"),
    [
        (b"\x10\x00", True),
        (b"\x10\x01", False),
        (b"\x00\x00", False),
        (b"\x11\x00", False),
        (b"\x90\x80\x05\x00", True),
        (b"\x90\x80\x85\x05\x00", True),
        (b"\x90\x80\x85\x05\x01", False),
        (b"\x90\xe0\x85\x05\x01\x02\x00", True),
        (b"\x90\xe0\x85\x05\x01\x02\x01", False),
        (b"\x90\x80\x85\x05", False),
        (b"\x10", False),
        (b"", False),
    ],
)
def test_key_frames_are_known_by_their_first_packet(payload: bytes, is_key: bool) -> None:
    assert starts_key_frame(payload) is is_key
