"""For how long sound and picture go on to somebody whose socket was lost."""

import asyncio

from tests.media.peers import until
from tests.media.show import Show

KEPT_S = 3
ROUNDS_S = 4  # two rounds of the clock, on a busy machine
SERVER_ENV = {"MIC_WATCH_KEPT_S": str(KEPT_S)}


async def test_a_short_cut_interrupts_nothing_and_a_long_one_ends_the_watch_within_the_bound(show: Show) -> None:
    await show.vera.close()
    back = await show.come("Vera")
    await asyncio.sleep(KEPT_S + ROUNDS_S)
    await show.watching.more(0, "video")
    await back.close()
    async with asyncio.timeout(KEPT_S + ROUNDS_S):
        await until(lambda: show.watching.pc.connectionState == "closed", "the watch to end")
