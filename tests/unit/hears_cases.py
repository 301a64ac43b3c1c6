"""Situations in which every verb is tried by everybody; what each of them hears then stands in `hears.toml`.

In a situation one person is `concerned`: the applicant, the invitee, the guest, the barred one. Dora only watches.
"""

from typing import Any

from micconnect.domain import internal as i
from micconnect.domain.room import RoomState
from micconnect.protocol import commands as c
from micconnect.protocol.words import (
    INVITE_LINKS_MAX,
    METADATA_KEYS_MAX,
    MODERATORS_MAX,
    PENDING_MAX,
    SANCTIONS_MAX,
    Device,
    Layout,
    LinkMedia,
    MovePolicy,
    QueueOrder,
    RejectReason,
    RemovalReason,
    SeatMode,
)
from tests.unit import rooms as r
from tests.unit.hears import Case

ALICE, BOB, CAROL, HOST = r.ALICE, r.BOB, r.CAROL, r.HOST
AUDIO, VIDEO = LinkMedia.AUDIO, LinkMedia.VIDEO
CAMERA, MICROPHONE, SCREEN = Device.CAMERA, Device.MICROPHONE, Device.SCREEN
NOTE, ANSWER, EXTRA = "a private note", "between the two of us", "of the embedding application"

# -- situations -------------------------------------------------------------------------------------------------------
IDLE, LIVE, ENDED = r.idle_room(), r.live_room(), r.ended_room()
ASKED = r.applied(LIVE, ALICE, note=NOTE, extra_info=EXTRA)
QUEUE = r.applied(r.applied(ASKED, CAROL), r.ERIN)
WANTED = r.invited(LIVE, ALICE, note=NOTE)
ON_AIR = r.seated(LIVE, BOB)
PAIR = r.seated(ON_AIR, CAROL)
JOINING = r.placed(LIVE, BOB)
BOTH = r.applied(r.seated(r.invited(LIVE, CAROL), BOB), ALICE)  # Bob sits, Alice applies, Carol is invited
FULL = r.applied(r.seated(r.live_room(seat_count=1), BOB), ALICE)
FULL_INVITED = r.seated(r.invited(r.live_room(seat_count=1), ALICE), BOB)
REJECTED = r.act(QUEUE, HOST, c.RejectAll())
CROWD = LIVE
for number in range(PENDING_MAX):
    CROWD = r.applied(CROWD, r.viewer(f"viewer{number:03}"))
AWAY = r.act(LIVE, r.CLOCK, i.SocketsLost("host"))
BOB_AWAY = r.act(ON_AIR, r.CLOCK, i.SocketsLost("bob"))
LOCKED = r.act(ON_AIR, HOST, c.LockDevice("bob", CAMERA, True))
SEAT_LOCKED = r.act(LIVE, HOST, c.LockSeat(1, is_locked=True))
SHUT_SEAT = r.act(ON_AIR, HOST, c.LockSeat(1, is_microphone_locked=True))
LEFT_LOCKED = r.applied(r.act(LOCKED, BOB, c.LeaveSeat()), BOB)
ASKING = r.act(LOCKED, BOB, c.AskToSpeak(CAMERA))
SHARING = r.act(PAIR, CAROL, c.SetDevice(SCREEN, True))
BACKSTAGE = r.seated(r.live_room(has_backstage=True), BOB)
READY = r.act(BACKSTAGE, BOB, c.SetReady(True))
BARRED = r.act(r.present(LIVE, ALICE), HOST, c.BarUser("alice", 600))
APPEALED = r.act(BARRED, ALICE, c.AppealBar("a mistake"))
BANNED = r.act(r.present(LIVE, ALICE), HOST, c.BanUser("alice", 600))
HELPED = r.helped(LIVE, ALICE)
BARRED_HELPER = r.act(HELPED, HOST, c.BarUser("alice"))
LINKED = r.act(LIVE, HOST, c.CreateInviteLink(VIDEO, 1, 60))
LINK = LINKED.links[0].number
LINKS = IDLE
for _ in range(INVITE_LINKS_MAX):
    LINKS = r.act(LINKS, HOST, c.CreateInviteLink())
HELPERS = LIVE
for number in range(MODERATORS_MAX):
    HELPERS = r.helped(HELPERS, r.viewer(f"helper{number}"))
