"""The law, and what else must hold when a storm is over: true pictures, no moment twice, no answer forgotten."""

import asyncio
from collections.abc import Sequence

from tests.chaos.follower import Follower
from tests.chaos.history import ALWAYS_CHANGE
from tests.chaos.oracle import Entry
from tests.chaos.picture import STATES, Picture

TRUE_WITHIN_S = 60.0  # far away from the ten seconds that are promised; how long it takes is written down


async def true_again(people: Sequence[Follower], timeout_s: float = TRUE_WITHIN_S) -> float:
    """Waits until everybody's picture is what a fresh snapshot says; returns the seconds it took."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    wrong = dict.fromkeys(people, "was never asked")
    while wrong:
        for follower, differs in zip(list(wrong), await asyncio.gather(*map(_differs, wrong)), strict=True):
            if differs:
                wrong[follower] = differs
            else:
                del wrong[follower]
        waited = loop.time() - begin
        assert waited < timeout_s or not wrong, f"not true after {waited:.0f} s: {_some(wrong)}"
        if wrong:
            await asyncio.sleep(0.3)
    return loop.time() - begin


async def _differs(follower: Follower) -> str:
    try:
        snapshot = await follower.fresh(20)
    except AssertionError as error:
        return str(error)
    except TimeoutError:
        return "no snapshot came"
    differs = follower.picture.differs(snapshot)
    if not differs:
        follower.picture.true_seq = snapshot["seq"]
    return "; ".join(f"{name}: heard {heard}, true {true}" for name, (heard, true) in differs.items())


def _some(wrong: dict[Follower, str]) -> str:
    return "\n".join(f"{follower.name}: {text[:800]}" for follower, text in list(wrong.items())[:3])


def no_moment_twice(people: Sequence[Follower]) -> None:
    for follower in people:
        assert not follower.picture.twice, f"{follower.name} heard twice: {follower.picture.twice[:5]}"


def no_moment_lost(people: Sequence[Follower], log: Sequence[Entry]) -> int:
    """Every moment of the log was heard by whom it is for, unless a snapshot took its place; returns how many."""
    checked = 0
    for follower in people:
        missing = _expected(follower, log) - _heard(follower.picture)
        lost = {key for key in missing if not _is_in_hole(follower.picture, key[0], key[1])}
        assert not lost, f"{follower.name} never heard {sorted(lost)[:5]}; holes {follower.picture.holes[:5]}"
        checked += len(missing) + len(follower.picture.moments)
    return checked


def _expected(follower: Follower, log: Sequence[Entry]) -> set[tuple[str, int, int, str]]:
    picture = follower.picture
    lanes = {("room", ""), ("me", follower.name)}
    if picture.was_staff_throughout:
        lanes.add(("staff", ""))
    found = set()
    for entry in log:
        if not picture.first_seq < entry.seq <= picture.true_seq:
            continue
        for notice in entry.notices:
            lane = str(notice["lane"])
            if (lane, notice["user_id"]) in lanes:
                moments = [c["type"] for c in notice["callbacks"] if c["type"] not in STATES]
                found |= {(lane, entry.seq, n, kind) for n, kind in enumerate(moments)}
    return found


def _heard(picture: Picture) -> set[tuple[str, int, int, str]]:
    return {(*key, kind) for key, kind in picture.moments.items()}


def _is_in_hole(picture: Picture, lane: str, seq: int) -> bool:
    return any(cursors[lane] < seq <= newest for cursors, newest in picture.holes)


def no_answer_lost(people: Sequence[Follower], log: Sequence[Entry]) -> int:
    """Every answered change stands in the log with this very answer, and no command changed the room twice.

    What is said again and again in a history must differ each time: a command that changes nothing is not logged.

    Returns how many answers were held against the log.
    """
    logged = {(entry.actor_id, entry.ref): entry for entry in log}
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1)), "the log has a gap"
    checked = 0
    for follower in people:
        for ref, kind, reply in follower.answered:
            entry = logged.get((follower.name, ref))
            if entry is not None:
                assert entry.reply == reply, f"answered {reply}, but the log has {entry.reply}"
                checked += 1
            elif kind in ALWAYS_CHANGE:
                assert reply["error"] is not None, f"an answered {kind} of {follower.name} is not in the log: {reply}"
                checked += 1
    return checked
