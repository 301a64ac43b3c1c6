"""The canary: every inner name of aiortc and aioice that the forwarder stands on is still there."""

import importlib

import aioice
import aiortc
import pytest
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from micconnect.media.sfu import private
from micconnect.media.sfu.endpoints import Intake, Outlet


def test_the_series_is_the_one_that_was_tried() -> None:
    assert aiortc.__version__.startswith(private.AIORTC_SERIES)


async def living(name: str) -> object:
    """The thing a name stands for: a module, or an object of a class as it is in use."""
    pc = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
    transceiver = pc.addTransceiver("video")
    dtls = transceiver.receiver.transport
    connection = dtls.transport._connection
    candidate = aioice.Candidate("f", 1, "udp", 1, "127.0.0.1", 9, "host")
    socket = aioice.ice.StunProtocol(connection)
    socket.local_candidate = candidate
    found = {
        "aioice.ice.Connection": connection,
        "aioice.ice.StunProtocol": socket,
        "aioice.ice.CandidatePair": aioice.ice.CandidatePair(socket, candidate),
        "aiortc.RTCDtlsTransport": dtls,
        "aiortc.RTCIceTransport": dtls.transport,
        "aiortc.RTCRtpSender": transceiver.sender,
        "aiortc.RTCRtpReceiver": transceiver.receiver,
    }
    await pc.close()
    return found.get(name) or importlib.import_module(name)


@pytest.mark.parametrize("owner", private.NAMES)
async def test_every_inner_name_is_still_there(owner: str) -> None:
    thing = await living(owner)
    assert [name for name in private.NAMES[owner] if not hasattr(thing, name)] == []


async def test_the_stand_ins_have_all_that_they_stand_in_for() -> None:
    pc = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
    dtls = pc.addTransceiver("audio").receiver.transport
    for stand_in, owner in (
        (Outlet("audio", dtls), "aiortc.RTCRtpSender"),
        (Intake("audio", dtls), "aiortc.RTCRtpReceiver"),
    ):
        assert [name for name in private.NAMES[owner] if not hasattr(stand_in, name)] == []
    await pc.close()


def test_opus_and_vp8_stand_where_the_forwarder_expects_them() -> None:
    def names(codecs: list[RTCRtpCodecParameters]) -> list[str]:
        return [codec.mimeType for codec in codecs]

    assert names(aiortc.codecs.CODECS["audio"]).count("audio/opus") == 1
    assert names(aiortc.codecs.CODECS["video"])[:2] == ["video/VP8", "video/rtx"]
