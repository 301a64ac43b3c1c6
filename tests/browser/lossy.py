"""A way from one page to the media server on which packets get lost, as on a weak network."""

import select
import socket
import threading

from tests.browser.people import Person

# The page sends to where the server's answer says; here to the relay instead, and says which port that was.
DETOUR = """relay => {
  const publish = micRoom.publish.bind(micRoom);
  micRoom.publish = async (...what) => {
    const answer = await publish(...what);
    const [, address, port] = /candidate:\\S+ 1 udp \\d+ (\\S+) (\\d+)/i.exec(answer);
    globalThis.detoured = [address, Number(port)];
    return answer
      .replace(/^a=candidate:.*\\r\\n/gm, "")
      .replace("a=end-of-candidates", `a=candidate:1 1 udp 2130706431 127.0.0.1 ${relay} typ host\\r\\n$&`);
  };
}"""


class LossyWay:
    """Passes datagrams on in both directions, but for every n-th media packet (RTP) of the page."""

    def __init__(self) -> None:
        self.every = 0  # which media packet is dropped; 0: none
        self._entrance = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._entrance.bind(("127.0.0.1", 0))
        self._exits: dict[tuple[str, int], socket.socket] = {}  # by the page's address
        self._server: tuple[str, int] | None = None
        self._media = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def detour(self, person: Person) -> None:
        """Whatever this page publishes from now on goes this way. Call `arrive` once it publishes."""
        person.page.evaluate(DETOUR, self._entrance.getsockname()[1])

    def arrive(self, person: Person) -> None:
        """Waits until the page publishes, and takes the server's address."""
        person.waits_for("() => globalThis.detoured !== undefined")
        address, port = person.page.evaluate("detoured")
        self._server = (str(address), int(port))

    def close(self) -> None:
        self._is_over.set()
        self._thread.join()
        for way in (self._entrance, *self._exits.values()):
            way.close()

    def _run(self) -> None:
        while not self._is_over.is_set():
            ready, _, _ = select.select([self._entrance, *self._exits.values()], [], [], 0.2)
            for way in ready:
                data, sender = way.recvfrom(4096)
                if way is not self._entrance:
                    page = next(page for page, exit_ in self._exits.items() if exit_ is way)
                    self._entrance.sendto(data, page)
                elif self._server and not self._is_lost(data):
                    if sender not in self._exits:
                        self._exits[sender] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    self._exits[sender].sendto(data, self._server)

    def _is_lost(self, data: bytes) -> bool:
        is_media = 128 <= data[0] < 192 and not 64 <= data[1] & 0x7F < 96  # neither STUN, DTLS nor RTCP
        self._media += is_media
        return bool(is_media and self.every and self._media % self.every == 0)
