"""Light WebRTC peers in a process of their own, so that what they cost is not the controller's.

`python -m bench.mediapeers ADDRESS` takes one JSON object a line and answers each with one of the same `ref`. Viewers
count datagrams and do not decrypt them; moments are seconds of time.monotonic(), which is one clock for all processes.
"""

import asyncio
import itertools
import logging
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

import msgspec
import pylibsrtp
from aiortc import RTCPeerConnection, RTCSessionDescription

PICTURE_PER_S = 75
PICTURE_BYTES = 780
CONNECT_S = 25.0  # the media server forgets sooner who does not come
LINE_BYTES = 2**20


class Count:
    """In the place of the SRTP of a viewer: it counts, and lets nothing through."""

    def __init__(self) -> None:
        self.packets = 0
        self.last = 0.0

    def unprotect(self, data: bytes) -> NoReturn:
        self.packets += 1
        self.last = time.monotonic()
        raise pylibsrtp.Error(1)

    def unprotect_rtcp(self, data: bytes) -> NoReturn:
        raise pylibsrtp.Error(1)


class Peers:
    """What the commands do; each returns its answer."""

    def __init__(self) -> None:
        from tests.media import peers

        self._light = peers
        self.senders: dict[str, Any] = {}
        self.viewers: dict[str, tuple[RTCPeerConnection, Count]] = {}

    async def offer(self, name: str, picture_per_s: int = PICTURE_PER_S, has_sound: bool = True) -> dict[str, Any]:
        """A publisher, of 125 packets a second unless it is told otherwise, and its offer. It sends after `accept`."""
        sender = self._light.LightPublisher(fps=picture_per_s, picture_bytes=PICTURE_BYTES, audio=has_sound)
        self.senders[name] = sender
        return {"sdp": await sender.offer()}

    async def accept(self, name: str, sdp: str) -> dict[str, Any]:
        """The publisher's answer; returns when it is connected."""
        pc = self.senders[name].pc
        await pc.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        await self._connected(pc)
        return {}

    async def view(self, name: str, sdp: str) -> dict[str, Any]:
        """A viewer's answer to an offer."""
        pc = self._light.connection()
        self.viewers[name] = pc, Count()
        await pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await pc.setLocalDescription(await pc.createAnswer())
        return {"sdp": pc.localDescription.sdp}

    async def connected(self, name: str) -> dict[str, Any]:
        """Wait until a viewer is; it counts from then on."""
        pc, count = self.viewers[name]
        await self._connected(pc)
        vars(pc.getTransceivers()[0].receiver.transport)["_rx_srtp"] = count
        return {}

    async def counted(self) -> dict[str, Any]:
        """What all viewers got so far, and when the last of it came."""
        counts = [count for _, count in self.viewers.values()]
        return {"packets": sum(c.packets for c in counts), "last": max((c.last for c in counts), default=0.0)}

    async def close(self) -> dict[str, Any]:
        """All of them go."""
        lines = [sender.pc for sender in self.senders.values()] + [pc for pc, _ in self.viewers.values()]
        self.senders.clear()
        self.viewers.clear()
        await asyncio.gather(*(pc.close() for pc in lines))
        return {}

    async def _connected(self, pc: RTCPeerConnection) -> None:
        connected = asyncio.Event()

        def look() -> None:
            if pc.connectionState == "connected":
                connected.set()

        pc.on("connectionstatechange", look)
        look()
        await asyncio.wait_for(connected.wait(), CONNECT_S)


class Worker:
    """The controller's side of one such process."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._process: asyncio.subprocess.Process
        self._reader: asyncio.Task[None]
        self._refs = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def __aenter__(self) -> "Worker":
        pipe = asyncio.subprocess.PIPE
        argv = [sys.executable, "-m", "bench.mediapeers", self._address]
        self._process = await asyncio.create_subprocess_exec(*argv, stdin=pipe, stdout=pipe, limit=LINE_BYTES)
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._process.kill()
        await self._process.wait()
        await self._reader

    async def ask(self, do: str, **fields: Any) -> dict[str, Any]:
        """Say a command; its answer. Raises ValueError with what went wrong there."""
        ref = next(self._refs)
        future = self._waiting[ref] = asyncio.get_running_loop().create_future()
        assert self._process.stdin
        self._process.stdin.write(msgspec.json.encode({"ref": ref, "do": do, **fields}) + b"\n")
        answer: dict[str, Any] = await future
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer

    async def _read(self) -> None:
        assert self._process.stdout
        while line := await self._process.stdout.readline():
            answer = msgspec.json.decode(line)
            self._waiting.pop(answer["ref"]).set_result(answer)
        for future in self._waiting.values():
            future.set_exception(ValueError("the peers' process has ended"))


async def serve(say: Callable[[bytes], None]) -> None:
    """Takes commands from the standard input until it ends; each runs beside the others."""
    peers = Peers()
    lines = asyncio.StreamReader(limit=LINE_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)

    async def answer(ref: int, do: str, fields: dict[str, Any]) -> None:
        try:
            result = await getattr(peers, do)(**fields)
        except Exception as error:  # the controller decides what it means
            result = {"error": f"{type(error).__name__}: {error}"}
        say(msgspec.json.encode({"ref": ref, **result}) + b"\n")

    tasks: set[asyncio.Task[None]] = set()
    while line := await lines.readline():
        asked = msgspec.json.decode(line)
        task = asyncio.create_task(answer(asked.pop("ref"), asked.pop("do"), asked))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


def main() -> None:
    from tests.media.peers import peers_on

    def say(data: bytes) -> None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    logging.disable(logging.CRITICAL)  # aioice takes one RTP packet in many thousands for STUN, and says so
    with peers_on(sys.argv[1]):
        asyncio.run(serve(say))


if __name__ == "__main__":
    main()
