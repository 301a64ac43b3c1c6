"""What a planted defect is."""

from typing import NamedTuple


class Mutant(NamedTuple):
    """In `module` of the domain, `old`, which occurs exactly once, reads `new`."""

    name: str
    module: str
    old: str
    new: str
