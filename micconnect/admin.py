"""The moderators' view: read-only lists, and actions that go through the same door as everybody else's commands."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from micconnect import auth, services
from micconnect.domain.room import Actor
from micconnect.models import Connection, LogEntry, Room, SeatRequest, Socket
from micconnect.protocol.commands import DisconnectUser, EndLive, WireCommand
from micconnect.protocol.frames import Reply
from micconnect.protocol.words import ConnectionState, RemovalReason, Role

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin  # generic for the type checker only


class ReadOnlyAdmin(ModelAdmin):
    """Rows are looked at here, never written: what changes a room goes through `perform`."""

    list_per_page = 50
    show_full_result_count = False
    actions_on_bottom = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        """Who may use the actions; looking needs the model's ordinary view permission only."""
        return request.user.has_perm("micconnect.moderate_room")

    def act(self, request: HttpRequest, slug: str, command: WireCommand) -> Reply:
        """Carries out a command in the name of the person at the admin."""
        person = auth.current_person(request)[0]
        return services.perform(slug, Actor(person=person, role=Role.ADMIN), command, timezone.now())

    def report(self, request: HttpRequest, done: int, what: str, refused: list[str]) -> None:
        """Says how many worked, and for each that did not, why."""
        if done:
            self.message_user(request, f"{what}: {done}.", messages.SUCCESS)
        for text in refused:
            self.message_user(request, text, messages.WARNING)


class OfRoomAdmin(ReadOnlyAdmin):
    """Lists that are reached from a room."""

    list_select_related = ["room"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "room__id__exact" or super().lookup_allowed(lookup, value, request)


@admin.register(Room)
class RoomAdmin(ReadOnlyAdmin):
    list_display = ["title", "slug", "host_name", "status", "on_air", "waiting", "live_at", "ended_at", "end_reason"]
    list_filter = ["status", "end_reason", ("live_at", admin.DateFieldListFilter)]
    search_fields = ["title", "slug", "host_name", "host_id"]
    actions = ["end_room"]
    readonly_fields = ["everything"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        is_on_air = ~Q(connections__state=ConnectionState.ENDED) & Q(connections__seat_index__gt=0)
        is_waiting = Q(seat_requests__state="pending")
        rooms: QuerySet[Any] = super().get_queryset(request)
        rooms = rooms.annotate(
            guests=Count("connections", filter=is_on_air, distinct=True),
            pending=Count("seat_requests", filter=is_waiting, distinct=True),
        )
        return rooms

    @admin.display(description="guests on air", ordering="guests")
    def on_air(self, room: Any) -> int:
        return int(room.guests)

    @admin.display(description="waiting", ordering="pending")
    def waiting(self, room: Any) -> int:
        return int(room.pending)

    @admin.display(description="of this room")
    def everything(self, room: Room) -> str:
        """Links to what happened in the room."""
        kinds = {"connection": "Connections", "seatrequest": "Requests", "socket": "Sockets", "logentry": "Log"}
        links = [
            format_html(
                '<a href="{}?room__id__exact={}">{}</a>',
                reverse(f"admin:micconnect_{kind}_changelist"),
                room.pk,
                label,
            )
            for kind, label in kinds.items()
        ]
        return format_html(" · ".join("{}" for _ in links), *links)

    @admin.action(description="End the live of the selected rooms", permissions=["moderate"])
    def end_room(self, request: HttpRequest, rooms: QuerySet[Room]) -> None:
        """Everybody in the rooms hears `onRoomDismissed`, as if the host had ended the live."""
        done, refused = 0, []
        for room in rooms:
            reply = self.act(request, room.slug, EndLive())
            if reply.error:
                refused.append(f"{room.title}: {reply.error.message}")
            else:
                done += 1
        self.report(request, done, "Ended", refused)


@admin.register(Connection)
class ConnectionAdmin(OfRoomAdmin):
    list_display = [
        "user_name",
        "room",
        "seat_index",
        "media",
        "state",
        "microphone",
        "camera",
        "started_at",
        "ended_at",
        "end_reason",
        "operator_name",
    ]
    list_filter = ["state", "end_reason", "media", "seat_index", ("started_at", admin.DateFieldListFilter)]
    search_fields = ["user_name", "user_id", "room__slug", "room__title"]
    actions = ["disconnect_guest"]

    @admin.action(description="Take the selected guests off air", permissions=["moderate"])
    def disconnect_guest(self, request: HttpRequest, connections: QuerySet[Connection]) -> None:
        """The guest hears `onUserConnectionTerminated`; sound and picture are cut at the media server."""
        done, refused = 0, []
        for connection in connections.select_related("room"):
            if connection.state == ConnectionState.ENDED:
                refused.append(f"{connection.user_name}: was off air already.")
                continue
            command = DisconnectUser(user_id=connection.user_id, reason=RemovalReason.OTHER)
            reply = self.act(request, connection.room.slug, command)
            if reply.error:
                refused.append(f"{connection.user_name}: {reply.error.message}")
            else:
                done += 1
        self.report(request, done, "Taken off air", refused)


@admin.register(SeatRequest)
class SeatRequestAdmin(OfRoomAdmin):
    list_display = [
        "user_name",
        "room",
        "kind",
        "media",
        "state",
        "note",
        "created_at",
        "expires_at",
        "ended_at",
        "operator_name",
        "reason",
        "cause",
    ]
    list_filter = ["state", "kind", "media", "reason", "cause", ("created_at", admin.DateFieldListFilter)]
    search_fields = ["user_name", "user_id", "note", "room__slug", "room__title"]


@admin.register(Socket)
class SocketAdmin(OfRoomAdmin):
    list_display = ["user_name", "room", "role", "opened_at", "closed_at", "close_code", "agent"]
    list_filter = [("closed_at", admin.EmptyFieldListFilter), "role", ("opened_at", admin.DateFieldListFilter)]
    search_fields = ["user_name", "user_id", "room__slug", "room__title"]


@admin.register(LogEntry)
class LogEntryAdmin(OfRoomAdmin):
    list_display = ["at", "room", "seq", "command", "actor_role", "actor_name", "actor_id", "fields"]
    list_filter = ["command", "actor_role", ("at", admin.DateFieldListFilter)]
    search_fields = ["actor_name", "actor_id", "room__slug", "room__title"]
    exclude = ["reply", "notices"]


admin.site.site_header = "MicConnect"
admin.site.site_title = "MicConnect"
admin.site.index_title = "Moderation"
