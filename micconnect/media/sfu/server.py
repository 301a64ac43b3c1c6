"""The forwarder's process: requests come in on standard input, replies and events go out on standard output."""

import asyncio
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Awaitable

import aiortc
import msgspec

from micconnect.media.base import MediaRefused
from micconnect.media.sfu import messages, private
from micconnect.media.sfu.endpoints import Intake, Outlet
from micconnect.media.sfu.forwarder import Forwarder
from micconnect.media.sfu.peer import spawn
from micconnect.media.sfu.turns import Busy

logger = logging.getLogger("micconnect.media.sfu")

SWEEP_S = 5.0
TICK_S = 1.0
GOODBYE_S = 0.5
UNUSABLE = 3


class Server:
    """Reads lines until the input ends, which means that the web process is gone; then hangs up.

    It does so too when nothing came for `patience_s`: a web process that has stopped cannot take anybody's leave to
    be heard any more, hence nobody may be heard.
    """

    def __init__(self, kbps: dict[str, int], out: asyncio.WriteTransport, patience_s: float) -> None:
        self._out = out
        self._forwarder = Forwarder(kbps, self._emit)
        self._patience_s = patience_s
        self._quiet_s = 0.0

    def _emit(self, message: messages.Output) -> None:
        self._out.write(messages.to_line(message))

    async def serve(self, lines: asyncio.StreamReader, address: str) -> None:
        """Answer requests until the input ends, or for too long nothing is asked."""
        self._emit(messages.Ready(address))
        reading, waiting = asyncio.create_task(self._read(lines)), asyncio.create_task(self._wait_in_vain())
        sweeping = asyncio.create_task(self._sweep())
        try:
            await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
            else:
                logger.error("the web process says nothing any more: all lines are ended")
        finally:
            for task in (reading, waiting, sweeping):
                task.cancel()
            self._forwarder.close()
            await asyncio.sleep(GOODBYE_S)

    async def _read(self, lines: asyncio.StreamReader) -> None:
        while line := await lines.readline():
            self._quiet_s = 0.0
            self._take(messages.decode_request.decode(line))

    async def _wait_in_vain(self) -> None:
        """Returns when nothing was asked for `patience_s`.

        Counted in own ticks, not by a clock: when the whole machine was suspended, or this process was stalled
        itself, that is nobody's silence.
        """
        while self._quiet_s < self._patience_s:
            await asyncio.sleep(TICK_S)
            self._quiet_s += TICK_S

    def _take(self, request: messages.AnyRequest) -> None:
        try:
            reply = self._forwarder.carry_out(request)
        except MediaRefused as refusal:
            reply = messages.Refused(request.ref, refusal.text)
        if isinstance(reply, Awaitable):
            spawn(self._finish(request.ref, reply))
        else:
            self._emit(reply)

    async def _finish(self, ref: int, reply: Awaitable[messages.Reply]) -> None:
        try:
            self._emit(await reply)
        except MediaRefused as refusal:
            self._emit(messages.Refused(ref, refusal.text))
        except Busy as busy:
            self._emit(messages.Failed(ref, str(busy)))
        except Exception as error:
            # One failed negotiation must not end the process that carries everybody else.
            logger.exception("a request failed")
            self._emit(messages.Failed(ref, repr(error)))

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self._forwarder.sweep()


def choose_addresses(wanted: str | None) -> list[str]:
    """The addresses to serve media on. Exits with one clear line if the wanted one is not this machine's."""
    if wanted is not None:
        family = socket.AF_INET6 if ":" in wanted else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as trial:
                trial.bind((wanted, 0))
        except OSError as error:
            logger.error("Media cannot be served on the address %s: %s", wanted, error.strerror or error)
            sys.exit(UNUSABLE)
        return [wanted]
    found = private.own_addresses()
    if not found:
        logger.warning("This machine has no network address: sound and picture work on this machine only (127.0.0.1).")
        return ["127.0.0.1"]
    return found


def raise_file_limit() -> None:
    """Every peer needs a socket; take as many as the system lets us have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def claim_output() -> int:
    """A private copy of standard output; whatever prints from now on goes to the log instead of between the replies."""
    out = os.dup(1)
    os.dup2(2, 1)
    return out


async def run(address: str | None, kbps: dict[str, int], patience_s: float) -> None:
    """Serve until standard input ends, or brings nothing for `patience_s`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the web process ends us in order
    if not aiortc.__version__.startswith(private.AIORTC_SERIES):
        logger.error("The forwarder needs aiortc %s*, not %s.", private.AIORTC_SERIES, aiortc.__version__)
        sys.exit(UNUSABLE)
    addresses = choose_addresses(address)
    raise_file_limit()
    private.install(Outlet, Intake, addresses)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=messages.LINE_MAX_BYTES)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(0, "rb"))
    out, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(claim_output(), "wb"))
    try:
        await Server(kbps, out, patience_s).serve(reader, addresses[0])
    except (BrokenPipeError, ConnectionError, msgspec.DecodeError) as error:
        logger.error("the line to the web process broke: %r", error)
