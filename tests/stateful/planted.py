"""What a planted defect is."""

from typing import NamedTuple


class Mutant(NamedTuple):
    """In `module` of the domain, `old`, which occurs exactly once, reads `new`.

    `near`: the moves that find it (see `nearest`), where these are not those of the module. `is_rare`: it takes so
    long to find that only the long profile searches for it.
    """

    name: str
    module: str
    old: str
    new: str
    near: str = ""
    is_rare: bool = False
