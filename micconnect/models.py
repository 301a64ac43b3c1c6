"""Rows: what outlives every process. The database repeats the rules as constraints; a constraint that fires is a bug.

Only `store` and `presence` write here, and only `services.perform` calls `store`.
"""

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from micconnect.protocol import words as w

USER_ID_MAX = 64


def choices(kind: Any) -> list[tuple[str, str]]:
    """A protocol enum as choices for a field."""
    return [(item.value, item.value.replace("_", " ")) for item in kind]


def one_of(field: str, kind: Any) -> Q:
    return Q(**{f"{field}__in": [item.value for item in kind]})


def new_slug() -> str:
    """A room's address: 50 bits, so that nobody finds rooms by guessing; letters that cannot be misread."""
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(10))


def new_epoch() -> str:
    return secrets.token_hex(6)


class Room(models.Model):
    """One live show. `seq` counts its changes; `epoch` tells two histories with the same numbers apart."""

    slug = models.SlugField(max_length=48, unique=True, default=new_slug)
    title = models.CharField(max_length=w.TITLE_MAX)
    host_account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="mic_rooms"
    )
    host_id = models.CharField(max_length=USER_ID_MAX, db_index=True)
    host_name = models.CharField(max_length=w.NAME_MAX)
    status = models.CharField(max_length=8, choices=choices(w.RoomStatus), default=w.RoomStatus.IDLE)
    seat_count = models.PositiveSmallIntegerField(default=w.GUESTS_MAX)
    request_timeout_s = models.PositiveSmallIntegerField(default=60)
    epoch = models.CharField(max_length=16, default=new_epoch)
    seq = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    live_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=12, choices=choices(w.RoomEnd), blank=True)
    host_away_until = models.DateTimeField(null=True, blank=True)
    has_media_server = models.BooleanField(default=True)
    next_deadline = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        permissions = [("moderate_room", "Can act in rooms as a moderator")]
        constraints = [
            models.CheckConstraint(condition=one_of("status", w.RoomStatus), name="room_status_known"),
            models.CheckConstraint(
                condition=Q(seat_count__gte=1, seat_count__lte=w.GUESTS_MAX), name="room_seat_count_1_to_9"
            ),
            models.CheckConstraint(
                condition=Q(request_timeout_s=0)
                | Q(request_timeout_s__gte=w.TIMEOUT_MIN_S, request_timeout_s__lte=w.TIMEOUT_MAX_S),
                name="room_request_timeout_in_range",
            ),
            models.CheckConstraint(
                condition=Q(status=w.RoomStatus.ENDED) ^ Q(ended_at__isnull=True), name="room_ended_has_time"
            ),
        ]
        indexes = [
            models.Index(fields=["next_deadline"], condition=Q(next_deadline__isnull=False), name="room_next_deadline"),
            models.Index(fields=["status", "-created_at"], name="room_status_newest"),
        ]

    def __str__(self) -> str:
        return self.title


class Connection(models.Model):
    """Somebody's time on air: from taking a seat to leaving it. The live ones and the past ones."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="connections")
    number = models.PositiveBigIntegerField()
    user_id = models.CharField(max_length=USER_ID_MAX)
    user_name = models.CharField(max_length=w.NAME_MAX)
    seat_index = models.PositiveSmallIntegerField()
    media = models.CharField(max_length=8, choices=choices(w.LinkMedia))
    state = models.CharField(max_length=12, choices=choices(w.ConnectionState))
    microphone = models.CharField(max_length=8, choices=choices(w.DeviceState))
    camera = models.CharField(max_length=8, choices=choices(w.DeviceState))
    has_socket = models.BooleanField(default=True)
    has_media = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    live_at = models.DateTimeField(null=True, blank=True)
    deadline = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_seq = models.PositiveBigIntegerField(default=0)
    end_reason = models.CharField(max_length=12, choices=choices(w.ConnectionEnd), blank=True)
    operator_id = models.CharField(max_length=USER_ID_MAX, blank=True)
    operator_name = models.CharField(max_length=w.NAME_MAX, blank=True)
    reason = models.CharField(max_length=8, choices=choices(w.RemovalReason), blank=True)
    note = models.CharField(max_length=w.NOTE_MAX, blank=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="connection_number_in_room"),
            models.UniqueConstraint(
                fields=["room", "seat_index"], condition=~Q(state="ended"), name="connection_one_per_seat"
            ),
            models.UniqueConstraint(
                fields=["room", "user_id"], condition=~Q(state="ended"), name="connection_one_per_person"
            ),
            models.CheckConstraint(condition=one_of("state", w.ConnectionState), name="connection_state_known"),
            models.CheckConstraint(
                condition=Q(seat_index__gte=0, seat_index__lte=w.GUESTS_MAX), name="connection_seat_in_range"
            ),
            models.CheckConstraint(
                condition=Q(state="ended") ^ Q(ended_at__isnull=True), name="connection_ended_has_time"
            ),
            models.CheckConstraint(
                condition=Q(media="video") | ~Q(camera="open"), name="connection_audio_has_no_camera"
            ),
        ]
        indexes = [
            models.Index(fields=["room", "-ended_seq"], condition=Q(state="ended"), name="connection_latest_ended"),
            models.Index(fields=["-started_at"], name="connection_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.user_name} on seat {self.seat_index}"


class Seat(models.Model):
    """A numbered place. The rows exist from the room's birth, so there is no tenth guest seat to take."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="seats")
    seat_index = models.PositiveSmallIntegerField()
    occupant_id = models.CharField(max_length=USER_ID_MAX, null=True, blank=True)  # NULL: many may be empty

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


