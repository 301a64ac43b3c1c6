"""The room machine finds every planted defect; one that it does not find is a law that the machine lacks."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.core import LOADED, load
from tests.stateful.harness import Harness
from tests.stateful.mutants import MUTANTS
from tests.stateful.mutants.nearest import NEAREST
from tests.stateful.planted import Mutant
from tests.stateful.profiles import is_long
from tests.stateful.pure import pure_machine

# Many short searches instead of a long one: after its first ten runs Hypothesis mostly varies what it had before.
# Seeded, so that a mutant is found today as it was yesterday.
SEARCHES = 60
SEARCH = settings(
    max_examples=10,
    stateful_step_count=50,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Found(BaseException):
    """A law is broken. That is all we ask: no exception that Hypothesis would try again and shrink."""


def hunter(mutant: Mutant) -> type[Harness]:
    """The machine over the mutant, which stops at the first broken law."""
    machine: Any = pure_machine(load(mutant.module, mutant.old, mutant.new), *NEAREST[mutant.near or mutant.module])

    class Hunter(machine):  # type: ignore[misc]
        def do(self, *args: Any) -> bool:
            try:
                return bool(super().do(*args))
            except Exception as broken:
                raise Found from broken

    return Hunter


def test_the_list_is_long_enough_and_its_names_are_distinct() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    modules = Counter(mutant.module for mutant in MUTANTS)
    # guests who log in, and the list of whom the staff has missed, are no part of the machine's world
    assert set(modules) == set(LOADED) - {"outcome", "merging", "missed"}, "a module of which nothing is searched"
    assert min(modules.values()) >= 5


SEARCHED = [mutant for mutant in MUTANTS if is_long() or not mutant.is_rare]


@pytest.mark.parametrize("mutant", SEARCHED, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_the_machine_finds(mutant: Mutant) -> None:
    machine = hunter(mutant)
    with pytest.raises(Found):
        for number in range(SEARCHES):
            run_state_machine_as_test(seed(number)(machine), settings=SEARCH)
