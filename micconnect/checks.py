"""System checks: a wrong installation is told at start, with what to do."""

import os
from importlib.util import find_spec
from ipaddress import ip_network
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

KNOWN_VARIABLES = {
    "MIC_ALLOWED_HOSTS",
    "MIC_BEHIND_TLS_PROXY",
    "MIC_DATABASE_THREADS",
    "MIC_DATABASE_URL",
    "MIC_DATA_DIR",
    "MIC_DEBUG",
    "MIC_LOG_LEVEL",
    "MIC_MEDIA_ADDRESS",
    "MIC_MEDIA_AUDIO_KBPS",
    "MIC_MEDIA_VIDEO_KBPS",
    "MIC_ORIGINS",
    "MIC_REDIS_URL",
    "MIC_SECRET_KEY",
    "MIC_SOCKETS_PER_ADDRESS",
    "MIC_TRUSTED_PROXIES",
    "MIC_WORKERS",
}


@register(Tags.compatibility)
def unknown_variables(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A misspelt variable would otherwise be ignored in silence."""
    unknown = sorted(name for name in os.environ if name.startswith("MIC_") and name not in KNOWN_VARIABLES)
    return [
        Warning(f"{name} is not a setting of MicConnect.", hint="See .env.example.", id="micconnect.W001")
        for name in unknown
    ]


@register(Tags.security)
def open_hosts(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Sockets compare their origin with the Host header, so any host would mean any page."""
    if "*" in settings.ALLOWED_HOSTS:
        return [
            Error(
                "MIC_ALLOWED_HOSTS must name the hosts; '*' would let any page open sockets.",
                hint="Example: MIC_ALLOWED_HOSTS=live.example.org",
                id="micconnect.E001",
            )
        ]
    return []


@register(Tags.security)
def full_origins(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """An origin without a scheme never matches."""
    return [
        Error(f"MIC_ORIGINS: {origin!r} is no origin.", hint="Example: https://shop.example.org", id="micconnect.E002")
        for origin in settings.ORIGINS
        if not origin.startswith(("http://", "https://"))
    ]


@register(Tags.security)
def known_proxies(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A proxy that is misspelt, or not believed, makes all its visitors look like one."""
    found: list[CheckMessage] = []
    for name in settings.TRUSTED_PROXIES:
        try:
            network = ip_network(name)
        except ValueError as error:
            text = f"MIC_TRUSTED_PROXIES: {error}."
            found.append(Error(text, hint="Example: MIC_TRUSTED_PROXIES=127.0.0.1,172.16.0.0/12", id="micconnect.E009"))
        else:
            if not network.is_loopback and not settings.BEHIND_TLS_PROXY:
                text = f"MIC_TRUSTED_PROXIES: {name} is asked for no addresses without MIC_BEHIND_TLS_PROXY."
                found.append(Warning(text, hint="Set MIC_BEHIND_TLS_PROXY=on.", id="micconnect.W002"))
    return found


@register(Tags.database)
def one_writer(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """SQLite loses locks under load unless transactions begin as writers."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3") and database["OPTIONS"].get("transaction_mode") != "IMMEDIATE":
        return [Error("SQLite needs transaction_mode IMMEDIATE.", id="micconnect.E003")]
    return []


BUS = "channels_redis.pubsub.RedisPubSubChannelLayer"


@register(Tags.compatibility)
def many_processes(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Several serving processes need a common database, a bus and one secret; anything else goes wrong in silence."""
    layers = {name: layer.get("BACKEND") for name, layer in settings.CHANNEL_LAYERS.items()}
    if not settings.REDIS_URL:
        found: list[CheckMessage] = []
        if settings.WORKERS > 1:
            found.append(
                Error(
                    "Several processes hear of each other through Redis: MIC_WORKERS needs MIC_REDIS_URL.",
                    hint="Set MIC_REDIS_URL, or serve with one process.",
                    id="micconnect.E004",
                )
            )
        if layers:
            found.append(Error("CHANNEL_LAYERS is set without MIC_REDIS_URL.", id="micconnect.E007"))
        return found
    found = []
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        found.append(
            Error(
                "MIC_REDIS_URL is for several processes, and those need PostgreSQL: SQLite has one writer.",
                hint="Set MIC_DATABASE_URL=postgres://…, or unset MIC_REDIS_URL.",
                id="micconnect.E005",
            )
        )
    if not settings.HAS_OWN_SECRET_KEY:
        found.append(
            Error(
                "Processes that serve together need the same MIC_SECRET_KEY; with MIC_REDIS_URL it must be set.",
                hint='To make one: python3 -c "import secrets; print(secrets.token_urlsafe(50))"',
                id="micconnect.E006",
            )
        )
    if layers != {"default": BUS}:
        found.append(
            Error(
                f"The bus between processes must be {BUS} and nothing else; the core Redis layer loses messages.",
                hint="Leave CHANNEL_LAYERS as livestream/settings.py has it.",
                id="micconnect.E007",
            )
        )
    if find_spec("channels_redis") is None:
        found.append(
            Error(
                "MIC_REDIS_URL needs the package channels-redis.",
                hint="pip install channels-redis 'psycopg[binary,pool]'",
                id="micconnect.E008",
            )
        )
    return found
