"""The machine over the rules alone, with the real module set or with a mutant of it."""

from typing import Any

from tests.stateful.core import Core
from tests.stateful.driver import PureDriver
from tests.stateful.machine import RoomMachine


def pure_machine(core: Core) -> type[RoomMachine]:
    """A machine class over this module set. Its limits are set low in half of the runs, so that they are reached."""

    class PureMachine(RoomMachine):
        kept = (100, 6)
        pending_max = (100, 4)

        def make_driver(self, room: Any) -> PureDriver:
            return PureDriver(self.core, room)

        def limit(self, kept: int, pending_max: int) -> None:
            self.core.room.ENDED_KEPT = kept
            self.core.rules.PENDING_MAX = pending_max

    PureMachine.core = core
    return PureMachine
