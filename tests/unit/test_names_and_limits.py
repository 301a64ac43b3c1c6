"""Names people choose, and how often they may speak."""

from typing import Any

import pytest

from micconnect import checks, proxies
from micconnect.names import BadName, clean_name
from micconnect.protocol.words import NAME_MAX
from micconnect.throttle import PROMISE_MAX_S, Addresses, Arrivals, KeyedBuckets
from micconnect.wire import TokenBucket


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
        ("a" + "\u0301" * 50, "á" + "\u0301" * 4),  # towers of marks
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
    assert [arrivals.pause(who) for who in "abc"] == [0, 0, 0]
    pauses = [arrivals.pause(who) for who in "defgh"]
    assert pauses == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5]), "at the rate at which there will be room"
    for place, who in enumerate("defgh", 1):
        clock.now = 100.0 + place / 10 + 0.001
        assert arrivals.pause(who) == 0, "and there is"
    clock.now += 100
    assert [arrivals.pause(who) for who in "ijk"] == [0, 0, 0]
    assert arrivals.pause("l") == pytest.approx(0.1), "old promises are forgotten"


def test_who_comes_back_as_told_finds_room_before_those_who_do_not_wait() -> None:
    clock = Clock()
    arrivals = Arrivals(rate=10, burst=20, clock=clock)
    assert all(arrivals.pause(f"early{n}") == 0 for n in range(20))
    due = clock.now + arrivals.pause("honest")
    came_in = 0
    while clock.now < due:  # newcomers at ten times the rate, and one who asks and asks
        clock.now += 0.01
        came_in += arrivals.pause(f"flood{clock.now}") == 0
        assert arrivals.pause("impatient") > 0 or clock.now > due
    assert arrivals.pause("honest") == 0
    assert came_in == 0, "what came in was kept"


def test_asking_too_early_wins_and_loses_nothing() -> None:
    clock = Clock()
    arrivals = Arrivals(rate=10, burst=20, clock=clock)
    assert all(arrivals.pause(f"early{n}") == 0 for n in range(20))
    due = clock.now + arrivals.pause("impatient")
    for _ in range(9):
        clock.now += 0.01
        assert arrivals.pause("impatient") == pytest.approx(due - clock.now)
    assert arrivals.pause("next") == pytest.approx(0.11), "one place, however often it was asked for"
    clock.now = due
    assert arrivals.pause("impatient") == pytest.approx(0, abs=0.001)


def test_places_that_nobody_takes_are_free_again() -> None:
    clock = Clock()
    arrivals = Arrivals(rate=10, burst=20, clock=clock)
    while arrivals.pause(f"ghost{clock.now}") < 5:
        clock.now += 0.0001
    clock.now += 5 + 20 / 10 + 0.1
    assert arrivals.pause("newcomer") == 0
    assert len(arrivals._places) == 0


def test_nobody_is_sent_away_for_longer_than_a_minute_and_no_flood_fills_the_memory() -> None:
    clock = Clock()
    arrivals = Arrivals(rate=10, burst=20, clock=clock)
    pauses = [arrivals.pause(f"flood{n}") for n in range(2000)]
    assert max(pauses) == PROMISE_MAX_S == 60
    assert len(arrivals._places) == 600


def test_an_address_has_so_many_sockets_and_this_machine_any_number(settings: Any) -> None:
    settings.SOCKETS_PER_ADDRESS = 2
    addresses = Addresses()
    assert [addresses.enter("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert addresses.enter("192.0.2.2") and addresses.enter("2001:db8::1")
    addresses.leave("192.0.2.1")
    assert [addresses.enter("192.0.2.1") for _ in range(2)] == [True, False]
    for local in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", ""):
        assert all(addresses.enter(local) for _ in range(5))
        addresses.leave(local)
    assert [addresses.enter("what a proxy passed on") for _ in range(3)] == [True, True, False]
    settings.SOCKETS_PER_ADDRESS = 0
    assert all(addresses.enter("192.0.2.1") for _ in range(5))


@pytest.mark.parametrize(
    "same",
    [
        ("192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2:8000::"),
    ],
)
def test_one_customer_has_one_count_however_the_address_is_written(settings: Any, same: tuple[str, str, str]) -> None:
    settings.SOCKETS_PER_ADDRESS = 2
    addresses = Addresses()
    assert [addresses.enter(address) for address in same] == [True, True, False]
    assert addresses.enter("192.0.2.2") and addresses.enter("2001:db8:1:3::1")
    addresses.leave(same[2])
    assert addresses.enter(same[0])


def test_trusted_proxies_are_not_counted_and_who_looks_like_one_is_named_once(settings: Any, caplog: Any) -> None:
    settings.SOCKETS_PER_ADDRESS = 1
    settings.TRUSTED_PROXIES = ["172.16.0.0/12", "2001:db8::7"]
    addresses = Addresses()
    for proxy in ("172.18.0.2", "::ffff:172.18.0.2", "2001:db8::7"):
        assert all(addresses.enter(proxy) for _ in range(3))
    assert not caplog.records
    assert [addresses.enter("10.0.0.2") for _ in range(3)] == [True, False, False]
    assert [record.getMessage()[:8] for record in caplog.records] == ["10.0.0.2"]


def test_proxies_are_trusted_by_either_kind_of_listener(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1", "172.16.0.0/12", "::1"]
    trusted = ["127.0.0.1", "::ffff:127.0.0.1", "172.18.0.2", "::ffff:172.18.0.2", "::1"]
    others = ["10.0.0.1", "::ffff:10.0.0.1", "", "unix"]
    assert [proxies.is_trusted(address) for address in trusted + others] == [True] * 5 + [False] * 4


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("", []),
        ("/mic", []),
        ("/a/b-c", []),
        ("/live", ["E013"]),
        ("/ws/x", ["E013"]),
        ("/a b", ["E014"]),
        ("/..", ["E014"]),
    ],
)
def test_a_path_that_could_not_be_told_from_pages_is_refused(settings: Any, prefix: str, found: list[str]) -> None:
    settings.URL_PREFIX = prefix
    assert [message.id for message in checks.own_path(None)] == [f"micconnect.{number}" for number in found]


def test_proxies_that_are_none_are_told_at_start(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1", "172.16.0.0/12", "::1"]
    assert checks.known_proxies(None) == []
    settings.TRUSTED_PROXIES = ["172.16.0.1/12", "proxy.internal", "*"]
    assert [message.id for message in checks.known_proxies(None)] == ["micconnect.E009"] * 3
