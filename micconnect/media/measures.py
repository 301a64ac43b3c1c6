"""Measures that every media server shares, so that a voice and a flood are the same thing with each of them."""

FLOOR_DBOV = 60  # a voice is louder than that below full scale
OVERSHOOT = 1.5  # a sender may be so much above its bitrate for a moment


def loudness(dbov: int) -> int:
    """A level below full scale in dBov as 0 (60 dB below or less) to 100."""
    return round(max(0, FLOOR_DBOV - dbov) * 100 / FLOOR_DBOV)
