"""S21: a relay reaches the media server and nothing else, for people with a credential of ours, so many times each."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import count

import pytest
import pytest_asyncio
from django.utils import timezone
from msgspec.structs import replace

from micconnect import relays
from micconnect.protocol.views import IceServers
from tests.turn.client import TurnClient, eventually
from tests.turn.server import Coturn

FORBIDDEN, WRONG_FAMILY, UNAUTHORIZED, QUOTA, NO_SUCH_TRANSPORT = 403, 443, 401, 486, 442
TCP = 6 << 24

SFU = "192.0.2.10"
PLACES = {
    "this machine": "127.0.0.1",
    "this machine by another number": "127.8.9.10",
    "any address of this machine": "0.0.0.0",  # noqa: S104
    "private, 10/8": "10.1.2.3",
    "private, 172.16/12": "172.16.0.1",
    "private, its last": "172.31.255.254",
    "private, 192.168/16": "192.168.1.1",
    "a cloud's metadata": "169.254.169.254",
    "a carrier's": "100.64.0.1",
    "multicast": "224.0.0.251",
    "multicast, its last": "239.255.255.250",
    "broadcast": "255.255.255.255",
    "reserved": "240.0.0.1",
    "beside the media server": "192.0.2.11",
    "the internet": "8.8.8.8",
}
PLACES_IPV6 = {
    "this machine": "::1",
    "any address of this machine": "::",
    "link-local": "fe80::1",
    "private": "fd00::1",
    "mapped: this machine": "::ffff:127.0.0.1",
    "mapped: private": "::ffff:192.168.1.1",
    "mapped: a cloud's metadata": "::ffff:169.254.169.254",
    "mapped: the media server": f"::ffff:{SFU}",
    "compatible: this machine": "::127.0.0.1",
    "NAT64: this machine": "64:ff9b::127.0.0.1",
    "NAT64: a cloud's metadata": "64:ff9b::169.254.169.254",
    "6to4: this machine": "2002:7f00:1::",
    "multicast": "ff02::1",
    "the internet": "2001:4860:4860::8888",
}


people = (f"person {number}" for number in count())  # nobody's ways are counted in two tests


def ice() -> IceServers:
    return relays.ice_servers(next(people), timezone.now())


async def answers(client: TurnClient, peer: str) -> set[int]:
    """What the relay says to both ways of asking for a peer."""
    return {await client.permit(peer), await client.bind(peer)}


@pytest_asyncio.fixture
async def client(relay: Coturn) -> AsyncIterator[TurnClient]:
    """Somebody with a good credential and an allocation."""
    async with TurnClient.open("127.0.0.1", relay.port, ice()) as allocated:
        assert await allocated.allocate() == 0
        yield allocated


@pytest_asyncio.fixture
async def client_ipv6(relay: Coturn) -> AsyncIterator[TurnClient]:
    """The same, with a relayed end that speaks IPv6."""
    async with TurnClient.open("::1", relay.port, ice()) as allocated:
        assert await allocated.allocate_ipv6() == 0
        yield allocated


async def test_s21_the_media_server_is_reached(client: TurnClient) -> None:
    assert await answers(client, SFU) == {0}


@pytest.mark.parametrize("peer", PLACES.values(), ids=PLACES.keys())
async def test_s21_no_other_place_is_reached(client: TurnClient, peer: str) -> None:
    assert await answers(client, peer) == {FORBIDDEN}


@pytest.mark.parametrize("peer", PLACES_IPV6.values(), ids=PLACES_IPV6.keys())
async def test_s21_no_place_is_reached_by_ipv6(client: TurnClient, client_ipv6: TurnClient, peer: str) -> None:
    assert await answers(client_ipv6, peer) == {FORBIDDEN}
    assert await answers(client, peer) == {WRONG_FAMILY}, "nor from a relayed end of IPv4"


@pytest.fixture(scope="module")
def relay_of_this_machine() -> Iterator[Coturn]:
    """For a try on one machine: the media server is at a loopback address."""
    with Coturn(sfu="127.0.0.2") as running:
        yield running


@pytest.mark.parametrize("peer", PLACES.values(), ids=PLACES.keys())
async def test_s21_loopback_is_open_as_far_as_named(relay_of_this_machine: Coturn, peer: str) -> None:
    async with TurnClient.open("127.0.0.1", relay_of_this_machine.port, ice()) as client:
        assert await client.allocate() == 0
        assert await answers(client, "127.0.0.2") == {0}
        assert await answers(client, peer) == {FORBIDDEN}


async def test_s21_only_with_a_credential_of_ours(relay: Coturn) -> None:
    good = ice()
    ended = relays.ice_servers("alice", timezone.now() - timedelta(seconds=relays.CREDENTIAL_S + 1))
    later = f"{int(good.username.split(':')[0]) + 600}:alice"
    bad = {
        "none": None,
        "ended": ended,
        "made to last longer": replace(ended, username=later),
        "of somebody else": replace(good, username=good.username + "x"),
        "wrong": replace(good, credential="d3Jvbmc="),
        "without a time": replace(good, username="alice"),
    }
    for what, credential in bad.items():
        async with TurnClient.open("127.0.0.1", relay.port, credential) as client:
            assert await client.allocate() == UNAUTHORIZED, what


async def test_s21_the_eleventh_way_of_a_person_is_refused(relay: Coturn) -> None:
    async with AsyncExitStack() as stack:

        async def client(who: str, age_s: int = 0) -> TurnClient:
            credential = relays.ice_servers(who, timezone.now() - timedelta(seconds=age_s))
            return await stack.enter_async_context(TurnClient.open("127.0.0.1", relay.port, credential))

        greedy = [await client("greta", age_s) for age_s in range(11)]  # a name of its own for each
        assert [await one.allocate() for one in greedy] == [0] * 10 + [QUOTA]
        assert await (await client("hugo")).allocate() == 0, "others are served"
        assert await greedy[0].refresh(lifetime_s=0) == 0
        assert await eventually(greedy[10].allocate, 0), "a way that is given back is free, a second later"


async def test_s21_nothing_but_media_and_nothing_for_strangers(relay: Coturn) -> None:
    async with TurnClient.open("127.0.0.1", relay.port, ice()) as client:
        assert await client.allocate(**{"REQUESTED-TRANSPORT": TCP}) == NO_SUCH_TRANSPORT
    async with TurnClient.open("127.0.0.1", relay.port, None) as stranger:
        assert await stranger.binding() is None, "no answers that could be bounced at others"
