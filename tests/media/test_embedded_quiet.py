"""People who are silent send almost nothing (Opus DTX): they stay on air, and their line counts as good."""

import asyncio

import pytest

from micconnect.media.embedded import EmbeddedBackend
from micconnect.media.sfu.counts import LossRate
from micconnect.media.sfu.publisher import IDLE_S
from tests.media.peers import LightPublisher, LightWatcher, PacketTrack, grant, peers

on_module_loop = pytest.mark.asyncio(loop_scope="module")


@on_module_loop
async def test_browsers_are_asked_to_send_little_while_nobody_speaks(forwarder: EmbeddedBackend) -> None:
    async with peers() as open_peers:
        publisher = LightPublisher()
        open_peers.append(publisher)
        answer = await forwarder.open_publish(grant("dtx", "ann"), await publisher.offer())
        fmtp = [line for line in answer.split("\r\n") if line.startswith("a=fmtp:") and "minptime" in line]
        assert len(fmtp) == 1 and "usedtx=1" in fmtp[0].partition(" ")[2].split(";")


class SilentPublisher(LightPublisher):
    """Sends three sound packets a second and no picture, as a browser does for somebody who says nothing."""

    def __init__(self) -> None:
        super().__init__(video=False, audio=False)
        self.tracks.append(PacketTrack("audio", bytes(3), 3))
        self.pc.addTrack(self.tracks[0])


@on_module_loop
async def test_a_silent_person_stays_on_air_with_a_good_line(forwarder: EmbeddedBackend) -> None:
    async with peers() as open_peers:
        ann = grant("silent", "ann", video=False)
        open_peers.append(await SilentPublisher().publish(forwarder, ann))
        watcher = await LightWatcher().watch(forwarder, "silent", "bob")
        open_peers.append(watcher)
        await watcher.more(1, "audio", 2)
        losses = []
        for _ in range(round(IDLE_S) + 3):
            await asyncio.sleep(1)
            losses += [stats.loss for stats in await forwarder.measure("silent")]
        assert len(losses) >= IDLE_S and max(losses) == 0
        assert [feed.grant_id for feed in await forwarder.snapshot("silent")] == [ann.grant_id]
        await watcher.more(1, "audio", 2)


def test_on_a_full_line_each_second_counts_alone() -> None:
    rate = LossRate()
    assert rate.note(80, 20, is_empty=False) == 0.25
    assert rate.note(80, 0, is_empty=False) == 0
    assert rate.note(50, 5, is_empty=False) == 0.1


def test_one_packet_lost_of_the_few_of_a_silent_person_is_not_much() -> None:
    rate = LossRate()
    assert rate.note(3, 1, is_empty=False) == 1 / LossRate.ENOUGH
    assert rate.note(2, 0, is_empty=False) == 1 / LossRate.ENOUGH
    for _ in range(LossRate.WINDOWS):
        last = rate.note(3, 0, is_empty=False)
    assert last == 0


def test_a_silent_person_on_a_bad_line_is_seen() -> None:
    rate = LossRate()
    for _ in range(LossRate.WINDOWS):
        last = rate.note(3, 1, is_empty=False)
    assert last > 0.1


def test_who_begins_to_speak_is_judged_by_what_they_say_now() -> None:
    rate = LossRate()
    for _ in range(LossRate.WINDOWS):
        rate.note(3, 1, is_empty=False)
    assert rate.note(50, 0, is_empty=False) == 0


def test_a_full_line_that_brings_nothing_is_lost_at_once_a_sparse_one_after_two_seconds() -> None:
    full, sparse, never = LossRate(), LossRate(), LossRate()
    full.note(50, 0, is_empty=False)
    assert full.note(0, 0, is_empty=True) == 1
    sparse.note(3, 0, is_empty=False)
    assert sparse.note(0, 0, is_empty=True) == 0
    assert sparse.note(0, 0, is_empty=True) == 1
    assert sparse.note(0, 0, is_empty=True) == 1
    assert sparse.note(3, 0, is_empty=False) == 0
    assert never.note(0, 0, is_empty=True) == 1
