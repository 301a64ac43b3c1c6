"""The machine over the rules alone, with the real module set or with a mutant of it."""

from typing import Any

from tests.stateful.core import Core
from tests.stateful.driver import PureDriver
from tests.stateful.harness import Harness
from tests.stateful.machine import RoomMachine
from tests.stateful.model.records import Limits


def pure_machine(core: Core, *moves: type[Harness]) -> type[Harness]:
    """A machine class over this module set, with all moves or with these only.

    Its limits are set low in half of the runs, so that they are reached.
    """
    bases = moves or (RoomMachine,)

    class PureMachine(*bases):  # type: ignore[misc]
        limits = (Limits(), Limits(kept=6, pending=4, links=2, sanctions=3, moderators=2, keys=3))

        def make_driver(self, room: Any) -> PureDriver:
            return PureDriver(self.core, room)

        def limit(self, limits: Limits) -> None:
            core = self.core
            core.room.ENDED_KEPT = limits.kept
            core.asking.PENDING_MAX = core.inviting.PENDING_MAX = core.seating.PENDING_MAX = limits.pending
            core.inviting.INVITE_LINKS_MAX = limits.links
            core.people.SANCTIONS_MAX, core.people.MODERATORS_MAX = limits.sanctions, limits.moderators
            core.show.METADATA_KEYS_MAX = limits.keys

    PureMachine.core = core
    return PureMachine
