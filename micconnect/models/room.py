"""The show and its numbered places."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from micconnect.models.base import USER_ID_MAX, choices, in_range, known, new_epoch, new_slug
from micconnect.protocol import words as w
from micconnect.text import isolated


class Room(models.Model):
    """One live show. `seq` counts its changes; `epoch` tells two histories with the same numbers apart.

    The options stand in columns of the same names as in `RoomOptions`.
    """

    slug = models.SlugField(max_length=48, unique=True, default=new_slug)
    host_account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="mic_rooms"
    )
    host_id = models.CharField(max_length=USER_ID_MAX, db_index=True)
    host_name = models.CharField(max_length=w.NAME_MAX)
    status = models.CharField(max_length=8, choices=choices(w.RoomStatus), default=w.RoomStatus.IDLE)
    epoch = models.CharField(max_length=16, default=new_epoch)
    seq = models.PositiveBigIntegerField(default=0)
    last_number = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    live_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=12, choices=choices(w.RoomEnd), blank=True)
    host_away_since = models.DateTimeField(null=True, blank=True)
    host_away_until = models.DateTimeField(null=True, blank=True)
    carrier_id = models.CharField(max_length=USER_ID_MAX, blank=True)
    carrier_name = models.CharField(max_length=w.NAME_MAX, blank=True)
    has_media_server = models.BooleanField(default=True)
    spotlight = models.CharField(max_length=USER_ID_MAX, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    peak_viewers = models.PositiveIntegerField(default=0)
    next_deadline = models.DateTimeField(null=True, blank=True)
    # the options
    title = models.CharField(max_length=w.TITLE_MAX)
    cover = models.CharField(max_length=w.COVER_MAX, blank=True)
    layout = models.CharField(max_length=8, choices=choices(w.Layout), default=w.Layout.GRID)
    seat_count = models.PositiveSmallIntegerField(default=w.GUESTS_MAX)
    seat_mode = models.CharField(max_length=12, choices=choices(w.SeatMode), default=w.SeatMode.APPLY)
    is_paused = models.BooleanField(default=False)
    is_auto_accepting = models.BooleanField(default=False)
    queue_order = models.CharField(max_length=12, choices=choices(w.QueueOrder), default=w.QueueOrder.ARRIVAL)
    request_timeout_s = models.PositiveSmallIntegerField(default=60)
    needs_login = models.BooleanField(default=False)
    min_stay_s = models.PositiveSmallIntegerField(default=0)
    max_turns = models.PositiveSmallIntegerField(default=0)
    is_audio_only = models.BooleanField(default=False)
    time_limit_s = models.PositiveSmallIntegerField(default=0)
    is_rotating = models.BooleanField(default=False)
    has_backstage = models.BooleanField(default=False)
    keep_owner_on_seat = models.BooleanField(default=True)
    host_away_s = models.PositiveSmallIntegerField(default=120)
    is_carried_on = models.BooleanField(default=True)
    is_arriving_muted = models.BooleanField(default=False)
    may_unmute = models.BooleanField(default=True)
    allows_unnamed = models.BooleanField(default=False)

    class Meta:
        ordering = ["-created_at"]
        permissions = [("moderate_room", "Can act in rooms as a moderator")]
        constraints = [
            *known("room", status=w.RoomStatus, layout=w.Layout, seat_mode=w.SeatMode, queue_order=w.QueueOrder),
            *known("room", may_be_empty=True, end_reason=w.RoomEnd),
            models.CheckConstraint(
                condition=Q(seat_count__gte=1, seat_count__lte=w.GUESTS_MAX), name="room_seat_count_1_to_9"
            ),
            in_range("room", "request_timeout_s", w.TIMEOUT_MIN_S, w.TIMEOUT_MAX_S, or_zero=True),
            in_range("room", "time_limit_s", w.TIME_LIMIT_MIN_S, w.TIME_LIMIT_MAX_S, or_zero=True),
            in_range("room", "min_stay_s", 0, w.STAY_MAX_S),
            in_range("room", "max_turns", 0, w.TURNS_MAX),
            in_range("room", "host_away_s", w.HOST_AWAY_MIN_S, w.HOST_AWAY_MAX_S),
            models.CheckConstraint(
                condition=Q(status=w.RoomStatus.ENDED) ^ Q(ended_at__isnull=True), name="room_ended_has_time"
            ),
        ]
        indexes = [
            models.Index(fields=["next_deadline"], condition=Q(next_deadline__isnull=False), name="room_next_deadline"),
            models.Index(fields=["status", "-created_at"], name="room_status_newest"),
        ]

    def __str__(self) -> str:
        return isolated(self.title)


class Seat(models.Model):
    """A numbered place and its locks. The rows exist from the room's birth: there is no tenth guest seat to take."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="seats")
    seat_index = models.PositiveSmallIntegerField()
    occupant_id = models.CharField(max_length=USER_ID_MAX, null=True, blank=True)  # NULL: many may be empty
    is_locked = models.BooleanField(default=False)
    is_microphone_locked = models.BooleanField(default=False)
    is_camera_locked = models.BooleanField(default=False)

    class Meta:
        ordering = ["room", "seat_index"]
        constraints = [
            models.UniqueConstraint(fields=["room", "seat_index"], name="seat_index_in_room"),
            models.UniqueConstraint(
                fields=["room", "occupant_id"], condition=Q(occupant_id__isnull=False), name="seat_one_per_person"
            ),
            models.CheckConstraint(
                condition=Q(seat_index__gte=0, seat_index__lte=w.GUESTS_MAX), name="seat_index_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"seat {self.seat_index}"