FREE = r.live_room(seat_mode=SeatMode.FREE)
CLOSED = r.with_options(WANTED, seat_mode=SeatMode.CLOSED)
SERVING = r.with_options(FULL, is_auto_accepting=True)
ROTATING = r.applied(r.seated(r.live_room(seat_count=1, time_limit_s=30, is_rotating=True), BOB), ALICE, timeout_s=0)
SPOTLIT = r.act(ON_AIR, HOST, c.SetSpotlight("bob"))
UNBOUND = r.with_options(LIVE, keep_owner_on_seat=False)
KEYS = r.act(LIVE, HOST, c.SetMetadata({f"k{n}": "v" for n in range(METADATA_KEYS_MAX)}))
TURNED = r.act(r.with_options(ON_AIR, max_turns=1), BOB, c.LeaveSeat())
BOBS = r.connection_of(ON_AIR, BOB).number
STALLED = r.act(ON_AIR, r.MEDIA, i.MediaStalled(BOBS, (CAMERA,)))
LOST_SERVER = r.act(ON_AIR, r.MEDIA, i.MediaServerLost())


SPOKEN = r.applied(r.applied(r.act(ON_AIR, BOB, c.LeaveSeat(), r.after(9)), BOB, r.after(9)), ALICE, r.after(9))
TAKEN, LOCKED_ASKED = r.applied(ON_AIR, ALICE), r.applied(SEAT_LOCKED, ALICE)
UNSEATED = r.act(UNBOUND, HOST, c.LeaveSeat())
AIR_LINKED = r.act(ON_AIR, HOST, c.CreateInviteLink())
FULL_LINKED = r.act(FULL, HOST, c.CreateInviteLink())
SHUT_TWICE = r.act(SHUT_SEAT, HOST, c.LockDevice("bob", MICROPHONE, True))
GONE = r.act(r.applied(LIVE, ALICE, timeout_s=0), r.CLOCK, i.SocketsLost("alice"))
AWAY_HELPED = r.act(r.with_options(HELPED, is_carried_on=False), r.CLOCK, i.SocketsLost("host"))
CARRIED = r.act(HELPED, r.CLOCK, i.SocketsLost("host"))
MUTED = r.act(PAIR, HOST, c.LockAll(MICROPHONE, True))
MUTED_ANEW = r.act(
    r.act(MUTED, HOST, c.LockDevice("bob", MICROPHONE, False)), HOST, c.LockDevice("bob", MICROPHONE, True)
)
RETURNED = r.act(r.act(r.placed(FREE, BOB), HOST, c.CreateInviteLink()), HOST, c.ReturnToQueue("bob"))
ONE_TURN = r.act(r.act(r.placed(r.live_room(max_turns=1), BOB), BOB, c.LeaveSeat()), HOST, c.CreateInviteLink())
MANY_BARS = r.barred(LIVE, SANCTIONS_MAX)


def answer(room: RoomState, is_accepted: bool, **fields: Any) -> c.RespondToApplication:
    return r.answer(room, ALICE, is_accepted=is_accepted, **fields)


ALICES, INVITATION = r.request_of(ASKED, ALICE).request_id, r.request_of(WANTED, ALICE).request_id
CAROLS = r.request_of(QUEUE, CAROL).request_id
BAR, BAN = BARRED.sanctions[0].sanction_id, BANNED.sanctions[0].sanction_id
YES, NO = c.RespondToInvitation(INVITATION, True), c.RespondToInvitation(INVITATION, False)
BAR_BOB, BAN_BOB = (
    c.BarUser("bob", 60, RemovalReason.SOUND, ANSWER),
    c.BanUser("bob", 60, RemovalReason.CONDUCT, ANSWER),
)
ON = r.present(LIVE, ALICE)  # Alice is in the room

