"""The whole way: what the room decides is what arrives at the viewers, over real sockets, server and media server."""

from typing import Any

from micconnect.media.base import SCREEN_PLACE
from tests.live import Client
from tests.media.peers import LightPublisher, LightWatcher, until
from tests.media.show import Show


def mark_on(watcher: LightWatcher, seat: int) -> int:
    return watcher.got[seat, "video"][-1].payload[-1]


async def test_a_guest_is_moved_and_two_change_places(show: Show) -> None:
    await show.host.do("moveSeat", userId="alice", seatIndex=3)
    await show.watching.more(3, "video")
    assert await show.watching.silence(1, "video")
    bob = await show.come("Bob")
    asked = await bob.do("apply", media="video")
    await show.host.do("respondToApplication", requestId=asked["request"]["requestId"], isAccepted=True)
    await show.publish(bob, 0x30)
    await until(lambda: mark_on(show.watching, 1) == 0x30 and mark_on(show.watching, 3) == 0x20, "both on their seats")
    await show.host.do("moveSeat", userId="alice", seatIndex=1, policy="swap")
    await until(lambda: mark_on(show.watching, 1) == 0x20 and mark_on(show.watching, 3) == 0x30, "both changed")


async def test_behind_the_stage_only_the_staff_sees_and_a_helper_only_while_being_one(show: Show) -> None:
    await show.host.do("setBackstage", userId="alice", isBackstage=True)
    await until(lambda: show.vera.callbacks, "news")
    assert await show.watching.silence(1, "audio") and await show.watching.silence(1, "video")
    await show.host_watching.more(1, "video")
    await show.host.do("setModerator", userId="vera", isModerator=True)
    helping = await show.watch(show.vera)
    await helping.more(1, "video")
    await show.host.do("setModerator", userId="vera", isModerator=False)
    await until(lambda: helping.pc.connectionState == "closed", "the helper's watch to end")
    as_all = await show.watch(show.vera)
    await as_all.more(0, "video")
    assert as_all.count(1, "video") == 0


async def test_who_is_banned_sees_nothing_any_more(show: Show) -> None:
    await show.host.do("banUser", userId="vera")
    await until(lambda: show.watching.pc.connectionState == "closed", "the watch to end")
    assert await show.vera.closed() == 4011


def screen_of_alice(client: Client) -> str:
    """As the newest list says."""
    lists = [c["connectedUsers"] for c in client.callbacks if c["type"] == "onConnectedUsersUpdated"]
    return str(next(user["screen"] for user in lists[-1] if user["userId"] == "alice"))


async def test_a_screen_is_shown_and_closed_by_the_room_when_it_stops_arriving(show: Show) -> None:
    early = LightPublisher(audio=False)
    show.opened.append(early)
    assert await show.alice.refused("publish", sdp=await early.offer(), isScreen=True) == "BAD_SDP"
    await show.alice.do("setDevice", device="screen", isOpen=True)
    sharing = await show.publish(show.alice, 0x40, is_screen=True)
    await show.watching.more(SCREEN_PLACE, "video")
    assert mark_on(show.watching, SCREEN_PLACE) == 0x40 and screen_of_alice(show.vera) == "open"
    await sharing.close()
    await until(lambda: screen_of_alice(show.vera) == "closed", "the room to close the screen")
    await show.watching.more(1, "video")
    # A new opening is a new grant: the end of the last one does not bar it.
    await show.alice.do("setDevice", device="screen", isOpen=True)
    await show.publish(show.alice, 0x50, is_screen=True)
    await until(lambda: mark_on(show.watching, SCREEN_PLACE) == 0x50, "the screen again")
    await show.alice.do("setDevice", device="screen", isOpen=False)
    assert await show.watching.silence(SCREEN_PLACE, "video")


async def test_the_quality_of_lines_is_told_to_all_and_to_who_comes_later(show: Show) -> None:
    host_id = show.host.frames[0]["me"]["user"]["userId"]

    def is_whole(callback: dict[str, Any]) -> bool:
        return callback["qualities"].keys() == {host_id, "alice"}

    await show.vera.callback("onUserNetworkQualityChanged", is_whole)
    late = await show.come("Lena")
    await late.callback("onUserNetworkQualityChanged", is_whole)


async def test_a_seat_that_is_brought_to_another_window_is_silent_until_that_one_sends(show: Show) -> None:
    second = await show.come("Alice", window="w2")
    own_picture = await show.watch(second)
    await own_picture.more(1, "video")
    assert await second.refused("publish", sdp="v=0\r\n") == "OTHER_WINDOW"
    await show.watching.more(1, "video")
    assert mark_on(show.watching, 1) == 0x20, "the one on air goes on"
    await second.do("bringHere")
    await show.vera.callback(
        "onConnectedUsersUpdated", lambda c: [u["state"] for u in c["connectedUsers"]][1:] == ["reconnecting"]
    )
    for kind in ("audio", "video"):
        assert await show.watching.silence(1, kind), "nothing of the former window is heard or seen any more"
    assert await show.alice.refused("publish", sdp="v=0\r\n") == "OTHER_WINDOW"
    await show.publish(second, 0x50)
    await until(lambda: mark_on(show.watching, 1) == 0x50, "the window that has the seat now")
    for kind in ("audio", "video"):
        await show.watching.more(1, kind)
    assert show.alice.close_code is None and second.close_code is None


def stalled_of(client: Client, user_id: str) -> list[str]:
    """What of somebody's open devices brings nothing, as the newest list says."""
    lists = [c["connectedUsers"] for c in client.callbacks if c["type"] == "onConnectedUsersUpdated"]
    return next((list(user["stalled"]) for user in lists[-1] if user["userId"] == user_id), []) if lists else []


async def test_everybody_hears_which_device_has_stopped_and_that_it_is_well_again(show: Show) -> None:
    by_kind = {track.kind: track for track in show.sending.tracks}
    for kind, device in (("video", "camera"), ("audio", "microphone")):
        by_kind[kind].is_paused = True
        await until(lambda device=device: stalled_of(show.vera, "alice") == [device], f"the {device} told")
        late = await show.come("Lena")
        assert next(u["stalled"] for u in late.frames[0]["connectedUsers"] if u["userId"] == "alice") == [device]
        by_kind[kind].is_paused = False
        await until(lambda: stalled_of(show.vera, "alice") == [], f"the {device} well again")
    by_kind["video"].is_paused = True
    await until(lambda: stalled_of(show.vera, "alice") == ["camera"], "the camera told")
    await show.alice.do("setDevice", device="camera", isOpen=False)
    await until(lambda: stalled_of(show.vera, "alice") == [], "a closed camera need not bring anything")
