"""Somebody who comes back under another name is shown by it to everybody, wherever the room names them."""

from micconnect.protocol.words import Role
from tests.live import Client, Server, Visitor


async def come(server: Server, visitor: Visitor, slug: str, role: Role = Role.AUDIENCE) -> Client:
    status, body = visitor.ticket(slug, role)
    assert status == 200
    return await Client.open(server, slug, body["ticket"])


async def test_who_comes_back_under_another_name_in_mid_queue_is_named_so_to_all(
    server: Server, host_visitor: Visitor, slug: str
) -> None:
    host = await come(server, host_visitor, slug, Role.HOST)
    await host.do("goLive")
    visitor = Visitor(server)
    visitor.get(f"/live/{slug}/")
    assert visitor.post("/name/", name="Robin")[0] == 200
    first = await come(server, visitor, slug)
    asked = await first.do("apply", media="audio")
    assert visitor.post("/name/", name="Sasha")[0] == 200
    second = await come(server, visitor, slug)
    told = await host.callback("onRequestsUpdated", lambda c: c["requests"][0]["user"]["userName"] == "Sasha")
    user_id = told["requests"][0]["user"]["userId"]
    for window in (first, second):
        await window.callback("onMyStateUpdated", lambda c: c["me"]["user"]["userName"] == "Sasha")
    assert {v["userName"] for v in (await host.do("listViewers"))["viewers"] if v["userId"] == user_id} == {"Sasha"}
    await host.do("respondToApplication", requestId=asked["request"]["requestId"], isAccepted=True)
    await host.callback("onConnectedUsersUpdated", lambda c: c["connectedUsers"][-1]["userName"] == "Sasha")
    await host.do("barUser", userId=user_id)
    assert visitor.post("/name/", name="Kim")[0] == 200
    await come(server, visitor, slug)
    await host.callback("onSanctionsUpdated", lambda c: c["sanctions"][0]["user"]["userName"] == "Kim")


async def test_an_account_that_was_renamed_has_its_new_name_in_the_room(server: Server, slug: str) -> None:
    owner = Visitor(server).sign_up(f"owner-{slug}")
    room = owner.new_room()
    host = await come(server, owner, room, Role.HOST)
    await host.do("goLive")
    rename = "from django.contrib.auth.models import User; User.objects.filter(username={!r}).update(first_name={!r})"
    server.manage("shell", "-c", rename.format(f"owner-{slug}", "Hanna"))
    viewer = await Client.open(server, room, ticket_of_a_stranger(server, room))
    back = await come(server, owner, room, Role.HOST)
    info = await viewer.callback("onLiveInfoChanged", lambda c: c["info"]["host"]["userName"] == "Hanna")
    assert info["info"]["status"] == "live"
    await viewer.callback("onConnectedUsersUpdated", lambda c: c["connectedUsers"][0]["userName"] == "Hanna")
    await back.callback("onMyStateUpdated", lambda c: c["me"]["user"]["userName"] == "Hanna")
    assert "Hanna" in Visitor(server).get("/")[1], "the live list too"


def ticket_of_a_stranger(server: Server, slug: str) -> str:
    """A ticket of somebody whom nobody knows."""
    return str(Visitor(server).ticket(slug)[1]["ticket"])
