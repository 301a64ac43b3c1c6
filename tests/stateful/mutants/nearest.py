"""Which moves come nearest to the rules of a module, or to an occasion: a search with all moves costs more time."""

from tests.stateful.harness import Harness
from tests.stateful.machine import RoomMachine
from tests.stateful.moves.asking import Asking
from tests.stateful.moves.devices import Devices
from tests.stateful.moves.inviting import Inviting
from tests.stateful.moves.lasting import Lasting
from tests.stateful.moves.people import People
from tests.stateful.moves.seating import Seating
from tests.stateful.moves.show import Show
from tests.stateful.moves.world import World

NEAREST: dict[str, tuple[type[Harness], ...]] = {
    "room": (Asking, Seating, People),
    "transitions": (Seating, Devices, World, Show),
    "needs": (Asking, Inviting, Seating, People),
    "queue": (Asking, Show),
    "naming": (World, Asking, People),
    "waits": (Asking, Show),
    "absence": (World, Show),
    "changes_of_options": (Show, Asking, Inviting),
    "lines": (World, Asking),
    "asking": (Asking, Show),
    "inviting": (Inviting,),
    "seating": (Seating,),
    "devices": (Devices, Seating),
    "people": (People,),
    "show": (Show, Seating),
    "clock": (World, Asking),
    "waiting": (Asking,),
    "windows": (Seating, Asking),
    "options": (Show,),
    "stage": (World,),
    "deadlines": (World, People, Inviting),
    "pauses": (Asking, Show),
    "alone": (World, Asking),
    "again": (Lasting, Asking),
    "silence": (Devices,),
    "lasting": (Lasting, Devices, Asking),
    "behind": (Lasting,),
    "invitations": (Inviting, Asking),
    "after the show": (Devices, Show),
    "rules": (RoomMachine,),
    "views": (RoomMachine,),
    "notices": (RoomMachine,),
}
