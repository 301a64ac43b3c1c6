"""Where the browser that the tests drive is: Debian's Chromium, or whatever CHROMIUM names."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")


def path() -> str:
    """The browser's program; fails with the cure when there is none."""
    wanted = os.environ.get("CHROMIUM")
    names = (wanted,) if wanted else NAMES
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"no browser named {' or '.join(names)}: apt-get install chromium, or set CHROMIUM to its path"
    return found
