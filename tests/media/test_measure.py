"""How the forwarder measures a line: loudness, losses and bitrate, from packets that come by hand."""

from aiortc.rtp import RtpPacket

from micconnect.media.measures import loudness
from micconnect.media.sfu.source import PeerClock, Source, Window


class Heard:
    """A sound source to which packets come by hand."""

    def __init__(self) -> None:
        self.source = Source("audio", 100_000, lambda: None, 1, PeerClock())

    def come(self, *seqs: int, dbov: int | None = None, ssrc: int = 7) -> None:
        for seq in seqs:
            packet = RtpPacket(payload_type=96, sequence_number=seq, ssrc=ssrc, payload=bytes(88))
            if dbov is not None:
                packet.extensions.audio_level = (True, dbov)
            self.source.packet(packet, 0)

    def window(self) -> Window:
        """What came since the last call, as a tick asks for it."""
        self.source.receiver_info()
        return self.source.close_window()


def test_loudness_runs_from_sixty_decibels_below_to_full_scale() -> None:
    assert [loudness(dbov) for dbov in (127, 61, 60, 59, 30, 0)] == [0, 0, 0, 2, 50, 100]


def test_the_loudest_packet_of_a_window_counts_and_is_forgotten_with_it() -> None:
    heard = Heard()
    heard.come(1, dbov=50)
    heard.come(2, dbov=30)
    heard.come(3, dbov=127)
    assert heard.window().level == 50
    heard.come(4, dbov=120)
    assert heard.window().level == 0
    assert heard.window() == Window(expected=0, lost=0, octets=0, level=0), "the packets have stopped"


def test_a_sender_that_tells_no_level_counts_as_silent() -> None:
    heard = Heard()
    heard.come(1, 2, 3)
    assert heard.window() == Window(expected=3, lost=0, octets=300, level=0)


def test_losses_are_those_of_the_window_and_late_packets_make_up_for_them() -> None:
    heard = Heard()
    heard.come(1, 2, 5, 6)
    assert heard.window()[:2] == (6, 2)
    heard.come(7, 4, 8)
    assert heard.window()[:2] == (2, 0)
    heard.come(9, 11)
    assert heard.window()[:2] == (3, 1)


def test_a_new_stream_number_is_no_loss() -> None:
    heard = Heard()
    heard.come(1, 2)
    heard.come(60_000, 60_001, ssrc=8)
    assert heard.window()[:2] == (2, 0)
