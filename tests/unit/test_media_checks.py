"""What is said at start about a media server that cannot work with these settings."""

from typing import Any

import pytest

from micconnect.checks import media_servers

SECRETS = {"JANUS_API_SECRET": "a", "JANUS_ADMIN_SECRET": "b", "JANUS_ROOM_KEY": "c"}
JANUS = {"MEDIA": "janus", **SECRETS}


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({}, []),
        (JANUS, []),
        ({"MEDIA": "jitsi"}, ["E020"]),
        ({"MEDIA_PICTURES": 0}, ["E021"]),
        ({"WATCH_KEPT_S": 0}, []),
        ({"WATCH_KEPT_S": -1}, ["E026"]),
        ({"MEDIA": "janus"}, ["E022"]),
        ({**JANUS, "JANUS_ROOM_KEY": ""}, ["E022"]),
        ({**JANUS, "JANUS_URLS": []}, ["E023"]),
        ({**JANUS, "JANUS_URLS": ["ws://a:8188", "ws://b:8188"]}, ["E023"]),
        ({**JANUS, "JANUS_URLS": ["http://a:8088"], "JANUS_ADMIN_URLS": ["a:7188"]}, ["E024", "E024"]),
        ({**JANUS, "JANUS_WATCHES": 0}, ["E025"]),
    ],
)
def test_a_media_server_that_cannot_work_is_told(settings: Any, changes: dict[str, Any], ids: list[str]) -> None:
    for name in SECRETS:
        setattr(settings, name, "")
    for name, value in changes.items():
        setattr(settings, name, value)
    assert [found.id for found in media_servers(None)] == [f"micconnect.{name}" for name in ids]
