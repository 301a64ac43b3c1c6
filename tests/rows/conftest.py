"""Static files under their hashed names, as the pages of a real server name them."""

import pytest
from django.core.management import call_command


@pytest.fixture(scope="session", autouse=True)
def static_files() -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
