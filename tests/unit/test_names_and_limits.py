"""Names people choose, and how often they may speak."""

from typing import Any

import pytest

from micconnect.names import BadName, clean_name
from micconnect.protocol.words import NAME_MAX
from micconnect.throttle import Addresses, Arrivals, KeyedBuckets, TokenBucket


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Alice  ", "Alice"),
        ("陈伟", "陈伟"),
        ("Zoë\tOrtiz\n", "Zoë Ortiz"),
        ("ＦＵＬＬ", "FULL"),
        ("a\u202egnp.exe", "agnp.exe"),  # turned text
        ("Bo\u200bb", "Bob"),  # nothing to see
        ("Al\x00ice", "Alice"),
        ("👩\u200d🍳 cook", "👩\u200d🍳 cook"),
        ("a" + "\u0301" * 50, "á" + "\u0301" * 3),  # towers of marks
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),  # text is text; pages escape it
    ],
)
def test_s16_names_are_cleaned_of_what_deceives(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u200d", "\u202e", "\n\t"])
def test_s16_a_name_has_something_to_see(typed: str) -> None:
    with pytest.raises(BadName):
        clean_name(typed)


def test_the_longest_name_and_one_more() -> None:
    assert clean_name("x" * NAME_MAX) == "x" * NAME_MAX
    with pytest.raises(BadName):
        clean_name("x" * (NAME_MAX + 1))
    with pytest.raises(BadName):
        clean_name("x" * 10_000_000)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_allows_its_burst_then_its_rate() -> None:
    clock = Clock()
    bucket = TokenBucket(rate=2, burst=3, clock=clock)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    clock.now += 0.49
    assert not bucket.take()
    clock.now += 0.51
    assert [bucket.take(), bucket.take(), bucket.take()] == [True, True, False]
    clock.now += 3600
    assert [bucket.take() for _ in range(4)] == [True, True, True, False], "rest saves up no more than the burst"


def test_keys_do_not_share_and_the_oldest_is_forgotten_first() -> None:
    buckets = KeyedBuckets(rate=0, burst=1, size=2, clock=Clock())
    assert buckets.take("a") and buckets.take("b")
    assert not buckets.take("a"), "and now `a` is the newest"
    assert buckets.take("c"), "which pushes out `b`"
    assert not buckets.take("a")
    assert buckets.take("b")


def test_who_arrives_beyond_the_burst_gets_a_place_of_the_own_to_come_back_at() -> None:
    clock = Clock()
    arrivals = Arrivals(rate=10, burst=3, clock=clock)
    assert [arrivals.pause() for _ in range(3)] == [0, 0, 0]
    pauses = [arrivals.pause() for _ in range(5)]
    assert pauses == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5]), "at the rate at which there will be room"
    for place in range(1, 6):
        clock.now = 100.0 + place / 10 + 0.001
        assert arrivals.pause() == 0, "and there is"
    clock.now += 100
    assert [arrivals.pause() for _ in range(3)] == [0, 0, 0]
    assert arrivals.pause() == pytest.approx(0.1), "old promises are forgotten"


def test_an_address_has_so_many_sockets_and_this_machine_any_number(settings: Any) -> None:
    settings.SOCKETS_PER_ADDRESS = 2
    addresses = Addresses()
    assert [addresses.enter("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert addresses.enter("192.0.2.2") and addresses.enter("2001:db8::1")
    addresses.leave("192.0.2.1")
    assert [addresses.enter("192.0.2.1") for _ in range(2)] == [True, False]
    for local in ("127.0.0.1", "127.9.9.9", "::1", "", "unix:"):
        assert all(addresses.enter(local) for _ in range(5))
        addresses.leave(local)
    settings.SOCKETS_PER_ADDRESS = 0
    assert all(addresses.enter("192.0.2.1") for _ in range(5))
