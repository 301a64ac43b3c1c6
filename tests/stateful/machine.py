"""The room machine: chains of commands, drawn from what is going on in the room, against the model and the laws.

It runs over any Driver: subclass RoomMachine, give `make_driver`, and use its `.TestCase`.
"""

from tests.stateful.moves.asking import Asking
from tests.stateful.moves.devices import Devices
from tests.stateful.moves.inviting import Inviting
from tests.stateful.moves.lasting import Lasting
from tests.stateful.moves.people import People
from tests.stateful.moves.seating import Seating
from tests.stateful.moves.show import Show
from tests.stateful.moves.world import World


class RoomMachine(Asking, Inviting, Seating, Devices, Lasting, People, Show, World):
    """Everything that twelve people, the staff, the lines, the media server and time can do to a room."""
