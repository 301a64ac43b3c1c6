"""A guest who logs in in mid-show is the same person in the room: place, bans and all."""

from micconnect.protocol.codes import CloseCode, ErrorCode
from micconnect.protocol.words import Role
from tests.live import PASSWORD, Client, Server, Visitor


async def come(server: Server, visitor: Visitor, slug: str, role: Role = Role.AUDIENCE, window: str = "") -> Client:
    status, body = visitor.ticket(slug, role)
    assert status == 200
    return await Client.open(server, slug, body["ticket"], window=window)


async def test_who_applies_and_logs_in_has_the_same_place_in_the_queue_and_nobody_is_away(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await come(server, host_visitor, slug, Role.HOST)
    await host.do("goLive")
    visitor, other = Visitor(server).named("Nina"), Visitor(server).named("Otto")
    window = await come(server, visitor, slug, window="w1")
    asked = await window.do("apply", media="audio", timeoutS=0)
    await (await come(server, other, slug)).do("apply", media="audio", timeoutS=0)
    left_open = await come(server, visitor, slug, window="w2")
    await window.close()
    fields = {"password1": PASSWORD, "password2": PASSWORD, "next": f"/live/{slug}/"}
    status, _ = visitor.post("/accounts/signup/", username=f"nina-{slug}", **fields)
    assert status == 200 and visitor.url.endswith(f"/live/{slug}/")

    back = await come(server, visitor, slug, window="w1")
    me = (await back.frame("snapshot"))["me"]
    assert (me["user"]["userName"], me["place"]) == (f"nina-{slug}", 1)
    assert me["request"]["requestId"] == asked["request"]["requestId"]
    told = await host.callback("onRequestsUpdated", lambda c: c["requests"][0]["user"]["userName"] == f"nina-{slug}")
    assert len(told["requests"]) == 2
    assert await left_open.closed() == CloseCode.LOGIN, "it still named the guest; the page gets a new ticket"
    again = await come(server, visitor, slug, window="w2")
    assert (await again.frame("snapshot"))["me"]["place"] == 1
    await host.do("acceptNext")
    seated = await host.callback("onConnectedUsersUpdated", lambda c: len(c["connectedUsers"]) == 2)
    assert seated["connectedUsers"][-1]["userName"] == f"nina-{slug}"


async def test_a_ticket_of_the_time_before_the_log_in_opens_nothing(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await come(server, host_visitor, slug, Role.HOST)
    await host.do("goLive")
    visitor = Visitor(server).named("Nora")
    old = visitor.ticket(slug)[1]["ticket"]
    window = await Client.open(server, slug, old)
    await window.do("apply", media="audio")
    visitor.sign_up(f"nora-{slug}")
    await come(server, visitor, slug)
    late = await Client.bare(server, slug)
    await late.send_raw({"type": "hello", "ticket": old, "versions": [1]})
    assert await late.closed() == CloseCode.LOGIN
    assert late.frames[-1]["error"]["code"] == ErrorCode.BAD_TICKET


async def test_a_banned_guest_who_makes_an_account_is_banned(server: Server, host_visitor: Visitor, slug: str) -> None:
    host = await come(server, host_visitor, slug, Role.HOST)
    await host.do("goLive")
    visitor = Visitor(server)
    visitor.get(f"/live/{slug}/")
    user_id = visitor.ticket(slug)[1]["user"]["userId"]
    window = await come(server, visitor, slug)
    await host.do("banUser", userId=user_id)
    assert await window.closed() == CloseCode.REMOVED
    visitor.sign_up(f"nils-{slug}")
    late = await Client.bare(server, slug)
    await late.send_raw({"type": "hello", "ticket": visitor.ticket(slug)[1]["ticket"], "versions": [1]})
    assert await late.closed() == CloseCode.REMOVED
    assert late.frames[-1]["error"]["code"] == ErrorCode.BANNED
    told = await host.callback("onSanctionsUpdated", lambda c: len(c["sanctions"]) == 2)
    assert [s["user"]["userName"] for s in told["sanctions"]][-1] == f"nils-{slug}"
    visitor.post("/accounts/logout/")
    guest = await Client.bare(server, slug)
    await guest.send_raw({"type": "hello", "ticket": visitor.ticket(slug)[1]["ticket"], "versions": [1]})
    assert await guest.closed() == CloseCode.REMOVED, "nor is it shed by logging out again"


async def test_the_other_window_of_a_guest_who_only_watched_asks_by_the_account(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await come(server, host_visitor, slug, Role.HOST)
    await host.do("goLive")
    visitor = Visitor(server)
    visitor.get(f"/live/{slug}/")
    other = await come(server, visitor, slug, window="w2")
    visitor.sign_up(f"nola-{slug}")
    await come(server, visitor, slug, window="w1")
    assert await other.closed() == CloseCode.LOGIN
    back = await come(server, visitor, slug, window="w2")
    assert (await back.do("apply", media="audio"))["request"]["user"]["userName"] == f"nola-{slug}"
