"""What outlives the server process: answered commands, queue, seats and deadlines; and what must not: its children."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from micconnect import auth
from micconnect.protocol.codes import CloseCode
from micconnect.protocol.words import Role
from tests.conftest import actor
from tests.live import Client, Server, Visitor, wait_until

ALICE, BOB = actor("Alice"), actor("Bob")


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that the test may kill."""
    running = Server("serve").start()
    yield running
    running.stop()


async def live_room(server: Server) -> tuple[str, Visitor, Client]:
    visitor = Visitor(server).sign_up("Hannah")
    slug = visitor.new_room()
    host = await Client.open(server, slug, visitor.ticket(slug, Role.HOST)[1]["ticket"])
    await host.do("goLive")
    return slug, visitor, host


async def test_p1_what_was_answered_survives_kill_9_and_nobody_loses_the_place(own_server: Server) -> None:
    slug, visitor, host = await live_room(own_server)
    people = [actor(f"Guest{n}") for n in range(6)]
    clients = [await Client.open(own_server, slug, person) for person in people]
    asked = [(await c.do("apply", media="audio", timeoutS=0))["request"] for c in clients]
    await host.do("respondToApplication", requestId=asked[0]["requestId"], isAccepted=True)
    own_server.kill()
    for client in (host, *clients):
        await client.closed()

    own_server.start()
    host = await Client.open(own_server, slug, visitor.ticket(slug, Role.HOST)[1]["ticket"])
    picture = await host.frame("snapshot")
    assert [r["requestId"] for r in picture["requests"]] == [r["requestId"] for r in asked[1:]]
    assert [u["userName"] for u in picture["connectedUsers"]] == ["Hannah", "Guest0"]
    assert picture["info"]["status"] == "live"
    back = await Client.open(own_server, slug, people[0])
    assert (await back.frame("snapshot"))["me"]["connection"]["seatIndex"] == 1
    third = await Client.open(own_server, slug, people[3])
    assert (await third.frame("snapshot"))["me"]["place"] == 3


async def test_bans_helpers_locks_and_links_survive_kill_9(own_server: Server) -> None:
    slug, visitor, host = await live_room(own_server)
    alice, bob = await Client.open(own_server, slug, ALICE), await Client.open(own_server, slug, BOB)
    await host.do("setModerator", userId="bob", isModerator=True)
    await host.do("lockSeat", seatIndex=4, isLocked=True)
    await host.do("updateRoom", layout="601", title="Other")
    await host.do("createInviteLink", uses=3)
    ban = (await bob.do("banUser", userId="alice"))["sanction"]
    assert await alice.closed() == CloseCode.REMOVED
    own_server.kill()
    await host.closed()
    await bob.closed()

    own_server.start()
    bob = await Client.open(own_server, slug, BOB)
    picture = await bob.frame("snapshot")
    assert (picture["role"], picture["sanctions"], len(picture["links"])) == ("moderator", [ban], 1)
    assert [s["seatIndex"] for s in picture["seats"] if s["isLocked"]] == [4] and len(picture["seats"]) == 7
    assert picture["info"]["options"]["title"] == "Other"
    refused = await Client.bare(own_server, slug)
    await refused.send_raw({"type": "hello", "ticket": auth.issue_ticket(slug, ALICE), "versions": [1]})
    assert await refused.closed() == CloseCode.REMOVED
    await bob.do("liftSanction", sanctionId=ban["sanctionId"])
    await Client.open(own_server, slug, ALICE)


async def test_the_rooms_command_reaches_sockets_and_closes_no_row_of_a_living_server(own_server: Server) -> None:
    slug, _, host = await live_room(own_server)
    await host.callback("onRoomUserCountChanged")  # a round of the clock: the socket is a row soon
    wait_until(lambda: "1" in own_server.manage("shell", "-c", COUNT_SOCKETS), "the row of the socket")
    assert json.loads(own_server.manage("rooms", "sweep", "--json")) == {"rooms": [], "failed": [], "sockets": 0}
    own_server.manage("rooms", "end", slug)
    assert (await host.callback("onRoomDismissed"))["reason"] == "server"
    own_server.kill()
    assert json.loads(own_server.manage("rooms", "sweep", "--json"))["sockets"] == 1
    own_server.start()