CASES: list[Case] = [
    # -- the show
    Case("before the show", IDLE, c.GoLive()),
    Case("without the host's seat", r.idle_room(keep_owner_on_seat=False), c.GoLive()),
    Case("during the show", LIVE, c.GoLive()),
    Case("after the show", ENDED, c.GoLive()),
    Case("with Bob on air, Alice asking, Carol invited", r.act(BOTH, HOST, c.CreateInviteLink()), c.EndLive(), ALICE),
    Case("before the show", IDLE, c.EndLive()),
    Case("after the show", ENDED, c.EndLive()),
    Case("a watcher", LIVE, c.Leave(), ALICE),
    Case("an applicant", ASKED, c.Leave(), ALICE),
    Case("an invitee", WANTED, c.Leave(), ALICE),
    Case("a guest", ON_AIR, c.Leave()),
    Case("a banned person", BANNED, c.Leave(), ALICE),
    Case("title", ON_AIR, c.UpdateRoom(title="New")),
    Case("fewer seats", LIVE, c.UpdateRoom(seat_count=2)),
    Case("the same again", LIVE, c.UpdateRoom(title="Show")),
    Case("another order of the queue", SPOKEN, c.UpdateRoom(queue_order=QueueOrder.SPOKE_LEAST), BOB, 20),
    Case("seats are served at once", ASKED, c.UpdateRoom(is_auto_accepting=True), ALICE),
    Case("too small for those who sit", PAIR, c.UpdateRoom(layout=Layout.DUAL)),
    Case("turned while live", LIVE, c.UpdateRoom(layout=Layout.LANDSCAPE)),
    Case("a title of which nothing is seen", LIVE, c.UpdateRoom(title="\u3164 \u200b")),
    Case("a cover from elsewhere", LIVE, c.UpdateRoom(cover="//example.org/c.png")),
    Case("after the show", ENDED, c.UpdateRoom(title="New")),
    Case("an entry", LIVE, c.SetMetadata({"song": "1"})),
    Case("removed that was never there", LIVE, c.SetMetadata({"song": None})),
    Case("a key of which nothing is seen", LIVE, c.SetMetadata({"\u2060": "1"})),
    Case("one key too many", KEYS, c.SetMetadata({"song": "1"})),
    Case("after the show", ENDED, c.SetMetadata({"song": "1"})),
    Case("the host is away", AWAY_HELPED, c.CarryOn(), ALICE),
    Case("the host is here", HELPED, c.CarryOn(), ALICE),
    Case("before the show", IDLE, c.CarryOn(), ALICE),
    Case("the host is away", AWAY_HELPED, c.WaitLonger(), ALICE, 60),
    Case("the host is here", HELPED, c.WaitLonger(), ALICE),
    Case("somebody carries on", CARRIED, c.WaitLonger(), ALICE),
    Case("after the show", ENDED, c.WaitLonger(), ALICE),
    Case("by who carries on", CARRIED, c.EndLive(), ALICE),
    # -- the audience asks
    Case("a seat", LIVE, c.Apply(VIDEO, NOTE, extra_info=EXTRA), ALICE),
    Case("a seat, and one is free for who comes first", r.with_options(LIVE, is_auto_accepting=True), c.Apply(VIDEO)),
    Case("before the show", IDLE, c.Apply(VIDEO), ALICE),
    Case("after the show", ENDED, c.Apply(VIDEO), ALICE),
    Case("again", ASKED, c.Apply(VIDEO), ALICE),
    Case("on a seat", ON_AIR, c.Apply(VIDEO)),
    Case("barred", BARRED, c.Apply(VIDEO), ALICE),
    Case("banned", BANNED, c.Apply(VIDEO), ALICE),
    Case("seats are free to take", FREE, c.Apply(VIDEO), ALICE),
    Case("paused", r.with_options(LIVE, is_paused=True), c.Apply(VIDEO), ALICE),
    Case("by sound only, with picture", r.with_options(LIVE, is_audio_only=True), c.Apply(VIDEO), ALICE),
    Case("for accounts only", r.with_options(LIVE, needs_login=True), c.Apply(VIDEO), ALICE),
    Case("too early", r.with_options(LIVE, min_stay_s=60), c.Apply(VIDEO), ALICE, 59),
    Case("every turn used", TURNED, c.Apply(VIDEO)),
    Case("cooling down", r.act(ASKED, ALICE, c.CancelApplication()), c.Apply(VIDEO), ALICE, 9),
    Case("under a made-up name", LIVE, c.Apply(VIDEO), ALICE, is_named=False),
    Case("a locked seat", SEAT_LOCKED, c.Apply(VIDEO, seat_index=1), ALICE),
    Case("the host's seat", LIVE, c.Apply(VIDEO, seat_index=0), ALICE),
    Case("a full queue", CROWD, c.Apply(VIDEO), ALICE),
    Case("an application", QUEUE, c.CancelApplication(), ALICE),
    Case("none", LIVE, c.CancelApplication(), ALICE),
    Case("one that was handled", r.act(ASKED, HOST, answer(ASKED, True)), c.CancelApplication(), ALICE),
    Case("yes", ASKED, answer(ASKED, True), ALICE),
    Case("yes, behind her others wait", QUEUE, answer(QUEUE, True), ALICE),
    Case("no", ASKED, answer(ASKED, False, reason=RejectReason.TOPIC, note=ANSWER), ALICE),
    Case("too late", ASKED, answer(ASKED, True), ALICE, 60),
    Case("unknown", LIVE, c.RespondToApplication("r999", True), ALICE),
    Case("all seats taken", FULL, answer(FULL, True), ALICE),
    Case("a seat that is taken", TAKEN, answer(TAKEN, True, seat_index=1), ALICE),
    Case("a seat that is locked", LOCKED_ASKED, answer(LOCKED_ASKED, True, seat_index=1), ALICE),
    Case("a seat that is none", ASKED, answer(ASKED, True, seat_index=0), ALICE),
    Case("the first of three", QUEUE, c.AcceptNext(), ALICE),
    Case("nobody waits", LIVE, c.AcceptNext()),
    Case("all seats taken", FULL, c.AcceptNext(), ALICE),
    Case("three", QUEUE, c.AcceptAll(), ALICE),
    Case("nobody waits", LIVE, c.AcceptAll()),
    Case("all seats taken", FULL, c.AcceptAll(), ALICE),
    Case("three", QUEUE, c.RejectAll(RejectReason.NOT_NOW, ANSWER), ALICE),
    Case("nobody waits", LIVE, c.RejectAll()),
    Case("three", REJECTED, c.UndoRejectAll(REJECTED.seq), ALICE, 59),
    Case("too late", REJECTED, c.UndoRejectAll(REJECTED.seq), ALICE, 60),
    Case("after the show", r.act(REJECTED, HOST, c.EndLive()), c.UndoRejectAll(REJECTED.seq), ALICE),
    Case("the second", QUEUE, c.MoveToFront(CAROLS), CAROL),
    Case("the first", QUEUE, c.MoveToFront(ALICES), ALICE),
    Case("unknown", LIVE, c.MoveToFront("r999"), ALICE),
    # -- the host asks
    Case("a watcher", ON, c.Invite("alice", note=NOTE), ALICE),
    Case("somebody who is not there", LIVE, c.Invite("alice"), ALICE),
    Case("a guest", r.present(ON_AIR, BOB), c.Invite("bob")),
    Case("an applicant", r.present(ASKED, ALICE), c.Invite("alice"), ALICE),
    Case("a barred person", r.present(BARRED, ALICE), c.Invite("alice"), ALICE),
    Case("a banned person", BANNED, c.Invite("alice"), ALICE),
    Case("the host, off the seat", r.present(UNSEATED, HOST), c.Invite("host"), HOST),
    Case("while seats are closed", r.present(CLOSED, BOB), c.Invite("bob")),
    Case("onto a locked seat", r.present(SEAT_LOCKED, ALICE), c.Invite("alice", seat_index=1), ALICE),
    Case("into a full queue", r.present(CROWD, ALICE), c.Invite("alice"), ALICE),
    Case("before the show", r.present(IDLE, ALICE), c.Invite("alice"), ALICE),
    Case("an invitation", WANTED, c.CancelInvitation(INVITATION), ALICE),
    Case("one that was handled", r.act(WANTED, ALICE, NO), c.CancelInvitation(INVITATION), ALICE),
    Case("unknown", LIVE, c.CancelInvitation("r999"), ALICE),
    Case("yes", WANTED, YES, ALICE),
    Case("no", WANTED, NO, ALICE),
    Case("too late", WANTED, YES, ALICE, 60),
    Case("all seats taken", FULL_INVITED, r.reply(FULL_INVITED, ALICE), ALICE),
    Case("a link", LIVE, c.CreateInviteLink(), ALICE),
    Case("one too many", LINKS, c.CreateInviteLink(), ALICE),
    Case("after the show", ENDED, c.CreateInviteLink(), ALICE),
    Case("a link", LINKED, c.RevokeInviteLink(f"l{LINK}"), ALICE),
    Case("unknown", LIVE, c.RevokeInviteLink("l999"), ALICE),
    Case("for the last time", LINKED, c.UseInviteLink("t"), ALICE, link=LINK),
    Case("by an applicant", r.applied(LINKED, ALICE), c.UseInviteLink("t"), ALICE, link=LINK),
    Case("no link of ours", LINKED, c.UseInviteLink("t"), ALICE),
    Case("too late", LINKED, c.UseInviteLink("t"), ALICE, 60, LINK),
    Case("by a guest", AIR_LINKED, c.UseInviteLink("t"), BOB, link=AIR_LINKED.links[0].number),
    Case(
        "while seats are closed",
        r.with_options(LINKED, seat_mode=SeatMode.CLOSED),
        c.UseInviteLink("t"),
        ALICE,
        link=LINK,
    ),
    Case("returned to the queue", RETURNED, c.UseInviteLink("t"), link=RETURNED.links[0].number),
    Case("all turns used", ONE_TURN, c.UseInviteLink("t"), link=ONE_TURN.links[0].number),
    Case("all seats taken", FULL_LINKED, c.UseInviteLink("t"), ALICE, link=FULL_LINKED.links[0].number),
    Case(
        "barred",
        r.act(r.present(LINKED, ALICE), HOST, c.BarUser("alice")),
        c.UseInviteLink("t"),
        ALICE,
        link=LINK,
    ),
    # -- on, between and off the seats
    Case("free to take", FREE, c.TakeSeat(), ALICE),
    Case("only by asking", LIVE, c.TakeSeat(), ALICE),
    Case("the host's own", UNSEATED, c.TakeSeat(seat_index=0), HOST),
    Case("a guest's", UNSEATED, c.TakeSeat(seat_index=1), HOST),
    Case("taken", r.placed(FREE, BOB), c.TakeSeat(seat_index=1), ALICE),
    Case("paused", r.with_options(FREE, is_paused=True), c.TakeSeat(), ALICE),
    Case("by an invitee", r.invited(FREE, ALICE), c.TakeSeat(), ALICE),
    Case("returned to the queue", RETURNED, c.TakeSeat()),
    Case("before the show", IDLE, c.TakeSeat(), ALICE),
    Case("a guest", ON_AIR, c.LeaveSeat()),
    Case("the host, where the seat need not be kept", UNBOUND, c.LeaveSeat(), HOST),
    Case("to another window", ON_AIR, c.BringHere(), window="w2"),
    Case("to another window, while the screen is shared", SHARING, c.BringHere(), CAROL, window="w2"),
    Case("to where it is", ON_AIR, c.BringHere()),
    Case("to the host's window at the audience's door", LIVE, c.BringHere(), r.viewer("host"), window="w2"),
    Case("to a free seat", ON_AIR, c.MoveSeat(5)),
    Case("to the own seat", ON_AIR, c.MoveSeat(1)),
    Case("to a taken seat", PAIR, c.MoveSeat(2, policy=MovePolicy.SWAP)),
    Case("to the host's seat", ON_AIR, c.MoveSeat(0)),
    Case("moved to a free seat", ON_AIR, c.MoveSeat(5, "bob"), CAROL),
    Case("moved to a taken seat", PAIR, c.MoveSeat(2, "bob"), CAROL),
    Case("moved in the place of another", PAIR, c.MoveSeat(2, "bob", MovePolicy.REPLACE), CAROL),
    Case("changing places", PAIR, c.MoveSeat(2, "bob", MovePolicy.SWAP), CAROL),
    Case("moved to a locked seat", r.act(ON_AIR, HOST, c.LockSeat(2, True)), c.MoveSeat(2, "bob"), CAROL),
    Case("the host", LIVE, c.MoveSeat(1, "host"), HOST),
    Case("a watcher", ON, c.PlaceUser("alice"), ALICE),
    Case("an applicant", r.present(ASKED, ALICE), c.PlaceUser("alice"), ALICE),
    Case("somebody who is not there", LIVE, c.PlaceUser("alice"), ALICE),
    Case("a guest", r.present(ON_AIR, BOB), c.PlaceUser("bob")),
    Case("the host", r.present(UNSEATED, HOST), c.PlaceUser("host"), HOST),
    Case("a barred person", r.present(BARRED, ALICE), c.PlaceUser("alice"), ALICE),
    Case("all seats taken", r.present(FULL, ALICE), c.PlaceUser("alice"), ALICE),
    Case("a guest", ON_AIR, c.DisconnectUser("bob", RemovalReason.CONDUCT, ANSWER)),
    Case("a guest, and somebody waits", SERVING, c.DisconnectUser("bob")),
    Case("somebody on no seat", LIVE, c.DisconnectUser("alice"), ALICE),
    Case("the host", LIVE, c.DisconnectUser("host"), HOST),
    Case("a guest", ON_AIR, c.ReturnToQueue("bob", ANSWER)),
    Case("somebody on no seat", LIVE, c.ReturnToQueue("alice"), ALICE),
    Case("into a full queue", r.placed(CROWD, BOB), c.ReturnToQueue("bob")),
    # -- locks and devices
    Case("an empty seat", LIVE, c.LockSeat(1, is_locked=True)),
    Case("the seat of a guest", ON_AIR, c.LockSeat(1, is_locked=True)),
    Case("the microphone of a guest's seat", ON_AIR, c.LockSeat(1, is_microphone_locked=True)),
    Case("the microphone of a guest's seat is freed", SHUT_SEAT, c.LockSeat(1, is_microphone_locked=False)),
    Case("nothing said", ON_AIR, c.LockSeat(1)),
    Case("the host's", LIVE, c.LockSeat(0, is_locked=True), HOST),
    Case("after the show", ENDED, c.LockSeat(1, is_locked=True)),
    Case("closed", ON_AIR, c.SetDevice(CAMERA, False)),
    Case("opened", r.act(ON_AIR, BOB, c.SetDevice(CAMERA, False)), c.SetDevice(CAMERA, True)),
    Case("closed in another window", ON_AIR, c.SetDevice(CAMERA, False), window="w2"),
    Case("opened in another window", ON_AIR, c.SetDevice(SCREEN, True), window="w2"),
    Case("open already", ON_AIR, c.SetDevice(CAMERA, True)),
    Case("locked", LOCKED, c.SetDevice(CAMERA, True)),
    Case("on a seat for sound only", r.seated(LIVE, BOB, media=AUDIO), c.SetDevice(CAMERA, True)),
    Case("the screen", ON_AIR, c.SetDevice(SCREEN, True)),
    Case("the screen, while another's is shared", SHARING, c.SetDevice(SCREEN, True)),
    Case("locked", ON_AIR, c.LockDevice("bob", CAMERA, True)),
    Case("lock lifted", LOCKED, c.LockDevice("bob", CAMERA, False)),
    Case("lock lifted, while the seat's own stands", SHUT_TWICE, c.LockDevice("bob", MICROPHONE, False)),
    Case("locked already", LOCKED, c.LockDevice("bob", CAMERA, True)),
    Case("of the host", LIVE, c.LockDevice("host", CAMERA, True), HOST),
    Case("of a stranger", LIVE, c.LockDevice("alice", CAMERA, True), ALICE),
    Case("of a watcher", r.present(LIVE, ALICE), c.LockDevice("alice", CAMERA, True), ALICE),
    Case("lock of an applicant lifted", LEFT_LOCKED, c.LockDevice("bob", CAMERA, False)),
    Case("after the show", ENDED, c.LockDevice("bob", CAMERA, True)),
    Case("two guests", PAIR, c.LockAll(MICROPHONE, True)),
    Case("no guest", LIVE, c.LockAll(MICROPHONE, True), ALICE),
    Case("two guests", MUTED, c.UndoLockAll(MICROPHONE, MUTED.seq)),
    Case("one who was locked anew", MUTED_ANEW, c.UndoLockAll(MICROPHONE, MUTED.seq)),
    Case("nobody's", ON_AIR, c.UndoLockAll(MICROPHONE, 1)),
    Case("after the show", r.act(MUTED, HOST, c.EndLive()), c.UndoLockAll(MICROPHONE, MUTED.seq)),
    Case("two guests", MUTED, c.AskAllToOpen(MICROPHONE)),
    Case("all open", PAIR, c.AskAllToOpen(MICROPHONE)),
    Case("screens", PAIR, c.AskAllToOpen(SCREEN)),
    Case("a locked camera", LOCKED, c.AskToOpen("bob", CAMERA)),
    Case("a closed camera", r.act(ON_AIR, BOB, c.SetDevice(CAMERA, False)), c.AskToOpen("bob", CAMERA)),
    Case("an open camera", ON_AIR, c.AskToOpen("bob", CAMERA)),
    Case("a screen", ON_AIR, c.AskToOpen("bob", SCREEN)),
    Case("a microphone that the seat locks", SHUT_SEAT, c.AskToOpen("bob", MICROPHONE)),
    Case("a camera on a seat for sound only", r.seated(LIVE, BOB, media=AUDIO), c.AskToOpen("bob", CAMERA)),
    Case("a locked camera", LOCKED, c.AskToSpeak(CAMERA)),
    Case("again", ASKING, c.AskToSpeak(CAMERA)),
    Case("taken back", ASKING, c.AskToSpeak(CAMERA, False)),
    Case("without a lock", ON_AIR, c.AskToSpeak(CAMERA)),
    # -- the stage
    Case("on a guest", ON_AIR, c.SetSpotlight("bob")),
    Case("on nobody", SPOTLIT, c.SetSpotlight(None)),
    Case("on somebody behind the stage", BACKSTAGE, c.SetSpotlight("bob")),
    Case("on somebody on no seat", LIVE, c.SetSpotlight("alice"), ALICE),
    Case("a guest", ON_AIR, c.SetTimeLimit("bob", 60)),
    Case("a guest, and somebody waits", FULL, c.SetTimeLimit("bob", 60)),
    Case("the host", LIVE, c.SetTimeLimit("host", 60), HOST),
    Case("on the stage", READY, c.SetBackstage("bob", False)),
    Case("not ready", BACKSTAGE, c.SetBackstage("bob", False)),
    Case("behind the stage, out of the spotlight", SPOTLIT, c.SetBackstage("bob", True)),
    Case("there already", ON_AIR, c.SetBackstage("bob", False)),
    Case("behind the stage", BACKSTAGE, c.SetReady(True)),
    Case("on the stage", ON_AIR, c.SetReady(True)),
    # -- people
    Case("a watcher", ON, c.SetModerator("alice", True), ALICE),
    Case("ended", HELPED, c.SetModerator("alice", False), ALICE),
    Case("is one already", HELPED, c.SetModerator("alice", True), ALICE),
    Case("one too many", r.present(HELPERS, ALICE), c.SetModerator("alice", True), ALICE),
    Case("a stranger", LIVE, c.SetModerator("alice", True), ALICE),
    Case("a banned person", BANNED, c.SetModerator("alice", True), ALICE),
    Case("the host", LIVE, c.SetModerator("host", True), HOST),
    Case("a guest", ON_AIR, BAR_BOB),
    Case("an applicant", ASKED, c.BarUser("alice", note=ANSWER), ALICE),
    Case("anew", BARRED, c.BarUser("alice"), ALICE),
    Case("a helper", HELPED, c.BarUser("alice"), ALICE),
    Case("a stranger", LIVE, c.BarUser("alice"), ALICE),
    Case("the host", LIVE, c.BarUser("host"), HOST),
    Case("one too many", r.present(MANY_BARS, ALICE), c.BarUser("alice"), ALICE),
    Case("after the show", r.present(ENDED, ALICE), c.BarUser("alice"), ALICE),
    Case("a guest", ON_AIR, BAN_BOB),
    Case("an invitee", WANTED, c.BanUser("alice", note=ANSWER), ALICE),
    Case("a helper", HELPED, c.BanUser("alice"), ALICE),
    Case("a stranger", LIVE, c.BanUser("alice"), ALICE),
    Case("a bar", BARRED, c.AppealBar(NOTE), ALICE),
    Case("again", APPEALED, c.AppealBar(NOTE), ALICE),
    Case("without a word", BARRED, c.AppealBar(" \n"), ALICE),
    Case("no bar", LIVE, c.AppealBar(NOTE), ALICE),
    Case("a bar", BARRED, c.LiftSanction(BAR), ALICE),
    Case("a ban", BANNED, c.LiftSanction(BAN), ALICE),
    Case("a helper's own bar", BARRED_HELPER, c.LiftSanction(BARRED_HELPER.sanctions[0].sanction_id), ALICE),
    Case("unknown", LIVE, c.LiftSanction("x999"), ALICE),
    # -- what the world reports
    Case("a guest is back", BOB_AWAY, i.SocketUp("bob")),
    Case("the host is back", AWAY, i.SocketUp("host"), HOST, 9),
    Case("was never missed", ON_AIR, i.SocketUp("bob")),
    Case("a guest", ON_AIR, i.Renamed("bob", "Robert")),
    Case("an applicant", ASKED, i.Renamed("alice", "Alicia"), ALICE),
    Case("the host", LIVE, i.Renamed("host", "Hannah II"), HOST),
    Case("the host of a room that is not live", r.idle_room(), i.Renamed("host", "Hannah II"), HOST),
    Case("a helper", HELPED, i.Renamed("alice", "Alicia"), ALICE),
    Case("barred", BARRED, i.Renamed("alice", "Alicia"), ALICE),
    Case("by the same name", ON_AIR, i.Renamed("bob", BOB.person.name)),
    Case("a stranger", LIVE, i.Renamed("alice", "Alicia"), ALICE),
    Case("a guest", ON_AIR, i.PersonBecame("bob", "alice", "Alice"), ALICE),
    Case("an applicant", ASKED, i.PersonBecame("alice", "bob", "Bob"), ALICE),
    Case("a helper", HELPED, i.PersonBecame("alice", "bob", "Bob"), ALICE),
    Case("barred", BARRED, i.PersonBecame("alice", "bob", "Bob"), ALICE),
    Case("banned", BANNED, i.PersonBecame("alice", "bob", "Bob"), ALICE),
    Case("an applicant, who is on air by account", r.applied(ON_AIR, ALICE), i.PersonBecame("alice", "bob", "Bob")),
    Case("an applicant, who is the host", ASKED, i.PersonBecame("alice", "host", "Host"), ALICE),
    Case("a stranger", LIVE, i.PersonBecame("alice", "bob", "Bob"), ALICE),
    Case("a guest", ON_AIR, i.SocketsLost("bob")),
    Case("an applicant", ASKED, i.SocketsLost("alice"), ALICE),
    Case("the host", LIVE, i.SocketsLost("host"), HOST),
    Case("a helper", HELPED, i.SocketsLost("alice"), ALICE),
    Case("of a show", r.applied(ON_AIR, ALICE), i.AllSocketsLost(), ALICE),
    Case("after the show", ENDED, i.AllSocketsLost(), ALICE),
    Case("first sound", JOINING, i.MediaUp(r.connection_of(JOINING, BOB).number)),
    Case("said twice", ON_AIR, i.MediaUp(BOBS)),
    Case("a guest's", ON_AIR, i.MediaGone(BOBS)),
    Case("of nobody", LIVE, i.MediaGone(999)),
    Case("a shared one", SHARING, i.ScreenGone(SHARING.last_number), CAROL),
    Case("an earlier one", SHARING, i.ScreenGone(SHARING.last_number - 1), CAROL),
    Case("of a guest", ON_AIR, i.MediaStalled(BOBS, (CAMERA,))),
    Case("they flow again", STALLED, i.MediaStalled(BOBS)),
    Case("of a closed one", r.act(ON_AIR, BOB, c.SetDevice(CAMERA, False)), i.MediaStalled(BOBS, (CAMERA,))),
    Case("of nobody", LIVE, i.MediaStalled(999, (CAMERA,))),
    Case("a shared one", SHARING, i.ScreenStalled(SHARING.last_number, True), CAROL),
    Case("an earlier one", SHARING, i.ScreenStalled(SHARING.last_number - 1, True), CAROL),
    Case("during the show", ON_AIR, i.MediaServerLost()),
    Case("during the show", LOST_SERVER, i.MediaServerBack()),
    Case("nothing is due", QUEUE, i.Tick(), ALICE, 59),
    Case("an application is too old", ASKED, i.Tick(), ALICE, 60),
    Case("an invitation is too old", WANTED, i.Tick(), ALICE, 60),
    Case("an applicant has left", GONE, i.Tick(), ALICE, 30),
    Case("a guest is lost", BOB_AWAY, i.Tick(), BOB, 30),
    Case("a guest was never heard", JOINING, i.Tick(), BOB, 30),
    Case("the time on air is up", r.seated(r.live_room(time_limit_s=30), BOB), i.Tick(), BOB, 30),
    Case("the next one's turn", ROTATING, i.Tick(), BOB, 30),
    Case("a bar is over", BARRED, i.Tick(), ALICE, 600),
    Case("a ban is over", BANNED, i.Tick(), ALICE, 600),
    Case("a link is too old", LINKED, i.Tick(), ALICE, 60),
    Case("the host was away for too long", r.act(ON_AIR, r.CLOCK, i.SocketsLost("host")), i.Tick(), BOB, 120),
    Case("a helper carries on", CARRIED, i.Tick(), ALICE, 120),
]
