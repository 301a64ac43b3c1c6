"""All settings, read from `MIC_…` variables of the environment (or of a `.env` file); wrong ones fail at start.

Every variable stands in `.env.example` with its meaning.
"""

import hashlib
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from livestream.secret import stored_secret

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.prefix = "MIC_"
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", default=False)
HAS_OWN_SECRET_KEY = bool(env.str("SECRET_KEY", default=""))
SECRET_KEY = env.str("SECRET_KEY", default="") or stored_secret(DATA_DIR / "secret_key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
# other sites whose pages may open sockets here, as full origins: scheme://host[:port]
ORIGINS = env.list("ORIGINS", default=[])
CSRF_TRUSTED_ORIGINS = ORIGINS
# the path under which a proxy has the site, such as /mic; empty: the site has a host of its own
URL_PREFIX = "/".join(["", *filter(None, env.str("URL_PREFIX", default="").split("/"))])
FORCE_SCRIPT_NAME = URL_PREFIX or None
# behind a proxy that ends TLS and sets X-Forwarded-Proto itself
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)

# how many sockets one address may have here; 0: any number. Schools and offices share one address.
SOCKETS_PER_ADDRESS: int = env.int("SOCKETS_PER_ADDRESS", default=200)
# whose X-Forwarded-… are believed: addresses or networks
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", default=["127.0.0.1", "::1"])

INSTALLED_APPS = [
    "daphne",  # gives `runserver` its sockets; must stand before staticfiles
    "servestatic.runserver_nostatic",
    "livestream.apps.MicAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "micconnect",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "csp.middleware.CSPMiddleware",
    "livestream.middleware.permissions_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "livestream.middleware.plain_requests",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "livestream.urls"
ASGI_APPLICATION = "livestream.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


def _database() -> dict[str, Any]:
    """SQLite with one writer at a time and no lost locks, or PostgreSQL with a pool for rooms and pages."""
    config: dict[str, Any] = env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")
    options = config.setdefault("OPTIONS", {})
    if config["ENGINE"].endswith("sqlite3"):
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
        config["CONN_MAX_AGE"] = None
        config["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}  # a file, so that threads race as in real life
    elif config["ENGINE"].endswith("postgresql"):
        for name, value in POSTGRES_LIMITS.items():
            options.setdefault(name, value)
        # Never smaller than those who use it, so that nobody waits for a free one: who waits, waits for a database
        # that is away, and shall be told soon.
        most = DATABASE_THREADS + PAGES_AT_ONCE + 2
        options.setdefault("pool", {"min_size": DATABASE_THREADS, "max_size": most, "timeout": 1.5})
        config["CONN_MAX_AGE"] = 0  # the pool keeps the connections
        config["CONN_HEALTH_CHECKS"] = True  # after a restart of the database no command meets a dead one
    else:
        raise ImproperlyConfigured("MIC_DATABASE_URL must name a sqlite or postgres database")
    return config


# A process or machine that stands still or is lost must not hold what others wait for, nor wait for ever itself.
# The limits of time are for serving; `migrate` lifts them.
POSTGRES_LIMITS = {
    "connect_timeout": 5,
    "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=10s -c statement_timeout=20s",
    "keepalives": 1,
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,
}
DATABASE_THREADS = env.int("DATABASE_THREADS", default=8)
PAGES_AT_ONCE = DATABASE_THREADS
PAGES_WAITING_MAX = 500
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# One process carries all rooms and needs no bus; several hear of each other through Redis.
WORKERS = env.int("WORKERS", default=1)
REDIS_URL = env.str("REDIS_URL", default="")


def _bus() -> dict[str, Any]:
    """The pub/sub layer, with a name that other installations at the same Redis do not have."""
    if not REDIS_URL:
        return {}
    server = {"address": REDIS_URL, "socket_timeout": 2, "socket_connect_timeout": 2, "health_check_interval": 10}
    prefix = f"micconnect.{hashlib.sha256(SECRET_KEY.encode()).hexdigest()[:16]}."
    layer = "channels_redis.pubsub.RedisPubSubChannelLayer"
    # Redis sees no applications, notes and bans, and nobody there can tell a process what no process has said.
    config = {"hosts": [server], "prefix": prefix, "symmetric_encryption_keys": [SECRET_KEY]}
    return {"default": {"BACKEND": layer, "CONFIG": config}}


CHANNEL_LAYERS = _bus()

# what carries sound and picture: "embedded", our own forwarder on this machine, or "janus"
MEDIA = env.str("MEDIA", default="embedded")
# where the embedded forwarder serves: this address, or every address of the machine when empty
MEDIA_ADDRESS = env.str("MEDIA_ADDRESS", default="")
MEDIA_VIDEO_KBPS = env.int("MEDIA_VIDEO_KBPS", default=600)
MEDIA_AUDIO_KBPS = env.int("MEDIA_AUDIO_KBPS", default=64)
# plain viewers of a room with more seats (host included) get so many pictures: the host's, and those of who speaks
MEDIA_PICTURES = env.int("MEDIA_PICTURES", default=6)
# seconds for which sound and picture go on to somebody whose last socket was lost: long enough for a short cut
WATCH_KEPT_S = env.int("WATCH_KEPT_S", default=10)

# Janus: the WebSocket addresses of each server's API and of its admin API, in the same order; secrets as in its config
JANUS_URLS: list[str] = env.list("JANUS_URLS", default=["ws://127.0.0.1:8188"])
JANUS_ADMIN_URLS: list[str] = env.list("JANUS_ADMIN_URLS", default=["ws://127.0.0.1:7188"])
JANUS_API_SECRET = env.str("JANUS_API_SECRET", default="")
JANUS_ADMIN_SECRET = env.str("JANUS_ADMIN_SECRET", default="")
JANUS_ROOM_KEY = env.str("JANUS_ROOM_KEY", default="")
# how many viewers one Janus carries of one room before the room is served from a second one too
JANUS_WATCHES = env.int("JANUS_WATCHES", default=2000)

# TURN: relays for people behind strict networks, e.g. turn:turn.example.org:3478?transport=udp
TURN_URLS: list[str] = env.list("TURN_URLS", default=[])
TURN_SECRET = env.str("TURN_SECRET", default="")
TURN_RELAY_ONLY = env.bool("TURN_RELAY_ONLY", default=False)

# who may read /metrics besides this machine and trusted proxies: whoever shows this as a bearer token
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "studio-home"
LOGOUT_REDIRECT_URL = "home"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = f"{URL_PREFIX}/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "livestream.storage.ModuleStorage"
    },
}

# Two sites under two paths of one host each keep their own: by path where only that one is asked, by name where a
# site at the root is asked with both.
_COOKIES = URL_PREFIX.replace("/", "_")
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = URL_PREFIX or "/"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"sessionid{_COOKIES}", f"csrftoken{_COOKIES}"
GUEST_COOKIE_NAME = f"mic_guest{_COOKIES}"
CSRF_FAILURE_VIEW = "livestream.refusals.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024  # as `manage.py serve` bounds bodies
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if BEHIND_TLS_PROXY:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"(^|/)livez$", r"(^|/)readyz$", r"(^|/)metrics$"]  # asked from inside, without TLS
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "https:"],  # inline SVG of Pico's icons and of QR codes; covers from elsewhere
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["lit-html"],
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "micconnect.logs.LineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "filters": {"one_line": {"()": "livestream.refusals.OneLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["one_line"]}},
    "loggers": {
        "uvicorn.error": {"level": "WARNING"},  # two lines per socket otherwise
        "channels_redis": {"level": "CRITICAL"},  # a traceback each second while Redis is away; the bus says it once
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
