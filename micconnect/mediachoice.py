"""Which media server carries sound and picture: one setting decides."""

from django.conf import settings

from micconnect.media.base import MediaBackend
from micconnect.media.embedded import EmbeddedBackend

EMBEDDED, JANUS = "embedded", "janus"
CHOICES = (EMBEDDED, JANUS)


def make_backend() -> MediaBackend:
    """A backend as the settings want it, not started yet."""
    if settings.MEDIA == JANUS:
        from micconnect.media.janus.backend import JanusBackend

        return JanusBackend.from_urls(
            urls=settings.JANUS_URLS,
            admin_urls=settings.JANUS_ADMIN_URLS,
            api_secret=settings.JANUS_API_SECRET,
            admin_secret=settings.JANUS_ADMIN_SECRET,
            room_key=settings.JANUS_ROOM_KEY,
            video_kbps=settings.MEDIA_VIDEO_KBPS,
            audio_kbps=settings.MEDIA_AUDIO_KBPS,
            watches_per_node=settings.JANUS_WATCHES,
        )
    return EmbeddedBackend(
        address=settings.MEDIA_ADDRESS or None,
        video_kbps=settings.MEDIA_VIDEO_KBPS,
        audio_kbps=settings.MEDIA_AUDIO_KBPS,
    )