COUNT_SOCKETS = """
from micconnect.models import Socket
print(Socket.objects.filter(closed_at=None).count())
"""


async def test_deadlines_pass_although_the_server_was_down(own_server: Server) -> None:
    slug, visitor, host = await live_room(own_server)
    alice = await Client.open(own_server, slug, ALICE)
    await alice.do("apply", media="video", timeoutS=5)
    own_server.kill()
    await host.closed()
    own_server.start()
    alice = await Client.open(own_server, slug, ALICE)
    last = (await alice.callback("onMyStateUpdated", lambda c: c["me"]["lastRequest"] is not None))["me"]
    assert last["lastRequest"]["state"] == "timeout" and last["request"] is None
    assert (await alice.callback("onUserConnectionTimeout"))["request"]["user"]["userName"] == "Alice"


async def test_a_clean_stop_says_so_and_leaves_no_process(own_server: Server) -> None:
    slug, _, host = await live_room(own_server)
    children = own_server.children()
    assert children, "the media forwarder is a process of its own"
    own_server.stop()
    assert await host.closed() == CloseCode.GOING_AWAY
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), "the children to end")
    assert own_server.process.returncode == 0, own_server.output
    assert not [line for line in own_server.output if "Traceback" in line], own_server.output


async def test_after_kill_9_the_media_process_ends_by_itself(own_server: Server) -> None:
    children = own_server.children()
    own_server.kill()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), "the children to end")
    own_server.start()


OTHER_PROCESS = """
from django.utils import timezone
from micconnect import services
from micconnect.domain.room import Actor, Person
from micconnect.protocol.commands import DisconnectUser
from micconnect.protocol.words import Role
admin = Actor(person=Person(user_id="u9", name="Ada"), role=Role.ADMIN)
reply = services.perform("{slug}", admin, DisconnectUser(user_id="alice"), timezone.now())
assert reply.error is None, reply
"""


async def test_a_command_of_another_process_reaches_the_sockets_of_this_one(own_server: Server) -> None:
    slug, _, host = await live_room(own_server)
    alice = await Client.open(own_server, slug, ALICE)
    request = (await alice.do("apply", media="audio"))["request"]
    await host.do("respondToApplication", requestId=request["requestId"], isAccepted=True)
    own_server.manage("shell", "-c", OTHER_PROCESS.format(slug=slug))
    told = (await alice.callback("onUserConnectionTerminated"))["lastConnection"]
    assert told["operator"]["userName"] == "Ada"
    await host.callback("onConnectedUsersUpdated", lambda c: len(c["connectedUsers"]) == 1)
    await host.do("setDevice", device="microphone", isOpen=False)  # the numbers of both processes go on together
    seqs = [f["seq"] for f in host.frames if f["type"] == "callbacks" and f["lane"] == "room" and f["seq"]]
    assert seqs == sorted(set(seqs))


async def test_a_guest_whose_line_breaks_is_shown_as_reconnecting_and_comes_back(own_server: Server) -> None:
    slug, _, host = await live_room(own_server)
    bob = await Client.open(own_server, slug, BOB)
    await host.do("invite", userId="bob", media="audio", timeoutS=0)
    invitation = (await bob.callback("onUserConnectionRequest"))["request"]
    await bob.do("respondToInvitation", requestId=invitation["requestId"], isAccepted=True)
    joined = await host.callback("onConnectedUsersUpdated", lambda c: len(c["connectedUsers"]) == 2)
    deadline = joined["connectedUsers"][1]["deadline"]
    assert deadline is not None, "no media yet: the seat waits for it, but not for ever"
    bob.socket.transport.abort()
    await bob.reader
    back = await Client.open(own_server, slug, BOB)
    mine = (await back.frame("snapshot"))["me"]["connection"]
    assert mine["seatIndex"] == 1 and mine["deadline"] == deadline
