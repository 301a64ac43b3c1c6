"""The grants that were cut: they never publish again."""

KEPT = 100_000


class Tombstones:
    """A set that forgets its oldest entries beyond KEPT; by then the room has long ended those times on air."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._grants: dict[str, None] = {}

    def add(self, grant_id: str) -> None:
        """From now on the grant is cut."""
        self._grants[grant_id] = None
        if len(self._grants) > self._kept:
            del self._grants[next(iter(self._grants))]

    def __contains__(self, grant_id: str) -> bool:
        return grant_id in self._grants
