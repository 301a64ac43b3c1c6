"""Measurements. Figures live here and in the docs, never in tests."""

import os


def _prepare() -> None:
    """Django with a data folder of its own, before any measurement imports models."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livestream.settings")
    import django

    import tests.early  # noqa: F401 — a data folder of its own

    django.setup()


_prepare()
