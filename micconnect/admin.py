"""The moderators' view: read-only lists, and actions that go through the same door as everybody else's commands."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from micconnect import auth, health, services
from micconnect.domain.room import HOST_SEAT, Actor, Person
from micconnect.models import (
    Connection,
    InviteLink,
    LogEntry,
    Member,
    Room,
    Sanction,
    SeatRequest,
    ServingProcess,
    Socket,
)
from micconnect.protocol.commands import BanUser, BarUser, DisconnectUser, EndLive, LiftSanction, WireCommand
from micconnect.protocol.views import RoomOptions, SeatHealth
from micconnect.protocol.words import ConnectionState, Role, RoomStatus
from micconnect.text import isolated

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin  # generic for the type checker only


ASKING = Actor(person=Person(user_id="admin", name="admin"), role=Role.ADMIN)  # who only looks
Step = tuple[str, str, WireCommand]  # how the row is called, its room, what to do


class ReadOnlyAdmin(ModelAdmin):
    """Rows are looked at here, never written: what changes a room goes through `perform`."""

    class Media:
        css = {"all": ["micconnect/css/admin.css"]}

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

    def carry_out(
        self, request: HttpRequest, rows: QuerySet[Any], question: str, done: str, steps: Iterable[Step]
    ) -> HttpResponse | None:
        """Asks for confirmation, then gives the commands in the name of the person at the admin.

        Says how many worked, and for each that did not, why.
        """
        if request.POST.get("confirmed") != "yes":
            return self._confirmation(request, rows, question)
        actor = Actor(person=auth.current_person(request)[0], role=Role.ADMIN)
        count = 0
        for name, slug, command in steps:
            reply = services.perform(slug, actor, command, timezone.now())
            if reply.error:
                self.message_user(request, f"{isolated(name)}: {reply.error.message}", messages.WARNING)
            else:
                count += 1
        if count:
            self.message_user(request, f"{done}: {count}.", messages.SUCCESS)
        return None

    def _confirmation(self, request: HttpRequest, rows: QuerySet[Any], question: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": question,
            "opts": self.model._meta,
            "rows": rows,
            "fields": [
                (name, value)
                for name in ("action", "select_across", ACTION_CHECKBOX_NAME)
                for value in request.POST.getlist(name)
            ],
        }
        return TemplateResponse(request, "micconnect/admin_confirm.html", context)


class OfRoomAdmin(ReadOnlyAdmin):
    """Lists that are reached from a room."""

    list_select_related = ["room"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "room__id__exact" or super().lookup_allowed(lookup, value, request)


class OfPersonAdmin(OfRoomAdmin):
    """Lists of people, who can be barred and banned from there."""

    actions = ["bar_from_mic", "ban_from_room"]

    @admin.action(description="Bar the selected people from the mic", permissions=["moderate"])
    def bar_from_mic(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        """No seat in that room until the bar is lifted; they may go on watching."""
        steps = ((name, slug, BarUser(user_id=user_id)) for name, slug, user_id in _people(rows))
        return self.carry_out(request, rows, "Bar these people from the mic?", "Barred from the mic", steps)

    @admin.action(description="Ban the selected people from the room", permissions=["moderate"])
    def ban_from_room(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        """Out of that room until the ban is lifted."""
        steps = ((name, slug, BanUser(user_id=user_id)) for name, slug, user_id in _people(rows))
        return self.carry_out(request, rows, "Ban these people from the room?", "Banned from the room", steps)


def _people(rows: QuerySet[Any]) -> list[tuple[str, str, str]]:
    """Name, room and id of everybody in the rows, once for each room."""
    found = {(row.room.slug, row.user_id): row.user_name for row in rows.select_related("room")}
    return [(name, slug, user_id) for (slug, user_id), name in found.items()]


@admin.register(Room)
class RoomAdmin(ReadOnlyAdmin):
    list_display = ["title", "slug", "host_name", "status", "on_air", "waiting", "live_at", "ended_at", "end_reason"]
    list_filter = ["status", "end_reason", ("live_at", admin.DateFieldListFilter)]
    search_fields = ["title", "slug", "host_name", "host_id"]
    actions = ["end_room"]
    readonly_fields = ["everything", "created_at", "on_air_now"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "slug",
                    "status",
                    ("host_name", "host_id", "host_account"),
                    ("created_at", "live_at", "ended_at", "end_reason"),
                    ("host_away_since", "host_away_until", "carrier_name"),
                    ("has_media_server", "next_deadline"),
                    ("seq", "epoch", "last_number"),
                    "peak_viewers",
                    "spotlight",
                    "metadata",
                    "everything",
                ]
            },
        ),
        ("On air now", {"fields": ["on_air_now"]}),
        ("Options", {"fields": list(RoomOptions.__struct_fields__)}),
    ]

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
        kinds = {
            "connection": "Connections",
            "seatrequest": "Requests",
            "member": "Members",
            "sanction": "Sanctions",
            "invitelink": "Invite links",
            "socket": "Sockets",
            "logentry": "Log",
        }
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

    @admin.display(description="how media arrive")
    def on_air_now(self, room: Room) -> str:
        """The lines of everybody on air, as the media server sees them at this moment."""
        is_live = room.status == RoomStatus.LIVE
        found = health.on_air(room.slug, ASKING) if is_live else ()
        if found is None:
            nothing = "Nothing is known just now: the media server, or the process that owns it, does not answer."
        else:
            nothing = "Nobody sends sound or picture just now." if is_live else "The room is not live."
        names = dict(_on_seats(room).values_list("user_id", "user_name"))
        context = {"seats": [_line_of(seat, names) for seat in found or ()], "nothing": nothing, "is_live": is_live}
        return render_to_string("micconnect/admin_on_air.html", context)

    @admin.action(description="End the live of the selected rooms", permissions=["moderate"])
    def end_room(self, request: HttpRequest, rooms: QuerySet[Room]) -> HttpResponse | None:
        """Everybody in the rooms hears `onRoomDismissed`, as if the host had ended the live."""
        steps = ((room.title, room.slug, EndLive()) for room in rooms)
        return self.carry_out(request, rooms, "End the live of these rooms?", "Ended", steps)


def _on_seats(room: Room) -> QuerySet[Connection]:
    return Connection.objects.filter(room=room).exclude(state=ConnectionState.ENDED)


def _line_of(seat: SeatHealth, names: Mapping[str, str]) -> dict[str, object]:
    """One row of the table."""
    return {
        "place": "host" if seat.seat_index == HOST_SEAT else seat.seat_index,
        "name": names.get(seat.user_id, seat.user_id),
        "is_screen": seat.is_screen,
        "quality": seat.quality.value,
        "kbps": seat.kbps,
        "lost": f"{seat.loss:.1%}",
        "way": "unknown" if seat.rtt_ms is None else f"{seat.rtt_ms} ms",
        "sound": "" if seat.is_screen else seat.audio_level,
    }


@admin.register(Connection)
class ConnectionAdmin(OfPersonAdmin):
    list_display = [
        "user_name",
        "room",
        "seat_index",
        "media",
        "state",
        "microphone",
        "camera",
        "screen",
        "is_backstage",
        "started_at",
        "spoken_s",
        "ended_at",
        "end_reason",
        "operator_name",
    ]
    list_filter = ["state", "end_reason", "media", "seat_index", ("started_at", admin.DateFieldListFilter)]
    search_fields = ["user_name", "user_id", "room__slug", "room__title"]
    actions = ["disconnect_guest", *OfPersonAdmin.actions]

    @admin.action(description="Take the selected guests off air", permissions=["moderate"])
    def disconnect_guest(self, request: HttpRequest, connections: QuerySet[Connection]) -> HttpResponse | None:
        """The guest hears `onUserConnectionTerminated`; sound and picture are cut at the media server."""
        on_air = connections.exclude(state=ConnectionState.ENDED).select_related("room")
        steps = ((c.user_name, c.room.slug, DisconnectUser(user_id=c.user_id)) for c in on_air)
        if not on_air.exists():  # somebody who came back sits by another row
            self.message_user(request, "None of them is on air any more.", messages.WARNING)
            return None
        return self.carry_out(request, on_air, "Take these guests off air?", "Taken off air", steps)


@admin.register(SeatRequest)
class SeatRequestAdmin(OfPersonAdmin):
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


@admin.register(Member)
class MemberAdmin(OfPersonAdmin):
    list_display = ["user_name", "room", "is_moderator", "is_here", "spoken_s", "user_id"]
    list_filter = ["is_moderator", "is_here"]
    search_fields = ["user_name", "user_id", "room__slug", "room__title"]


@admin.register(Sanction)
class SanctionAdmin(OfRoomAdmin):
    list_display = [
        "user_name",
        "room",
        "kind",
        "created_at",
        "until",
        "ended_at",
        "reason",
        "note",
        "operator_name",
        "user_id",
    ]
    list_filter = [
        "kind",
        "reason",
        ("ended_at", admin.EmptyFieldListFilter),
        ("created_at", admin.DateFieldListFilter),
    ]
    search_fields = ["user_name", "user_id", "room__slug", "room__title"]
    actions = ["lift_sanction"]

    @admin.action(description="Lift the selected sanctions", permissions=["moderate"])
    def lift_sanction(self, request: HttpRequest, sanctions: QuerySet[Sanction]) -> HttpResponse | None:
        """The person hears `onSanctionLifted` and may ask, or come in, again."""
        rows = sanctions.select_related("room")
        steps = ((str(s), s.room.slug, LiftSanction(sanction_id=f"x{s.number}")) for s in rows)
        return self.carry_out(request, sanctions, "Lift these sanctions?", "Lifted", steps)


@admin.register(InviteLink)
class InviteLinkAdmin(OfRoomAdmin):
    list_display = ["__str__", "room", "media", "uses_left", "created_at", "expires_at", "ended_at", "operator_name"]
    list_filter = ["media", ("ended_at", admin.EmptyFieldListFilter), ("created_at", admin.DateFieldListFilter)]
    search_fields = ["operator_name", "operator_id", "room__slug", "room__title"]


@admin.register(Socket)
class SocketAdmin(OfPersonAdmin):
    list_display = ["user_name", "room", "role", "opened_at", "closed_at", "close_code", "agent"]
    list_filter = [("closed_at", admin.EmptyFieldListFilter), "role", ("opened_at", admin.DateFieldListFilter)]
    search_fields = ["user_name", "user_id", "room__slug", "room__title"]


@admin.register(ServingProcess)
class ServingProcessAdmin(ReadOnlyAdmin):
    list_display = ["process_id", "is_keeper", "beat", "started_at"]


@admin.register(LogEntry)
class LogEntryAdmin(OfRoomAdmin):
    list_display = ["at", "room", "seq", "command", "actor_role", "actor_name", "actor_id", "fields"]
    list_filter = ["command", "actor_role", ("at", admin.DateFieldListFilter)]
    search_fields = ["actor_name", "actor_id", "room__slug", "room__title"]
    exclude = ["reply", "notices"]


admin.site.site_header = "MicConnect"
admin.site.site_title = "MicConnect"
admin.site.index_title = "Moderation"
