"""Relays (TURN) for people whose network lets no media through: credentials as coturn's use-auth-secret has them."""

import base64
import hashlib
import hmac
from datetime import datetime

from django.conf import settings
from django.utils.crypto import salted_hmac

from micconnect.protocol.views import IceServers
from micconnect.throttle import KeyedBuckets

CREDENTIAL_S = 600
# a page asks once in nine minutes, and again after each reload
questions = KeyedBuckets(rate=0.1, burst=10)


def ice_servers(user_id: str, now: datetime) -> IceServers:
    """How one person reaches the relays for CREDENTIAL_S seconds; without `TURN_URLS` there are no urls in it.

    The name in it stays the same for a person, so that the relay can count what each one holds, and is a code, because
    the relay writes it into its log.
    """
    if not settings.TURN_URLS:
        return IceServers(urls=(), username="", credential="", seconds=0, relay_only=False)
    code = salted_hmac("micconnect.relays", user_id, algorithm="sha256").hexdigest()[:20]
    username = f"{int(now.timestamp()) + CREDENTIAL_S}:{code}"
    proof = hmac.digest(settings.TURN_SECRET.encode(), username.encode(), hashlib.sha1)
    return IceServers(
        urls=tuple(settings.TURN_URLS),
        username=username,
        credential=base64.b64encode(proof).decode(),
        seconds=CREDENTIAL_S,
        relay_only=settings.TURN_RELAY_ONLY,
    )
