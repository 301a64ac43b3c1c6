"""System checks: a wrong installation is told at start, with what to do."""

import os
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
    "MIC_SECRET_KEY",
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


@register(Tags.database)
def one_writer(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """SQLite loses locks under load unless transactions begin as writers."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3") and database["OPTIONS"].get("transaction_mode") != "IMMEDIATE":
        return [Error("SQLite needs transaction_mode IMMEDIATE.", id="micconnect.E003")]
    return []
