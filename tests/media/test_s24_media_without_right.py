"""S24: nobody is seen or heard without the right to be, not even for the blink in which it is taken away.

Judged where it counts: by when packets arrive at a viewer, while the one who lost the right goes on sending.
"""

import asyncio
import random
import time
from collections.abc import Awaitable
from typing import Any

import pytest
from aiortc import RTCSessionDescription

from tests.live import Client
from tests.media.line import ANYTHING, Line
from tests.media.peers import LightPublisher, LightWatcher
from tests.media.show import Show

CUT_S = 0.25  # so long after the command was answered a packet may still arrive
AFTER_S = 1.2  # so long it is watched that none does
ALICES = 1  # her seat
JITTER_S = 0.01
ROUNDS = 5


async def nothing_came(watcher: LightWatcher, since: float, *, seat: int = ALICES, kinds: tuple[str, ...]) -> None:
    """No packet of these kinds came to a seat later than CUT_S after `since`, nor comes now."""
    await asyncio.sleep(max(0.0, since + AFTER_S - time.monotonic()))
    late = {kind: [t - since for t in watcher.came[seat, kind] if t > since + CUT_S] for kind in kinds}
    assert not any(late.values()), f"so many seconds after the answer packets came: {late}"


async def refused(client: Client, offering: LightPublisher) -> str:
    """The code with which an offer to publish is refused."""
    return await client.refused("publish", sdp=await offering.offer(), isScreen=False)


def another(show: Show) -> LightPublisher:
    """A further connection of somebody who is at it again."""
    publisher = LightPublisher(mark=0x66)
    show.opened.append(publisher)
    return publisher


async def answered(asked: Awaitable[dict[str, Any]]) -> float:
    """When a command was answered that must succeed."""
    await asked
    return time.monotonic()


