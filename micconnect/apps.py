"""Django's entry for the app."""

from django.apps import AppConfig


class MicConnectConfig(AppConfig):
    name = "micconnect"
    verbose_name = "Mic link"

    def ready(self) -> None:
        from micconnect import checks  # noqa: F401 — registers the system checks
