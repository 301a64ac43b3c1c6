"""Planted defects: one for every rule that somebody might get wrong. The room machine must find each of them.

When a rule is rewritten, its mutant is rewritten with it. A mutant that the machine cannot see any more means that
a law or a move is missing in the machine.
"""

from tests.stateful.mutants_moves import MOVES
from tests.stateful.mutants_rules import RULES

MUTANTS = (*RULES, *MOVES)
