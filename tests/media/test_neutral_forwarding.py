"""Media through a real media server of each kind: what is allowed reaches the right slot, and nothing else does."""

import asyncio

import pytest
from aiortc import RTCSessionDescription

from micconnect.media.base import FeedGone, FeedUp, MediaBackend, MediaRefused
from micconnect.media.sdp import VideoRefused
from micconnect.protocol.words import Device
from tests.media.peers import Heard, LightPublisher, LightWatcher, grant, peers, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_media_reach_the_slot_of_the_seat_and_no_other(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        heard = Heard(backend, "slots")
        open_peers.append(heard)
        ann = grant("slots", "ann", seat=2)
        open_peers.append(await LightPublisher().publish(backend, ann))
        watcher = await LightWatcher().watch(backend, "slots", "bob", seats=4)
        open_peers.append(watcher)
        assert watcher.offer is not None
        assert [(slot.seat_index, slot.is_screen) for slot in watcher.offer.slots] == [
            (0, False),
            (1, False),
            (2, False),
            (3, False),
            (4, True),
        ]
        await watcher.more(2, "audio")
        await watcher.more(2, "video")
        assert {place for place, packets in watcher.got.items() if packets} == {(2, "audio"), (2, "video")}
        assert heard.events == [FeedUp("slots", ann.grant_id)]


@pytest.mark.parametrize("session", ["", "a=sendonly"], ids=["none", "session"])
async def test_media_without_a_direction_of_their_own_are_sent(backend: MediaBackend, session: str) -> None:
    async with peers() as open_peers:
        sender = LightPublisher()
        open_peers.append(sender)
        lines = (await sender.offer()).replace("t=0 0\r\n", f"t=0 0\r\n{session}\r\n" if session else "t=0 0\r\n")
        offer = "".join(line for line in lines.splitlines(keepends=True) if line.strip() != "a=sendrecv")
        assert offer.count("m=") == 2 and offer.count("a=send") == bool(session)
        room = f"undirected{session[2:]}"
        answer = await backend.open_publish(grant(room, "ann"), offer)
        await sender.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        watcher = await LightWatcher().watch(backend, room, "bob")
        open_peers.append(watcher)
        await watcher.more(1, "audio")
        await watcher.more(1, "video")


async def test_a_watcher_who_was_there_first_sees_who_comes(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        watcher = await LightWatcher().watch(backend, "first", "bob")
        open_peers.append(watcher)
        open_peers.append(await LightPublisher().publish(backend, grant("first", "ann", seat=0)))
        await watcher.more(0, "video")


async def test_a_sound_seat_carries_sound_and_refuses_picture(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        seat = grant("sound", "ann", video=False)
        intruder = LightPublisher()
        open_peers.append(intruder)
        with pytest.raises(VideoRefused):
            await backend.open_publish(seat, await intruder.offer())
        assert await backend.snapshot("sound") == ()
        open_peers.append(await LightPublisher(video=False).publish(backend, seat))
        watcher = await LightWatcher().watch(backend, "sound", "bob")
        open_peers.append(watcher)
        await watcher.more(1, "audio")
        assert watcher.count(1, "video") == 0


async def test_own_media_do_not_come_back(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        open_peers.append(await LightPublisher().publish(backend, grant("own", "ann", seat=1)))
        open_peers.append(await LightPublisher().publish(backend, grant("own", "bob", seat=2)))
        watcher = await LightWatcher().watch(backend, "own", "ann")
        open_peers.append(watcher)
        await watcher.more(2, "audio")
        await watcher.more(2, "video")
        assert watcher.count(1, "audio") == watcher.count(1, "video") == 0


async def test_muting_stops_one_device_and_unmuting_resumes_it(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        ann = grant("mute", "ann")
        open_peers.append(await LightPublisher().publish(backend, ann))
        watcher = await LightWatcher().watch(backend, "mute", "bob")
        open_peers.append(watcher)
        for device, kind, other in ((Device.MICROPHONE, "audio", "video"), (Device.CAMERA, "video", "audio")):
            await watcher.more(1, kind)
            await backend.set_muted("mute", ann.grant_id, device, True)
            assert await watcher.silence(1, kind)
            await watcher.more(1, other)
            (feed,) = await backend.snapshot("mute")
            assert (feed.audio_muted, feed.video_muted) == (kind == "audio", kind == "video")
            await backend.set_muted("mute", ann.grant_id, device, False)
            await watcher.more(1, kind)
        sequence = [packet.sequence_number for packet in watcher.got[1, "video"]]
        assert [(b - a) & 0xFFFF for a, b in zip(sequence, sequence[1:], strict=False)] == [1] * (len(sequence) - 1)


async def test_a_grant_that_begins_muted_is_up_but_not_heard(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        heard = Heard(backend, "hush")
        open_peers.append(heard)
        ann = grant("hush", "ann", audio_muted=True, video_muted=True)
        open_peers.append(await LightPublisher().publish(backend, ann))
        watcher = await LightWatcher().watch(backend, "hush", "bob")
        open_peers.append(watcher)
        await until(lambda: heard.events, "feed up")
        assert await watcher.silence(1, "audio")
        assert watcher.count(1, "audio") == watcher.count(1, "video") == 0


async def test_a_mute_that_overtakes_the_offer_is_in_force(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        watcher = await LightWatcher().watch(backend, "early", "bob")
        open_peers.append(watcher)
        ann = grant("early", "ann")
        await backend.set_muted("early", ann.grant_id, Device.MICROPHONE, True)
        open_peers.append(await LightPublisher().publish(backend, ann))
        await watcher.more(1, "video")
        assert watcher.count(1, "audio") == 0


async def test_after_a_cut_nothing_is_heard_though_the_sender_goes_on(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        ann = grant("cut", "ann")
        publisher = await LightPublisher().publish(backend, ann)
        watcher = await LightWatcher().watch(backend, "cut", "bob")
        open_peers += [publisher, watcher]
        await watcher.more(1, "audio")
        await backend.cut("cut", ann.grant_id)
        await backend.cut("cut", ann.grant_id)
        assert await watcher.silence(1, "audio")
        assert await watcher.silence(1, "video")
        assert await backend.snapshot("cut") == ()
        again = LightPublisher()
        open_peers.append(again)
        with pytest.raises(MediaRefused, match="over"):
            await backend.open_publish(ann, await again.offer())
        open_peers.append(await LightPublisher().publish(backend, grant("cut", "ann")))
        await watcher.more(1, "audio")


async def test_a_cut_before_or_during_the_offer_wins(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        ann = grant("race", "ann")
        publisher = LightPublisher()
        open_peers.append(publisher)
        offer = await publisher.offer()
        opening = asyncio.create_task(backend.open_publish(ann, offer))
        await asyncio.sleep(0)
        await backend.cut("race", ann.grant_id)
        with pytest.raises(MediaRefused):
            await opening
        assert await backend.snapshot("race") == ()


async def test_the_next_on_a_seat_continues_the_stream_of_the_slot(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        watcher = await LightWatcher().watch(backend, "seat", "bob")
        open_peers.append(watcher)
        for mark in (0x10, 0x20):
            sitting = grant("seat", f"user-{mark}")
            publisher = await LightPublisher(mark=mark).publish(backend, sitting)
            open_peers.append(publisher)
            await watcher.more(1, "video", 8)
            await watcher.more(1, "audio", 8)
            await backend.cut("seat", sitting.grant_id)
        for kind in ("audio", "video"):
            packets = watcher.got[1, kind]
            assert {packet.payload[-1] for packet in packets} == {0x10, 0x20}
            assert len({packet.ssrc for packet in packets}) == 1
            steps = list(zip(packets, packets[1:], strict=False))
            assert all((b.sequence_number - a.sequence_number) & 0xFFFF == 1 for a, b in steps)
            assert all(0 <= (b.timestamp - a.timestamp) & 0xFFFFFFFF < 30 * 90000 for a, b in steps)


async def test_of_two_on_one_seat_the_newest_is_seen_and_the_older_after_it(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        watcher = await LightWatcher().watch(backend, "two", "bob")
        open_peers.append(watcher)
        older, newer = grant("two", "ann"), grant("two", "carl")
        open_peers.append(await LightPublisher(mark=0x10).publish(backend, older))
        await watcher.more(1, "audio")
        open_peers.append(await LightPublisher(mark=0x20).publish(backend, newer))
        await until(lambda: watcher.got[1, "audio"][-1].payload[-1] == 0x20, "newest")
        assert len(await backend.snapshot("two")) == 2
        await backend.cut("two", newer.grant_id)
        await until(lambda: watcher.got[1, "audio"][-1].payload[-1] == 0x10, "older again")


async def test_a_second_line_of_a_grant_replaces_the_first_without_a_word(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        heard = Heard(backend, "again")
        watcher = await LightWatcher().watch(backend, "again", "bob")
        ann = grant("again", "ann")
        first = await LightPublisher(mark=0x10).publish(backend, ann)
        open_peers += [heard, watcher, first]
        await watcher.more(1, "audio")
        second = await LightPublisher(mark=0x20).publish(backend, ann)
        open_peers.append(second)
        await until(lambda: watcher.got[1, "audio"][-1].payload[-1] == 0x20, "the second line")
        await until(lambda: first.pc.connectionState == "closed", "the first line to end")
        assert len(await backend.snapshot("again")) == 1
        await second.close()
        await until(lambda: len(heard.events) > 1, "gone")
        assert heard.events == [FeedUp("again", ann.grant_id), FeedGone("again", ann.grant_id)]


async def test_a_bad_second_offer_leaves_the_first_line_alone(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        ann = grant("bad", "ann")
        publisher = await LightPublisher().publish(backend, ann)
        watcher = await LightWatcher().watch(backend, "bad", "bob")
        open_peers += [publisher, watcher]
        other = LightPublisher()
        open_peers.append(other)
        h264_only = (await other.offer()).replace("VP8", "VP7").replace("H264", "H263")
        with pytest.raises(MediaRefused, match="VP8"):
            await backend.open_publish(ann, h264_only)
        await watcher.more(1, "video")


async def test_a_publisher_that_hangs_up_or_vanishes_is_gone(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        heard = Heard(backend, "gone")
        open_peers.append(heard)
        polite, rude = grant("gone", "ann", seat=1), grant("gone", "carl", seat=2)
        leaver = await LightPublisher().publish(backend, polite)
        vanisher = await LightPublisher().publish(backend, rude)
        open_peers += [leaver, vanisher]
        await until(lambda: len(heard.events) == 2, "both up")
        await leaver.close()
        await until(lambda: FeedGone("gone", polite.grant_id) in heard.events, "the polite one gone")
        # The other one's socket dies without a word, as when a phone loses its network.
        ice = vanisher.pc.getSenders()[0].transport.transport._connection
        for protocol in ice._protocols:
            protocol.transport.close()
        await until(lambda: FeedGone("gone", rude.grant_id) in heard.events, "the vanished one gone")
        assert await backend.snapshot("gone") == ()


async def test_closing_a_room_ends_all_and_for_ever(backend: MediaBackend) -> None:
    async with peers() as open_peers:
        ann = grant("close", "ann")
        publisher = await LightPublisher().publish(backend, ann)
        watcher = await LightWatcher().watch(backend, "close", "bob")
        open_peers += [publisher, watcher]
        await watcher.more(1, "audio")
        await backend.close_room("close")
        await backend.close_room("close")
        assert await watcher.silence(1, "audio")
        await until(lambda: watcher.pc.connectionState == "closed", "watch ended")
        again = LightPublisher()
        open_peers.append(again)
        with pytest.raises(MediaRefused):
            await backend.open_publish(ann, await again.offer())


@pytest.mark.parametrize("seats", [0, 11])
async def test_a_room_has_one_to_ten_seats(backend: MediaBackend, seats: int) -> None:
    with pytest.raises(MediaRefused, match="1 to 10"):
        await backend.open_watch("many", "bob", seats, is_staff=False)


async def test_an_offer_for_ten_seats_names_every_seat_and_the_screen_once(backend: MediaBackend) -> None:
    offer = await backend.open_watch("ten", "bob", 10, is_staff=False)
    *seats, screen = offer.slots
    mids = [mid for slot in seats for mid in (slot.audio_mid, slot.video_mid)]
    assert [slot.seat_index for slot in seats] == list(range(10))
    assert (screen.seat_index, screen.is_screen, screen.audio_mid) == (10, True, "")
    assert len({*mids, screen.video_mid}) == 21 == offer.sdp.count("m=")
    await backend.close_watch(offer.watch_id)
