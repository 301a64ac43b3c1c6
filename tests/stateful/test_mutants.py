"""The room machine finds every planted defect; one that it does not find is a law that the machine lacks."""

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.core import load
from tests.stateful.mutants import MUTANTS
from tests.stateful.planted import Mutant
from tests.stateful.pure import pure_machine

# Many short searches instead of a long one: after its first ten runs Hypothesis mostly varies what it had before.
# No shrinking: that a law breaks is all we ask. Seeded, so that a mutant is found today as it was yesterday.
SEARCHES = 60
SEARCH = settings(
    max_examples=10,
    stateful_step_count=50,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def test_the_list_is_long_enough_and_its_names_are_distinct() -> None:
    assert len(MUTANTS) >= 36
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_the_machine_finds(mutant: Mutant) -> None:
    machine = pure_machine(load(mutant.module, mutant.old, mutant.new))
    with pytest.raises(AssertionError):
        for number in range(SEARCHES):
            run_state_machine_as_test(seed(number)(machine), settings=SEARCH)
