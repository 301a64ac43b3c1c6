"""Which seats are shown where there are fewer pictures than seats: the rules, and that nobody flickers."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micconnect.media.base import SCREEN_PLACE, SeatGrant
from micconnect.media.pictures import AHEAD_S, HOST_PLACE, NOBODY, STAY_S, Pictures
from tests.media.peers import grant

SEATS_MAX = 9


def on_air(*seats: int, **more: bool) -> list[SeatGrant]:
    """People with a camera, named after their seats."""
    return [grant("room", f"u{seat}", seat=seat, **more) for seat in seats]


def speaking(*seats: int, volume: int = 50) -> dict[str, int]:
    return {f"u{seat}": volume for seat in seats}


class Room:
    """Takes a sample a second and keeps what is shown."""

    def __init__(self, count: int) -> None:
        self.pictures = Pictures(count)
        self.shown: tuple[int, ...] = ()
        self.now_s = 100.0
        self.changes = 0

    def take(
        self,
        grants: Sequence[SeatGrant],
        volumes: dict[str, int] | None = None,
        large: int = HOST_PLACE,
        times: int = 1,
    ) -> tuple[int, ...]:
        for _ in range(times):
            told = self.pictures.take(grants, volumes or {}, large, self.now_s)
            if told is not None:
                assert told != self.shown or not self.changes
                self.shown = told
                self.changes += 1
            self.now_s += 1
        return self.shown


def test_the_host_and_then_the_lowest_seats_fill_the_slots_and_nothing_moves_them() -> None:
    room = Room(3)
    assert room.take(on_air(4, 2, 0, 7)) == (0, 2, 4)
    assert room.take(on_air(4, 2, 0, 7, 1), times=60) == (0, 2, 4)
    assert room.changes == 1


def test_an_empty_room_is_told_once() -> None:
    assert Pictures(2).take([], {}, HOST_PLACE, 0.0) == ()
    room = Room(2)
    assert room.take([], times=3) == () and room.changes == 1


def test_who_has_no_picture_to_show_is_never_shown() -> None:
    grants = [
        *on_air(1, video=False),
        *on_air(2, video_muted=True),
        *on_air(3, is_backstage=True),
        *on_air(SCREEN_PLACE),
        *on_air(4),
    ]
    assert Room(5).take(grants, speaking(1, 2, 3, SCREEN_PLACE)) == (4,)


def test_a_speaker_comes_in_for_a_silent_one_after_a_while_and_not_for_the_host() -> None:
    room = Room(2)
    everybody = on_air(0, 1, 2, 3)
    assert room.take(everybody, times=10) == (0, 1)
    assert room.take(everybody, speaking(3)) == (0, 1)
    assert room.take(everybody, speaking(3), times=4) == (0, 3)


def test_a_cough_moves_nothing() -> None:
    room = Room(2)
    everybody = on_air(0, 1, 2)
    room.take(everybody, times=10)
    room.take(everybody, speaking(2, volume=100))
    assert room.take(everybody, times=30) == (0, 1)


def test_who_has_come_in_stays_for_a_while() -> None:
    room = Room(2)
    everybody = on_air(0, 1, 2)
    room.take(everybody, times=10)
    while room.take(everybody, speaking(2)) != (0, 2):
        pass
    since = room.now_s
    while room.take(everybody, speaking(1, volume=100)) == (0, 2):
        assert room.now_s < since + 20
    assert room.now_s - since >= STAY_S > AHEAD_S


def test_two_who_speak_alike_do_not_take_turns() -> None:
    room = Room(2)
    everybody = on_air(0, 1, 2)
    room.take(everybody, speaking(1), times=10)
    for second in range(60):
        room.take(everybody, {"u1": 40 + 10 * (second % 2), "u2": 50 - 10 * (second % 2)})
    assert room.shown == (0, 1) and room.changes == 1


def test_a_voice_goes_on_through_its_pauses() -> None:
    room = Room(2)
    everybody = on_air(0, 1, 2)
    room.take(everybody, times=10)
    for second in range(10):
        room.take(everybody, speaking(2) if second % 3 else {})
    assert room.shown == (0, 2)


def test_host_and_spotlight_are_shown_at_once_whoever_speaks() -> None:
    room = Room(3)
    guests = on_air(1, 2, 3, 4)
    room.take(guests, speaking(1, 2, 3), times=10)
    assert room.shown == (1, 2, 3)
    assert room.take(guests, speaking(1, 2, 3), large=4) == (1, 2, 4)
    assert room.take([*guests, *on_air(0)], speaking(1, 2, 3), large=4) == (1, 0, 4)


def test_with_one_picture_it_is_the_hosts() -> None:
    room = Room(1)
    assert room.take(on_air(0, 1), speaking(1), large=1, times=10) == (0,)
    assert room.take(on_air(1)) == (1,)


def test_a_slot_that_nobody_can_fill_stays_empty_and_the_others_stay_where_they_are() -> None:
    room = Room(3)
    room.take(on_air(0, 1, 2))
    assert room.take(on_air(0, 2)) == (0, NOBODY, 2)
    assert room.take(on_air(0)) == (0,)
    assert room.take(on_air(0, 5)) == (0, 5)


def test_of_those_who_wait_for_an_empty_slot_the_loudest_comes_first() -> None:
    room = Room(2)
    everybody = on_air(0, 1, 2, 3)
    room.take(everybody, times=2)
    room.take(everybody, speaking(3))
    assert room.take(on_air(0, 2, 3), speaking(3)) == (0, 3)


def test_a_clock_that_stands_still_or_was_put_back_does_no_harm() -> None:
    pictures = Pictures(2)
    everybody = on_air(0, 1, 2)
    assert pictures.take(everybody, {}, HOST_PLACE, 10.0) == (0, 1)
    for now_s in (10.0, 9.0, 9.0, -5.0):
        assert pictures.take(everybody, speaking(2, volume=100), HOST_PLACE, now_s) is None


people = st.dictionaries(st.integers(0, SEATS_MAX), st.booleans())  # whether a seat's camera is open
loud = st.dictionaries(st.integers(0, SEATS_MAX), st.sampled_from([20, 40, 60, 80, 100]))
moments = st.tuples(people, loud, st.integers(0, SEATS_MAX), st.sampled_from([0.2, 1.0, 1.0, 1.0, 30.0]))


@given(count=st.integers(1, SEATS_MAX), history=st.lists(moments, max_size=40))
def test_at_every_moment(count: int, history: list[tuple[dict[int, bool], dict[int, int], int, float]]) -> None:
    pictures = Pictures(count)
    shown: tuple[int, ...] | None = None
    now_s = 0.0
    for cameras, volumes, large, passed_s in history:
        now_s += passed_s
        seen = {seat for seat, is_open in cameras.items() if is_open}
        grants = [grant("room", f"u{seat}", seat=seat, video_muted=seat not in seen) for seat in cameras]
        told = pictures.take(grants, {f"u{seat}": volume for seat, volume in volumes.items()}, large, now_s)
        before = {seat: slot for slot, seat in enumerate(shown or ()) if seat != NOBODY}
        if told is None:
            assert shown is not None
        else:
            assert told != shown
            shown = told
        after = {seat: slot for slot, seat in enumerate(shown) if seat != NOBODY}
        assert len(shown) <= count and len(after) == min(count, len(seen))  # nothing twice, nothing left empty
        assert set(after) <= seen
        assert HOST_PLACE not in seen or HOST_PLACE in after
        assert large not in seen or large in after or (count == 1 and HOST_PLACE in after)
        assert all(after[seat] == slot for seat, slot in before.items() if seat in after)


@given(
    count=st.integers(1, 5), seats=st.sets(st.integers(0, SEATS_MAX)), minute=st.lists(loud, min_size=60, max_size=60)
)
def test_whatever_is_said_a_minute_has_few_changes(count: int, seats: set[int], minute: list[dict[int, int]]) -> None:
    room = Room(count)
    grants = on_air(*seats)
    moved = 0
    before: set[int] = set()
    for volumes in minute:
        shown = set(room.take(grants, {f"u{seat}": volume for seat, volume in volumes.items()}))
        moved += len(shown - before) if before else 0
        before = shown
    assert moved <= count * 60 / STAY_S


@pytest.mark.parametrize("count", [1, 2, 4])
def test_an_unlucky_minute_comes_close_to_the_bound_but_not_beyond(count: int) -> None:
    """Everybody falls silent as soon as they are shown, and all others shout: the worst there can be."""
    room = Room(count)
    everybody = on_air(*range(1, SEATS_MAX + 1))
    moved = 0
    for _ in range(60):
        before = set(room.shown)
        loud_now = [seat for seat in range(1, SEATS_MAX + 1) if seat not in before]
        shown = set(room.take(everybody, speaking(*loud_now, volume=100)))
        moved += len(shown - before) if before else 0
    assert 5 * count <= moved <= count * 60 / STAY_S
