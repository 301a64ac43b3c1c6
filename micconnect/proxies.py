"""Who is a proxy of ours, and what is believed of its word: addresses and networks of `MIC_TRUSTED_PROXIES`."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings

Network = IPv4Network | IPv6Network


@lru_cache(maxsize=4)
def _networks(names: tuple[str, ...]) -> tuple[Network, ...]:
    """Addresses and networks as networks. Raises ValueError."""
    return tuple(ip_network(name) for name in names)


def is_trusted(address: str) -> bool:
    """Whether it is a proxy's; an IPv4 address may be written as an IPv6 one, as listeners for both kinds show it."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return any(ip in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))
