"""How long the machine runs: `HYPOTHESIS_PROFILE=long` for nights, the default for every change."""

import os

from hypothesis import HealthCheck, settings

_EXAMPLES = {"default": 60, "long": 500}


def _profile() -> str:
    return os.environ.get("HYPOTHESIS_PROFILE", "default")


def is_long() -> bool:
    return _profile() == "long"


def machine_settings() -> settings:
    """The machine's settings for the profile of the environment."""
    return settings(
        max_examples=_EXAMPLES[_profile()],
        stateful_step_count=50,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
