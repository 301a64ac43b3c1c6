"""How a line arrives: what Janus has counted of it, looked at once a second."""

from collections.abc import Sequence
from enum import Enum

from micconnect.media.base import FeedStats
from micconnect.media.janus.messages import Handle, Medium, Stream
from micconnect.media.measures import OVERSHOOT, loudness
from micconnect.media.sfu.counts import LossRate

QUIET_SAMPLES_MAX = 6
DTX_PACKETS_PER_S = 10
FLOODS_MAX = 2  # samples in a row; one alone may be a burst


class Verdict(Enum):
    """What is to be done with a line."""

    FINE = "fine"
    VANISHED = "vanished"  # nothing at all has come for long
    FLOODS = "floods"  # it sends more than it may, and does not stop


class Meter:
    """The samples of one line. `kbps`: what it may send of each kind of media.

    `stats`, and `came`, the kinds of which anything has come since the sample before: None before the 2nd sample.
    """

    def __init__(self, grant_id: str, kbps: dict[str, int]) -> None:
        self.stats: FeedStats | None = None
        self.packets = 0
        self.came: frozenset[str] | None = None
        self._grant_id = grant_id
        self._kbps = kbps
        self._media: dict[str, Medium] = {}
        self._taken_at: float | None = None
        self._quiet = self._floods = 0
        self._loss_rate = LossRate()
        self._begin_dbov: float | None = None  # how loud the voice was when it last began
        self._has_begun = False  # since the last sample
        self._loudest = 0  # heard between the samples

    def note_talking(self, average_dbov: float) -> None:
        """Janus says that the voice begins, so loud; it may have ended again when the next sample is taken."""
        self._begin_dbov, self._has_begun = average_dbov, True

    def listen(self, streams: Sequence[Stream]) -> None:
        """Janus tells no more than the newest packet's level: looked at once a second, a voice would be missed."""
        self._loudest = max([self._loudest, *(_loudness_of(stream) for stream in streams)])

    def take(self, handle: Handle, now: float, *, is_muted: bool = False) -> Verdict:
        """One sample; `now` in seconds of the steady clock. Janus does not listen to voices that are muted."""
        media = {medium.type: medium for medium in handle.webrtc.media.values()}
        before, self._media = self._media, media
        taken_at, self._taken_at = self._taken_at, now
        packets = sum(medium.stats.come.packets for medium in media.values())
        self._quiet = self._quiet + 1 if packets == self.packets else 0
        self.packets = packets
        if taken_at is not None and before.keys() == media.keys():
            self._compare(before, media, max(now - taken_at, 0.1), handle.plugin_specific.streams, is_muted=is_muted)
        if self._quiet >= QUIET_SAMPLES_MAX:
            return Verdict.VANISHED
        return Verdict.FLOODS if self._floods >= FLOODS_MAX else Verdict.FINE

    def _compare(
        self,
        before: dict[str, Medium],
        now: dict[str, Medium],
        passed_s: float,
        streams: Sequence[Stream],
        *,
        is_muted: bool,
    ) -> None:
        if is_muted:
            self._loudest = 0
        octets = {kind: now[kind].stats.come.bytes - before[kind].stats.come.bytes for kind in now}
        packets = {kind: now[kind].stats.come.packets - before[kind].stats.come.packets for kind in now}
        lost = sum(max(0, now[kind].rtcp.main.lost - before[kind].rtcp.main.lost) for kind in now)
        rates = {kind: amount * 8 / 1000 / passed_s for kind, amount in octets.items()}
        floods = any(rate > OVERSHOOT * self._kbps.get(kind, 0) for kind, rate in rates.items())
        self._floods = self._floods + 1 if floods else 0
        self.came = frozenset(kind for kind, count in packets.items() if count > 0)
        came = sum(packets.values())
        self.stats = FeedStats(
            grant_id=self._grant_id,
            audio_level=0 if is_muted else self._level(streams, packets.get("audio", 0) / passed_s),
            loss=round(self._loss_rate.note(came + lost, lost, is_empty=came <= 0), 3),
            kbps=round(sum(rates.values())),
            rtt_ms=next((round(m.rtcp.main.rtt) for m in now.values() if m.rtcp.main.rtt), None),
        )

    def _level(self, streams: Sequence[Stream], packets_per_s: float) -> int:
        """Janus knows the level of the newest packet, and how loud the voice was when it began.

        That begin stands for the whole of the talking, but nobody talks who sends next to nothing (DTX).
        """
        self.listen(streams)
        has_begun, self._has_begun = self._has_begun, False
        level, self._loudest = self._loudest, 0
        is_talking = any(stream.talking for stream in streams) and packets_per_s > DTX_PACKETS_PER_S
        if self._begin_dbov and (has_begun or is_talking):
            level = max(level, loudness(round(self._begin_dbov)))
        return level


def _loudness_of(stream: Stream) -> int:
    """0 dBov is what Janus says before it has heard anything."""
    return loudness(stream.dbov) if stream.type == "audio" and stream.dbov else 0
