"""The browser that the tests drive: Debian's Chromium or whatever CHROMIUM names, and how it is started."""

import os
import shutil

# No GPU, nothing of its own on the network, a fake camera and microphone, and media over loopback.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream=fps=5",  # half of the processor's time of twenty pictures a second
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")


def path() -> str:
    """The browser's program; fails with the cure when there is none."""
    wanted = os.environ.get("CHROMIUM")
    names = (wanted,) if wanted else NAMES
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"no browser named {' or '.join(names)}: apt-get install chromium, or set CHROMIUM to its path"
    return found
