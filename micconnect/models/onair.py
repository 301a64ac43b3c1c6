"""Time on air, and the requests that lead to it. The open ones and the past ones: ends are never deleted."""

from django.db import models
from django.db.models import F, Q

from micconnect.models.base import USER_ID_MAX, choices, in_range, known
from micconnect.models.room import Room
from micconnect.protocol import words as w
from micconnect.text import isolated


class Connection(models.Model):
    """Somebody's time on air: from taking a seat to leaving it.

    `seat_index` is NULL only inside the transaction that moves several people at once.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="connections")
    number = models.PositiveBigIntegerField()
    user_id = models.CharField(max_length=USER_ID_MAX)
    user_name = models.CharField(max_length=w.NAME_MAX)
    seat_index = models.PositiveSmallIntegerField(null=True)
    media = models.CharField(max_length=8, choices=choices(w.LinkMedia))
    state = models.CharField(max_length=12, choices=choices(w.ConnectionState))
    microphone = models.CharField(max_length=8, choices=choices(w.DeviceState))
    camera = models.CharField(max_length=8, choices=choices(w.DeviceState))
    screen = models.CharField(max_length=8, choices=choices(w.DeviceState), default=w.DeviceState.CLOSED)
    stalled = models.CharField(max_length=40, blank=True)
    shut = models.CharField(max_length=40, blank=True)
    screen_number = models.PositiveBigIntegerField(default=0)
    has_socket = models.BooleanField(default=True)
    has_media = models.BooleanField(default=False)
    is_backstage = models.BooleanField(default=False)
    is_ready = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    live_at = models.DateTimeField(null=True, blank=True)
    aired_at = models.DateTimeField(null=True, blank=True)
    spoken_s = models.PositiveIntegerField(default=0)
    limit_s = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(null=True, blank=True)
    deadline = models.DateTimeField(null=True, blank=True)
    asks = models.CharField(max_length=12, choices=choices(w.Device), blank=True)
    asked = models.CharField(max_length=12, choices=choices(w.Device), blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_seq = models.PositiveBigIntegerField(default=0)
    end_reason = models.CharField(max_length=12, choices=choices(w.ConnectionEnd), blank=True)
    operator_id = models.CharField(max_length=USER_ID_MAX, blank=True)
    operator_name = models.CharField(max_length=w.NAME_MAX, blank=True)
    reason = models.CharField(max_length=8, choices=choices(w.RemovalReason), blank=True)
    note = models.CharField(max_length=w.NOTE_MAX, blank=True)
    window = models.CharField(max_length=w.WINDOW_MAX, blank=True)
    feed_number = models.PositiveBigIntegerField(default=0)

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
            *known("connection", state=w.ConnectionState, media=w.LinkMedia),
            *known("connection", microphone=w.DeviceState, camera=w.DeviceState, screen=w.DeviceState),
            models.CheckConstraint(
                condition=~Q(microphone="locked") & ~Q(camera="locked") & ~Q(screen="locked"),
                name="connection_locks_are_the_members",
            ),
            *known("connection", may_be_empty=True, end_reason=w.ConnectionEnd, reason=w.RemovalReason),
            *known("connection", may_be_empty=True, asks=w.Device, asked=w.Device),
            models.CheckConstraint(
                condition=Q(seat_index__isnull=True) | Q(seat_index__gte=0, seat_index__lte=w.GUESTS_MAX),
                name="connection_seat_in_range",
            ),
            models.CheckConstraint(
                condition=Q(state="ended") ^ Q(ended_at__isnull=True), name="connection_ended_has_time"
            ),
            models.CheckConstraint(condition=Q(state="ended") ^ Q(end_reason=""), name="connection_ended_has_reason"),
            models.UniqueConstraint(
                fields=["room"], condition=Q(screen="open") & ~Q(state="ended"), name="connection_one_screen"
            ),
            models.CheckConstraint(
                condition=Q(media="video") | ~Q(camera="open"), name="connection_audio_has_no_camera"
            ),
            models.CheckConstraint(
                condition=Q(media="video") | ~Q(screen="open"), name="connection_audio_has_no_screen"
            ),
            *(
                models.CheckConstraint(
                    condition=~Q(stalled__contains=device) | (Q(**{device: "open"}) & ~Q(state="ended")),
                    name=f"connection_stalled_{device}_is_open",
                )
                for device in map(str, w.Device)
            ),
            models.CheckConstraint(
                condition=~Q(state="ended") | Q(aired_at__isnull=True, deadline__isnull=True, ends_at__isnull=True),
                name="connection_ended_waits_no_more",
            ),
            in_range("connection", "limit_s", w.TIME_LIMIT_MIN_S, w.TIME_LIMIT_MAX_S, or_zero=True),
        ]
        indexes = [
            models.Index(fields=["room", "-ended_seq"], condition=Q(state="ended"), name="connection_latest_ended"),
            models.Index(fields=["-started_at"], name="connection_newest"),
        ]

    def __str__(self) -> str:
        return f"{isolated(self.user_name)} on seat {self.seat_index}"


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
    seat_index = models.SmallIntegerField(default=w.ANY_SEAT)
    extra_info = models.CharField(max_length=w.EXTRA_INFO_MAX_BYTES, blank=True)
    rank = models.BigIntegerField(default=0)
    front = models.BigIntegerField(default=0)
    is_held = models.BooleanField(default=False)
    refusals = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    timeout_s = models.PositiveSmallIntegerField(null=True, blank=True)
    has_account = models.BooleanField(default=True)
    gone_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_seq = models.PositiveBigIntegerField(default=0)
    operator_id = models.CharField(max_length=USER_ID_MAX, blank=True)
    operator_name = models.CharField(max_length=w.NAME_MAX, blank=True)
    cause = models.CharField(max_length=20, choices=choices(w.VoidCause), blank=True)
    reason = models.CharField(max_length=12, choices=choices(w.RejectReason), blank=True)
    answer_note = models.CharField(max_length=w.NOTE_MAX, blank=True)
    window = models.CharField(max_length=w.WINDOW_MAX, blank=True)
    entry = models.CharField(max_length=8, choices=choices(w.Entry), default=w.Entry.OPEN)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="request_number_in_room"),
            models.UniqueConstraint(
                fields=["room", "user_id"], condition=Q(state="pending"), name="request_one_pending_per_person"
            ),
            *known("request", state=w.RequestState, kind=w.RequestKind, media=w.LinkMedia, entry=w.Entry),
            *known("request", may_be_empty=True, cause=w.VoidCause, reason=w.RejectReason),
            in_range("request", "seat_index", w.ANY_SEAT, w.GUESTS_MAX),
            models.CheckConstraint(
                condition=Q(state="pending", ended_at__isnull=True) | (~Q(state="pending") & Q(ended_at__isnull=False)),
                name="request_ended_has_time",
            ),
            models.CheckConstraint(condition=Q(state="void") ^ Q(cause=""), name="request_void_has_cause"),
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
