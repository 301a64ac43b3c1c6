"""Whether what should flow does: a camera that died leaves the line of its owner standing, and the others waiting."""

from collections.abc import Collection, Iterable

from micconnect.media.base import SeatGrant
from micconnect.protocol.words import Device

KINDS = {Device.MICROPHONE: "audio", Device.CAMERA: "video"}
STALLED_SAMPLES = 3  # in a row without a packet, about 1 s each: silence (Opus DTX) sends one every 0.4 s
FLOWING_SAMPLES = 2  # in a row with one: a stray packet is no picture, and whoever sends few must not come and go


def kinds_of(grant: SeatGrant) -> tuple[str, ...]:
    """The kinds of media that a grant has leave to send."""
    if grant.is_screen:
        return ("video",)
    return ("audio", "video") if grant.has_video else ("audio",)


class _Flow:
    """One kind of media of one grant."""

    def __init__(self, *, is_stalled: bool = False) -> None:
        self.is_stalled = is_stalled
        self._quiet = self._flowing = 0

    def take(self, *, has_come: bool, is_line_alive: bool) -> None:
        self._quiet = 0 if has_come else self._quiet + 1
        self._flowing = self._flowing + 1 if has_come else 0
        if self._flowing >= FLOWING_SAMPLES:
            self.is_stalled = False
        elif self._quiet >= STALLED_SAMPLES and is_line_alive:
            self.is_stalled = True


class Flows:
    """All kinds of one grant, sample by sample; a line that replaces another one goes on with the same.

    Samples are counted, not seconds: when the media server itself was stopped for a while, nobody's camera was.
    """

    def __init__(self, grant: SeatGrant, stalled: Iterable[Device] = ()) -> None:
        """`stalled`: what was so when somebody looked last."""
        known = set(stalled)
        kinds = kinds_of(grant)
        self._flows = {device: _Flow(is_stalled=device in known) for device, kind in KINDS.items() if kind in kinds}

    @property
    def stalled(self) -> tuple[Device, ...]:
        """What should flow and does not."""
        return tuple(device for device, flow in self._flows.items() if flow.is_stalled)

    def take(self, came: Collection[str], muted: Collection[str], *, is_line_alive: bool = True) -> bool:
        """One sample: the kinds of which packets have come, and those that are muted, of which none need come.

        `is_line_alive`: something else has come, or else the whole line may be gone, which is another matter. Returns
        whether `stalled` has changed.
        """
        before = self.stalled
        for device, flow in self._flows.items():
            if KINDS[device] in muted:
                self._flows[device] = _Flow()
            else:
                flow.take(has_come=KINDS[device] in came, is_line_alive=is_line_alive)
        return self.stalled != before
