"""How many commands per second the door carries out on SQLite: apply and accept, with all rows, constraints and log.

One room, one thread, guests taken off again (not counted) so that seats stay free. Prints one JSON object.
"""

import json
import time

from django.core.management import call_command
from django.utils import timezone

from micconnect import services, store
from micconnect.domain.room import Actor, Person
from micconnect.protocol.commands import Apply, DisconnectUser, GoLive, RespondToApplication
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import LinkMedia, Role

COMMANDS = 1200


def main() -> None:
    call_command("migrate", verbosity=0)
    host = Actor(person=Person(user_id="u1", name="Host"), role=Role.HOST)
    slug = store.create_room(host=host.person, options=RoomOptions(title="Bench")).slug
    services.perform(slug, host, GoLive(), timezone.now())

    counted_wall = counted_cpu = 0.0
    for number in range(COMMANDS // 2):
        guest = Actor(person=Person(user_id=f"a{number}", name=f"Guest {number}"), role=Role.AUDIENCE)
        wall, cpu = time.perf_counter(), time.process_time()
        asked = services.perform(slug, guest, Apply(media=LinkMedia.VIDEO), timezone.now(), ref=f"a{number}")
        assert asked.result and asked.result.request
        answer = RespondToApplication(request_id=asked.result.request.request_id, is_accepted=True)
        accepted = services.perform(slug, host, answer, timezone.now(), ref=f"h{number}")
        counted_wall += time.perf_counter() - wall
        counted_cpu += time.process_time() - cpu
        assert accepted.error is None, accepted
        services.perform(slug, host, DisconnectUser(user_id=guest.user_id), timezone.now())
    result = {
        "bench": "perform",
        "database": "sqlite",
        "commands": COMMANDS,
        "commands_per_s": round(COMMANDS / counted_wall),
        "cpu_ms_per_command": round(counted_cpu / COMMANDS * 1000, 2),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
