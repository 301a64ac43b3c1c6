"""A live show for the chaos tests: a room, its host, helpers and audience, all of whom come back by themselves."""

import asyncio
import random
from collections.abc import Sequence

from micconnect.domain.room import Actor
from micconnect.protocol.words import Role
from tests.chaos.follower import Follower
from tests.conftest import HOST, actor
from tests.live import Server

MAKE_ROOM = """
from micconnect import store
from micconnect.domain.room import Person
from micconnect.protocol.views import RoomOptions
host = Person(user_id="host", name="Host")
print(store.create_room(host=host, options=RoomOptions(title="Open mic night", request_timeout_s={wait_s})).slug)
"""
JOINS_AT_ONCE = 50


class Show:
    """A room of its own at `servers`, which share a database; everybody may come to any of them."""

    def __init__(self, servers: Sequence[Server], slug: str, seed: int) -> None:
        self.servers, self.slug = servers, slug
        self.rng = random.Random(seed)
        self.host: Follower
        self.helpers: list[Follower] = []
        self.audience: list[Follower] = []

    @property
    def staff(self) -> list[Follower]:
        return [self.host, *self.helpers]

    @property
    def everybody(self) -> list[Follower]:
        return [*self.staff, *self.audience]

    def come(self, who: Actor) -> Follower:
        """Somebody on the way in."""
        return Follower(self.servers, self.slug, who, random.Random(self.rng.random()))

    async def fill(self, audience: int, name: str = "Viewer") -> list[Follower]:
        """So many more people in the audience, let in by and by."""
        came: list[Follower] = []
        for n in range(audience):
            came.append(self.come(actor(f"{name}{len(self.audience) + n}")))
            if n % JOINS_AT_ONCE == JOINS_AT_ONCE - 1:
                await all_in(came)
        await all_in(came)
        self.audience += came
        return came

    async def seat(self, guest: Follower) -> None:
        """Brings one of the audience on a seat."""
        asked = await guest.do("apply", media="audio", timeoutS=0)
        await self.host.do("respondToApplication", requestId=asked["request"]["requestId"], isAccepted=True)


async def open_show(
    servers: Sequence[Server], *, audience: int, helpers: int = 1, wait_s: int = 60, seed: int = 1
) -> Show:
    """A live room with its people in. `wait_s`: how long its requests wait, 0 for ever."""
    slug = await asyncio.to_thread(servers[0].manage, "shell", "-c", MAKE_ROOM.format(wait_s=wait_s))
    show = Show(servers, slug.split()[-1], seed)
    show.host = await show.come(HOST).live()
    show.helpers = [await show.come(actor(f"Helper{n}", Role.MODERATOR)).live() for n in range(helpers)]
    await show.fill(audience)
    await show.host.do("goLive")
    return show


async def all_in(people: Sequence[Follower], timeout_s: float = 120) -> None:
    """Waits until all of them are connected."""
    await asyncio.gather(*(follower.live(timeout_s) for follower in people))
