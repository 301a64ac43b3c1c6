"""What a room remembers of people: helpers and times on the stage, bars and bans, and links that invite."""

from django.db import models
from django.db.models import F, Q

from micconnect.models.base import USER_ID_MAX, choices, in_range, known
from micconnect.models.room import Room
from micconnect.protocol import words as w
from micconnect.text import isolated


class Member(models.Model):
    """Somebody whom the room knows beyond one time on air. `is_moderator` NULL: as the join ticket says.

    Locks, limit, cool-down and what else the staff decided about a person stand here, so that no way off a seat and
    onto one sheds them.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="members")
    user_id = models.CharField(max_length=USER_ID_MAX)
    user_name = models.CharField(max_length=w.NAME_MAX)
    is_moderator = models.BooleanField(null=True)
    spoken_s = models.PositiveIntegerField(default=0)
    turns = models.PositiveIntegerField(default=0)
    is_here = models.BooleanField(default=False)
    is_microphone_locked = models.BooleanField(default=False)
    is_camera_locked = models.BooleanField(default=False)
    is_screen_locked = models.BooleanField(default=False)
    locked_seq = models.PositiveBigIntegerField(default=0)
    limit_s = models.PositiveIntegerField(default=0)
    left_s = models.PositiveIntegerField(default=0)
    is_backstage = models.BooleanField(default=False)
    is_held = models.BooleanField(default=False)
    refusals = models.PositiveIntegerField(default=0)
    can_apply_at = models.DateTimeField(null=True, blank=True)
    became = models.CharField(max_length=USER_ID_MAX, blank=True)
    became_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["room", "user_id"]
        constraints = [
            models.UniqueConstraint(fields=["room", "user_id"], name="member_one_per_person"),
            in_range("member", "limit_s", w.TIME_LIMIT_MIN_S, w.TIME_LIMIT_MAX_S, or_zero=True),
            in_range("member", "left_s", w.TIME_LIMIT_MIN_S, w.TIME_LIMIT_MAX_S, or_zero=True),
        ]

    def __str__(self) -> str:
        return isolated(self.user_name)


class Sanction(models.Model):
    """A bar from the mic or a ban from the room; in force while `ended_at` is NULL."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="sanctions")
    number = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=12, choices=choices(w.SanctionKind))
    user_id = models.CharField(max_length=USER_ID_MAX)
    user_name = models.CharField(max_length=w.NAME_MAX)
    operator_id = models.CharField(max_length=USER_ID_MAX)
    operator_name = models.CharField(max_length=w.NAME_MAX)
    created_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=8, choices=choices(w.RemovalReason))
    note = models.CharField(max_length=w.NOTE_MAX, blank=True)
    appeal = models.CharField(max_length=w.NOTE_MAX, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="sanction_number_in_room"),
            models.UniqueConstraint(
                fields=["room", "user_id", "kind"],
                condition=Q(ended_at__isnull=True),
                name="sanction_one_of_a_kind_in_force",
            ),
            *known("sanction", kind=w.SanctionKind, reason=w.RemovalReason),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("created_at")), name="sanction_until_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {isolated(self.user_name)}"


class InviteLink(models.Model):
    """A link that seats whoever follows it; usable while `ended_at` is NULL. Its token is computed, never stored."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="invite_links")
    number = models.PositiveBigIntegerField()
    media = models.CharField(max_length=8, choices=choices(w.LinkMedia))
    uses_left = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    operator_id = models.CharField(max_length=USER_ID_MAX)
    operator_name = models.CharField(max_length=w.NAME_MAX)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="link_number_in_room"),
            *known("link", media=w.LinkMedia),
            in_range("link", "uses_left", 0, w.LINK_USES_MAX),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="link_expires_later"),
        ]

    def __str__(self) -> str:
        return f"l{self.number}"
