"""R14: the clock jumps by an hour, the machine sleeps: nothing ends before its time, and nobody is lost by a nap."""

import asyncio
import signal

from tests.chaos import figures, law, oracle
from tests.chaos.expiries import Witness
from tests.chaos.follower import Follower
from tests.chaos.processes import Injected, serving
from tests.chaos.show import Show, all_in, open_show
from tests.live import Server
from tests.media.peers import LightPublisher, grant

HOUR_S = 3600.0
NAP_S = figures.pick(5, 40)
ROUNDS_S = 3.0  # the server's clock comes round once a second


class Line:
    """A follower as far as a light media peer needs a media server."""

    def __init__(self, follower: Follower) -> None:
        self.follower = follower

    async def open_publish(self, seat: object, offer_sdp: str) -> str:
        return str((await self.follower.do("publish", sdp=offer_sdp, isScreen=False))["sdp"])


async def on_air(show: Show, guest: Follower) -> LightPublisher:
    """Seats somebody whose sound arrives."""
    await show.seat(guest)
    sending = await LightPublisher(video=False).publish(Line(guest), grant("room", "anybody"))  # type: ignore[arg-type]
    await guest.until(lambda: guest.picture.state["me"]["connection"]["state"] == "live", "sound to arrive")
    return sending


def open_requests(show: Show) -> list[str]:
    return [request["user"]["userId"] for request in show.host.picture.state["requests"]]


async def test_r14_a_clock_that_jumps_by_an_hour_ends_nothing_early_and_nothing_twice(loopback_only: None) -> None:
    injected = Injected()
    async with serving(injected.env) as servers:
        show = await open_show(servers, audience=8, helpers=0)
        witness = Witness(show.host)
        guest, patient, soon, later = show.audience[:4]
        sending = await on_air(show, guest)
        await patient.do("apply", media="audio", timeoutS=0)
        await soon.do("apply", media="audio", timeoutS=600)
        await show.host.do("barUser", userId=show.audience[4].name, seconds=2 * int(HOUR_S))

        injected.move_clock(-HOUR_S)
        await later.do("apply", media="audio", timeoutS=600)
        await asyncio.sleep(ROUNDS_S)
        assert open_requests(show) == [patient.name, soon.name, later.name], "something ended while the clock was slow"
        injected.move_clock(0)
        await asyncio.sleep(ROUNDS_S)
        # a deadline set by the slow clock is an hour old now; the others are as before
        await show.host.until(lambda: open_requests(show) == [patient.name, soon.name], "only what is due to end")

        injected.move_clock(HOUR_S)
        await show.host.until(lambda: open_requests(show) == [patient.name], "ten minutes to pass")
        await asyncio.sleep(ROUNDS_S)
        assert open_requests(show) == [patient.name]
        assert show.host.picture.state["sanctions"], "the bar was for two hours"
        assert guest.picture.state["me"]["connection"]["state"] == "live"
        injected.move_clock(0)
        await asyncio.sleep(ROUNDS_S)
        await check_after(show, servers[0], witness, 2, "r14 jumps", jumps_s=HOUR_S)
        await sending.close()


async def check_after(show: Show, server: Server, witness: Witness, count: int, name: str, **values: object) -> None:
    closes = sum(len(follower.closes) for follower in show.everybody)
    true_s = await law.true_again(show.everybody)
    law.no_moment_twice(show.everybody)
    log = await asyncio.to_thread(oracle.read_log, server, show.slug)
    law.no_answer_lost(show.everybody, log)
    expired = witness.check()
    assert expired == count
    figures.note(name, timeouts=expired, wrong=0, closes=closes, true_s=true_s, **values)


async def test_r14_a_nap_of_the_machine_costs_nobody_the_seat(server: Server, loopback_only: None) -> None:
    show = await open_show([server], audience=10, helpers=1)
    witness = Witness(show.host)
    guest, waiting, short = show.audience[:3]
    sending = await on_air(show, guest)
    await waiting.do("apply", media="audio", timeoutS=0)
    await short.do("apply", media="audio", timeoutS=5)
    server.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(NAP_S)
    server.process.send_signal(signal.SIGCONT)
    await show.host.until(
        lambda: show.host.is_live and open_requests(show) == [waiting.name], "the short wait to end", 60
    )
    await all_in(show.everybody)
    await law.true_again(show.everybody)
    await guest.until(lambda: guest.picture.state["me"]["connection"]["state"] == "live", "the guest to be back", 60)
    await check_after(show, server, witness, 1, "r14 nap", nap_s=NAP_S)
    await sending.close()
