"""What operators look at: serving processes, lines to the rooms, and the log of every change."""

from django.db import models

from micconnect.models.base import USER_ID_MAX, choices
from micconnect.models.room import Room
from micconnect.protocol import words as w
from micconnect.text import isolated

PROCESS_ID_MAX = 48


class ServingProcess(models.Model):
    """A process that serves sockets beside others. It counts `beat` on while it lives; a clean stop takes the row away.

    The keeper is the one that does what only one may do: it compares rooms with the world, cleans up and owns the
    media server. `media_generation`: the newest that the process knows of.
    """

    process_id = models.CharField(max_length=PROCESS_ID_MAX, unique=True)
    beat = models.PositiveBigIntegerField(default=0)
    is_keeper = models.BooleanField(default=False)
    media_generation = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "serving processes"
        constraints = [
            models.UniqueConstraint(fields=["is_keeper"], condition=models.Q(is_keeper=True), name="process_one_keeper")
        ]

    def __str__(self) -> str:
        return self.process_id


class Socket(models.Model):
    """A browser tab's line to a room, as an operator wants to see it. Written in batches, never on the hot path."""

    socket_id = models.CharField(max_length=32, unique=True)
    process_id = models.CharField(max_length=PROCESS_ID_MAX)
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
            models.Index(fields=["room", "user_id", "opened_at"], name="socket_of_person"),
            models.Index(fields=["-opened_at"], name="socket_newest"),
            models.Index(fields=["room", "user_id"], condition=models.Q(closed_at=None), name="socket_open"),
        ]

    def __str__(self) -> str:
        return f"{isolated(self.user_name)}'s socket"


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