async def jittered(asked: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    """Somewhere within the same 10 ms; whatever the answer is."""
    await asyncio.sleep(random.uniform(0, JITTER_S))
    return await asked


async def test_s24_a_viewer_who_publishes_is_refused_and_nothing_arrives(show: Show) -> None:
    before = {place: len(packets) for place, packets in show.watching.got.items() if place[0] not in (0, ALICES)}
    assert await refused(show.vera, another(show)) == "NOT_ON_SEAT"
    assert await show.vera.refused("publish", sdp=await another(show).offer(), isScreen=True) == "NOT_ON_SEAT"
    await asyncio.sleep(AFTER_S)
    assert {place: len(show.watching.got[place]) for place in before} == before


@pytest.mark.parametrize("how", ["disconnectUser", "barUser", "banUser", "lockSeat"])
async def test_s24_who_is_removed_is_silent_and_does_not_come_back(show: Show, how: str) -> None:
    fields: dict[str, Any] = {"seatIndex": ALICES, "isLocked": True} if how == "lockSeat" else {"userId": "alice"}
    gone_at = await answered(show.host.do(how, **fields))
    again = another(show)
    if how == "banUser":
        assert await show.alice.closed() == 4011
    else:
        assert await refused(show.alice, again) == "NOT_ON_SEAT"
    await nothing_came(show.watching, gone_at, kinds=("audio", "video"))
    assert show.sending.pc.connectionState != "failed", "she did go on sending"


async def test_s24_who_is_muted_does_not_open_the_microphone_again(show: Show) -> None:
    locked_at = await answered(show.host.do("lockDevice", userId="alice", device="microphone", isLocked=True))
    assert await show.alice.refused("setDevice", device="microphone", isOpen=True) == "DEVICE_LOCKED"
    again = another(show)
    await again.publish(Line(show.alice), ANYTHING)  # type: ignore[arg-type]
    await show.watching.more(ALICES, "video")
    await nothing_came(show.watching, locked_at, kinds=("audio",))


async def test_s24_a_lock_and_an_opening_in_the_same_blink_leave_silence(show: Show) -> None:
    for _ in range(ROUNDS):
        await show.watching.more(ALICES, "audio")
        await show.alice.do("setDevice", device="microphone", isOpen=False)
        locking = jittered(show.host.ask("lockDevice", userId="alice", device="microphone", isLocked=True))
        opening = jittered(show.alice.ask("setDevice", device="microphone", isOpen=True))
        answers = await asyncio.gather(locking, opening)
        locked_at = time.monotonic()
        assert answers[0]["error"] is None
        await nothing_came(show.watching, locked_at, kinds=("audio",))
        await show.host.do("lockDevice", userId="alice", device="microphone", isLocked=False)
        await show.alice.do("setDevice", device="microphone", isOpen=True)


async def test_s24_a_removal_and_an_offer_in_the_same_blink_leave_silence(show: Show) -> None:
    for _ in range(ROUNDS):
        await show.watching.more(ALICES, "audio")
        again = another(show)
        offer = await again.offer()
        removing = jittered(show.host.ask("disconnectUser", userId="alice"))
        publishing = jittered(show.alice.ask("publish", sdp=offer, isScreen=False))
        removed, published = await asyncio.gather(removing, publishing)
        removed_at = time.monotonic()
        assert removed["error"] is None
        if published["error"] is None:  # she was the faster one, and uses what she got
            await again.pc.setRemoteDescription(RTCSessionDescription(published["result"]["sdp"], "answer"))
        await nothing_came(show.watching, removed_at, kinds=("audio", "video"))
        asked = await show.alice.do("apply", media="video")
        await show.host.do("respondToApplication", requestId=asked["request"]["requestId"], isAccepted=True)
        await show.publish(show.alice, 0x20)


async def back_on_a_seat(show: Show, way: str) -> None:
    """Alice comes onto seat 1 again, in one of the ways there are."""
    host, alice = show.host, show.alice
    await host.do("updateRoom", seatMode="free" if way == "sits down" else "apply", isAutoAccepting=way == "by itself")
    match way:
        case "sits down":
            await alice.do("takeSeat", media="video")
        case "by itself":
            await alice.do("apply", media="video")
        case "invited":
            asked = await host.do("invite", userId="alice")
            await alice.do("respondToInvitation", requestId=asked["request"]["requestId"], isAccepted=True)
        case "placed":
            await host.do("placeUser", userId="alice")
            await alice.do("setDevice", device="camera", isOpen=True)
        case "returned":  # she waits already
            await host.do("acceptNext")
            await alice.do("setDevice", device="camera", isOpen=True)
        case _:
            asked = await alice.do("apply", media="video")
            await host.do("respondToApplication", requestId=asked["request"]["requestId"], isAccepted=True)


async def test_s24_who_was_muted_is_not_heard_after_coming_back_in_any_way(show: Show) -> None:
    locked_at = await answered(show.host.do("lockDevice", userId="alice", device="microphone", isLocked=True))
    for off, way in (
        ("leaveSeat", "accepted"),
        ("leaveSeat", "sits down"),
        ("disconnectUser", "by itself"),
        ("leaveSeat", "invited"),
        ("disconnectUser", "placed"),
        ("returnToQueue", "returned"),
    ):
        if off == "leaveSeat":
            await show.alice.do("leaveSeat")
        else:
            await show.host.do(off, userId="alice")
        await back_on_a_seat(show, way)
        await show.publish(show.alice, 0x76)
        await show.watching.more(ALICES, "video", at_least=20)
        assert await show.alice.refused("setDevice", device="microphone", isOpen=True) == "DEVICE_LOCKED", way
    await nothing_came(show.watching, locked_at, kinds=("audio",))
    await show.host.do("lockDevice", userId="alice", device="microphone", isLocked=False)
    assert await show.watching.silence(ALICES, "audio"), "lifting opens nothing"
    await show.alice.do("setDevice", device="microphone", isOpen=True)
    await show.watching.more(ALICES, "audio")