class SeatRequest(models.Model):
    """An application or an invitation, with its one outcome."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="seat_requests")
    number = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=12, choices=choices(w.RequestKind))
    user_id = models.CharField(max_length=USER_ID_MAX)
    user_name = models.CharField(max_length=w.NAME_MAX)
    media = models.CharField(max_length=8, choices=choices(w.LinkMedia))
    state = models.CharField(max_length=12, choices=choices(w.RequestState), default=w.RequestState.PENDING)
    note = models.CharField(max_length=w.NOTE_MAX, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_seq = models.PositiveBigIntegerField(default=0)
    operator_id = models.CharField(max_length=USER_ID_MAX, blank=True)
    operator_name = models.CharField(max_length=w.NAME_MAX, blank=True)
    cause = models.CharField(max_length=20, choices=choices(w.VoidCause), blank=True)
    reason = models.CharField(max_length=12, choices=choices(w.RejectReason), blank=True)
    answer_note = models.CharField(max_length=w.NOTE_MAX, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="request_number_in_room"),
            models.UniqueConstraint(
                fields=["room", "user_id"], condition=Q(state="pending"), name="request_one_pending_per_person"
            ),
            models.CheckConstraint(condition=one_of("state", w.RequestState), name="request_state_known"),
            models.CheckConstraint(
                condition=Q(state="pending", ended_at__isnull=True) | (~Q(state="pending") & Q(ended_at__isnull=False)),
                name="request_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")), name="request_expires_later"
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="pending"), name="request_pending_expiry"),
            models.Index(fields=["room", "-ended_seq"], condition=~Q(state="pending"), name="request_latest_ended"),
            models.Index(fields=["-created_at"], name="request_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} r{self.number}"


class Socket(models.Model):
    """A browser tab's line to a room, as an operator wants to see it. Written in batches, never on the hot path."""

    socket_id = models.CharField(max_length=32, unique=True)
    process_id = models.CharField(max_length=32)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="sockets")
    user_id = models.CharField(max_length=USER_ID_MAX)
    user_name = models.CharField(max_length=w.NAME_MAX)
    role = models.CharField(max_length=12, choices=choices(w.Role))
    agent = models.CharField(max_length=160, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    close_code = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        indexes = [
            models.Index(fields=["room", "user_id"], condition=Q(closed_at__isnull=True), name="socket_open"),
            models.Index(fields=["-opened_at"], name="socket_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.user_name}'s socket"


class LogEntry(models.Model):
    """One change of one room: who, which command, when, and the callbacks it led to. Only ever appended.

    `ref` makes a repeated command give the same answer. Processes that did not carry out the change tell their
    sockets from `notices`.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="log")
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor_role = models.CharField(max_length=12, choices=choices(w.Role))
    actor_id = models.CharField(max_length=USER_ID_MAX)
    actor_name = models.CharField(max_length=w.NAME_MAX)
    command = models.CharField(max_length=32)
    fields = models.JSONField(default=dict)
    ref = models.CharField(max_length=40, null=True, blank=True)  # NULL: our own parts name no ref
    reply = models.BinaryField()
    notices = models.BinaryField()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "log entries"
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="log_one_per_change"),
            models.UniqueConstraint(fields=["room", "actor_id", "ref"], name="log_one_per_ref"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.command}"
