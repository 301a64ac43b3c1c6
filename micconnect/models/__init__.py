"""Rows: what outlives every process. The database repeats the rules as constraints; a constraint that fires is a bug.

Only `store` and `presence` write here, and only `services.perform` calls `store`.
"""

from micconnect.models.base import new_epoch, new_slug
from micconnect.models.onair import Connection, SeatRequest
from micconnect.models.people import InviteLink, Member, Sanction
from micconnect.models.room import Room, Seat
from micconnect.models.traces import LogEntry, ServingProcess, Socket

__all__ = [
    "Connection",
    "InviteLink",
    "LogEntry",
    "Member",
    "Room",
    "Sanction",
    "Seat",
    "SeatRequest",
    "ServingProcess",
    "Socket",
    "new_epoch",
    "new_slug",
]
