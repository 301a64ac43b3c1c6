"""`python -m micconnect.media.sfu`: started by the web process, not by people."""

import argparse
import asyncio
import logging
import os

from micconnect.logs import LineFormatter
from micconnect.media.sfu.server import run


def _new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where it can be had; without it a packet costs a third more."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="micconnect.media.sfu", description="The embedded media forwarder.")
    parser.add_argument("--address", help="the address of this machine to serve media on")
    parser.add_argument("--video-kbps", type=int, default=600)
    parser.add_argument("--audio-kbps", type=int, default=64)
    parser.add_argument("--patience-s", type=float, default=15, help="how long to go on without hearing anything")
    options = parser.parse_args()
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter("media: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        kbps = {"audio": options.audio_kbps, "video": options.video_kbps}
        runner.run(run(options.address, kbps, options.patience_s))
    # Nothing of worth is left; interpreter shutdown could only stumble over half-closed sockets.
    os._exit(0)


if __name__ == "__main__":
    main()
