"""System checks: a wrong installation is told at start, with what to do."""

import os
import re
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
    "MIC_JANUS_ADMIN_SECRET",
    "MIC_JANUS_ADMIN_URLS",
    "MIC_JANUS_API_SECRET",
    "MIC_JANUS_ROOM_KEY",
    "MIC_JANUS_URLS",
    "MIC_JANUS_WATCHES",
    "MIC_LOG_LEVEL",
    "MIC_MEDIA",
    "MIC_MEDIA_ADDRESS",
    "MIC_MEDIA_AUDIO_KBPS",
    "MIC_MEDIA_PICTURES",
    "MIC_MEDIA_VIDEO_KBPS",
    "MIC_METRICS_TOKEN",
    "MIC_ORIGINS",
    "MIC_REDIS_URL",
    "MIC_SECRET_KEY",
    "MIC_SOCKETS_PER_ADDRESS",
    "MIC_TRUSTED_PROXIES",
    "MIC_TURN_RELAY_ONLY",
    "MIC_TURN_SECRET",
    "MIC_TURN_URLS",
    "MIC_URL_PREFIX",
    "MIC_WATCH_KEPT_S",
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
            ip_network(name)
        except ValueError as error:
            text = f"MIC_TRUSTED_PROXIES: {error}."
            found.append(Error(text, hint="Example: MIC_TRUSTED_PROXIES=127.0.0.1,172.16.0.0/12", id="micconnect.E009"))
    return found


OWN_FOLDERS = {
    "accounts",
    "admin",
    "api",
    "examples",
    "live",
    "livez",
    "metrics",
    "name",
    "readyz",
    "static",
    "studio",
    "ws",
}


@register(Tags.security)
def own_path(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A proxy may take the path away or leave it; one that begins like a page of ours could be either."""
    prefix = settings.URL_PREFIX
    found: list[CheckMessage] = []
    if prefix.split("/")[1:2] and prefix.split("/")[1] in OWN_FOLDERS:
        text = f"MIC_URL_PREFIX: {prefix} begins like an address of MicConnect itself."
        found.append(Error(text, hint="Example: MIC_URL_PREFIX=/mic", id="micconnect.E013"))
    elif not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", prefix) or {".", ".."} & {*prefix.split("/")}:
        text = f"MIC_URL_PREFIX: {prefix!r} is no path of letters, digits, '-', '.', '_' and '~'."
        found.append(Error(text, hint="Example: MIC_URL_PREFIX=/mic", id="micconnect.E014"))
    if prefix and any(f"{origin}/".count("/") > 3 for origin in settings.ORIGINS):
        text = "MIC_ORIGINS names origins, without the path of MIC_URL_PREFIX."
        found.append(Error(text, hint="Example: MIC_ORIGINS=https://live.example.org:8443", id="micconnect.E015"))
    return found


TURN_SECRET_MIN = 16
TURN_URL = re.compile(r"turns?:(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:(?P<port>[0-9]{1,5}))?(\?transport=(udp|tcp))?")


def is_turn_url(url: str) -> bool:
    """Whether a browser takes it; a host that does not exist is found out by trying only."""
    parts = TURN_URL.fullmatch(url)
    return parts is not None and 0 < int(parts["port"] or 1) < 65_536


@register(Tags.security)
def relays(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Browsers make no line at all with a wrong address of a relay; and with "relay only" none without a relay."""
    example = "Example: MIC_TURN_URLS=turn:turn.example.org:3478?transport=udp,turns:turn.example.org:443?transport=tcp"
    found: list[CheckMessage] = [
        Error(f"MIC_TURN_URLS: {url!r} is no address of a relay.", hint=example, id="micconnect.E010")
        for url in settings.TURN_URLS
        if not is_turn_url(url)
    ]
    if settings.TURN_URLS and len(settings.TURN_SECRET) < TURN_SECRET_MIN:
        found.append(
            Error(
                f"MIC_TURN_URLS needs MIC_TURN_SECRET, {TURN_SECRET_MIN} letters or more, the same as the relay's.",
                hint="scripts/coturn makes one; it stands in the relay's configuration as static-auth-secret.",
                id="micconnect.E011",
            )
        )
    if settings.TURN_RELAY_ONLY and not settings.TURN_URLS:
        text = "MIC_TURN_RELAY_ONLY without MIC_TURN_URLS: nobody would be seen or heard."
        found.append(Error(text, hint=example, id="micconnect.E012"))
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


@register(Tags.compatibility)
def media_servers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A media server that cannot be reached with these settings would only show as silence."""
    if settings.MEDIA not in ("embedded", "janus"):
        return [Error(f"MIC_MEDIA: {settings.MEDIA!r} is neither embedded nor janus.", id="micconnect.E020")]
    found: list[CheckMessage] = []
    if settings.MEDIA_PICTURES < 1:
        found.append(Error("MIC_MEDIA_PICTURES must be at least 1.", id="micconnect.E021"))
    if settings.WATCH_KEPT_S < 0:
        found.append(Error("MIC_WATCH_KEPT_S must be at least 0.", id="micconnect.E026"))
    if settings.MEDIA != "janus":
        return found
    missing = [name for name in ("API_SECRET", "ADMIN_SECRET", "ROOM_KEY") if not getattr(settings, f"JANUS_{name}")]
    if missing:
        found.append(
            Error(
                f"MIC_MEDIA=janus needs {', '.join(f'MIC_JANUS_{name}' for name in missing)}, as in Janus's own files.",
                hint="scripts/janus writes those files with fresh secrets and prints the settings.",
                id="micconnect.E022",
            )
        )
    if not settings.JANUS_URLS or len(settings.JANUS_URLS) != len(settings.JANUS_ADMIN_URLS):
        found.append(
            Error(
                "MIC_JANUS_URLS and MIC_JANUS_ADMIN_URLS must name the same servers in the same order.",
                hint="Example: MIC_JANUS_URLS=ws://10.0.0.5:8188 MIC_JANUS_ADMIN_URLS=ws://10.0.0.5:7188",
                id="micconnect.E023",
            )
        )
    urls = [*settings.JANUS_URLS, *settings.JANUS_ADMIN_URLS]
    found += [
        Error(f"{url!r} is no WebSocket address of a Janus.", hint="Example: ws://10.0.0.5:8188", id="micconnect.E024")
        for url in urls
        if not url.startswith(("ws://", "wss://"))
    ]
    if settings.JANUS_WATCHES < 1:
        found.append(Error("MIC_JANUS_WATCHES must be at least 1.", id="micconnect.E025"))
    return found
