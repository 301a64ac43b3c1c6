"""Planted defects: one for every rule that somebody might get wrong. The room machine must find each of them.

When a rule is rewritten, its mutant is rewritten with it. A mutant that the machine cannot see any more means that
a law or a move is missing in the machine.
"""

from tests.stateful.mutants.asking import ASKING, NEEDS, QUEUE
from tests.stateful.mutants.lasting import LASTING
from tests.stateful.mutants.life import ABSENCE, OPTIONS, SHUT, WAITS
from tests.stateful.mutants.people import DEVICES, PEOPLE
from tests.stateful.mutants.room import ROOM, TRANSITIONS
from tests.stateful.mutants.seating import INVITING, SEATING
from tests.stateful.mutants.told import NOTICES, VIEWS
from tests.stateful.mutants.windows import WINDOWS
from tests.stateful.mutants.world import CLOCK, DOOR, LINES, SHOW

BY_MODULE = (ROOM, TRANSITIONS, NEEDS, QUEUE, LINES, ASKING, INVITING, SEATING, DEVICES, PEOPLE, SHOW, CLOCK)
MUTANTS = tuple(
    mutant
    for mutants in (*BY_MODULE, LASTING, DOOR, VIEWS, NOTICES, WINDOWS, WAITS, ABSENCE, SHUT, OPTIONS)
    for mutant in mutants
)
