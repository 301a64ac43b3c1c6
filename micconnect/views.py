"""The pages, and the two small requests they make: for a name and for a join ticket."""

import io
import json
import re
from datetime import timedelta
from typing import Any

import segno
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from micconnect import auth, health, hub, invitelinks, metrics, store
from micconnect.domain.room import Actor, Person, RoomState
from micconnect.domain.views import Lookalikes
from micconnect.forms import RoomForm, SignUpForm
from micconnect.mediachoice import EMBEDDED
from micconnect.models import InviteLink, Member, Room, Sanction
from micconnect.names import BadName, clean_name
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import ConnectionState, Role, RoomStatus, SanctionKind
from micconnect.waysback import way_back

LISTED_MAX = 60


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The live list: who is on now, newest first."""
    rooms = _with_guests().filter(status=RoomStatus.LIVE).order_by("-live_at")[:LISTED_MAX]
    return render(request, "micconnect/home.html", {"rooms": [_card(room, "audience") for room in rooms]})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def studio_home(request: HttpRequest) -> HttpResponse:
    """A host's own rooms, and a form for the next one."""
    person = auth.current_person(request)[0]
    form = RoomForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            room = store.create_room(
                host=person,
                host_account_id=request.user.pk,
                options=RoomOptions(**form.cleaned_data),
            )
        return redirect("studio", slug=room.slug)
    rooms = _with_guests().filter(host_id=person.user_id).order_by("-created_at")[:LISTED_MAX]
    context = {"rooms": [_card(room, "studio") for room in rooms], "form": form}
    return render(request, "micconnect/studio_home.html", context)


@never_cache
@ensure_csrf_cookie
@require_safe
def audience(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of those who watch, ask and sit."""
    room = _room_or_404(slug)
    person, is_named = auth.current_person(request)
    context = {"room": _card(room, "audience"), "config": _config(request, room, Role.AUDIENCE)}
    response = render(request, "micconnect/audience.html", context)
    auth.remember_guest(request, response, person, is_named=is_named)
    return response


@never_cache
@ensure_csrf_cookie
@login_required
@require_safe
def studio(request: HttpRequest, slug: str) -> HttpResponse:
    """The host's page. Nobody else is let in."""
    room = _room_or_404(slug)
    if auth.current_person(request)[0].user_id != room.host_id:
        return HttpResponseForbidden(render(request, "403.html").content)
    context = {"room": _card(room, "studio"), "config": _config(request, room, Role.HOST)}
    return render(request, "micconnect/studio.html", context)


@never_cache
@require_POST
def ticket(request: HttpRequest, slug: str) -> HttpResponse:
    """A join ticket for the page that asks. `as=host` is granted to the room's host only."""
    room = hub.find_room(slug)  # thousands come back at once to a room that is known here: no query for them
    host_id = room.host.user_id if room else _room_or_404(slug).host_id
    person, is_named = auth.current_person(request)
    role = Role.AUDIENCE
    if request.GET.get("as") == Role.HOST:
        if person.user_id != host_id:
            return _problem(403, "FORBIDDEN", "Only the host of this room may open its studio.")
        role = Role.HOST
    was = auth.former_guest(request)
    actor = Actor(person=person, role=role, has_account=request.user.is_authenticated, is_named=is_named, was=was)
    body = {
        "ticket": auth.issue_ticket(slug, actor),
        "user": {"userId": person.user_id, "userName": person.name},
        "role": role,
    }
    response = JsonResponse(body)
    auth.remember_guest(request, response, person, is_named=is_named)
    return response


@never_cache
@require_safe
def ban(request: HttpRequest, slug: str) -> JsonResponse:
    """Whether who asks is banned from the room, and for how many milliseconds still; null: until somebody lifts it.

    A page that is out of the room has no line by which it could hear of that.
    """
    user_id = auth.current_person(request)[0].user_id
    bans = Sanction.objects.filter(room__slug=slug, user_id=user_id, kind=SanctionKind.ROOM_BAN, ended_at=None)
    now = timezone.now()
    found = bans.filter(Q(until=None) | Q(until__gt=now)).first()
    left = (found.until - now) // timedelta(milliseconds=1) if found and found.until else None
    return JsonResponse({"isBanned": found is not None, "leftMs": left})


@never_cache
@require_POST
def invite(request: HttpRequest, slug: str) -> JsonResponse:
    """What has become of the invite link whose `token` comes along; its page asks before it asks for anything."""
    return JsonResponse({"state": invitelinks.standing(slug, _field(request, "token"), timezone.now())})


@never_cache
@require_safe
def invite_link(request: HttpRequest, slug: str, link_id: str) -> HttpResponse:
    """The secret address of an invite link and its QR code (an SVG), for the room's staff.

    The token stands in the fragment, which browsers send to nobody, so that no log holds it.
    """
    room = _room_or_404(slug)
    if not _is_staff(request, room):
        return _problem(403, "FORBIDDEN", "Only the staff of this room may see its invitation links.")
    named = re.fullmatch(r"l([1-9][0-9]{0,17})", link_id)
    usable = InviteLink.objects.filter(room=room, ended_at=None, expires_at__gt=timezone.now())
    if named is None or not usable.filter(number=int(named[1])).exists():
        return _problem(404, "NO_SUCH_LINK", "This invitation link is used up, expired or withdrawn.")
    page = request.build_absolute_uri(reverse("audience", kwargs={"slug": slug}))
    url = f"{page}#invite={invitelinks.make_token(slug, int(named[1]))}"
    drawn = io.BytesIO()
    segno.make_qr(url).save(drawn, kind="svg", xmldecl=False, nl=False, scale=4)
    return JsonResponse({"url": url, "qr": drawn.getvalue().decode()})


@never_cache
@require_POST
def name(request: HttpRequest) -> HttpResponse:
    """A guest's own choice of name; in the room of the page it may not pass for that of the host or of a helper."""
    if request.user.is_authenticated:
        return _problem(400, "HAS_ACCOUNT", "The name of an account is used.")
    try:
        chosen = clean_name(_field(request, "name"))
    except BadName as error:
        return _problem(400, "BAD_NAME", str(error))
    person = Person(user_id=auth.current_person(request)[0].user_id, name=chosen)
    room = _known_room(request.GET.get("room", ""))
    if room and Lookalikes(room).has(person):
        text = "That looks like the name of the host or of a helper. Choose another, or add something to it."
        return _problem(400, "LOOKS_LIKE_STAFF", text)
    response = JsonResponse({"userName": chosen})
    auth.remember_guest(request, response, person, is_named=True)
    return response


class LogIn(LoginView):
    """With an account one has."""

    redirect_authenticated_user = True

    def get_redirect_url(self) -> str:
        return way_back(self.request)


@require_http_methods(["GET", "HEAD", "POST"])
def signup(request: HttpRequest) -> HttpResponse:
    """A new account, for somebody who wants to host or to ask where an account is needed."""
    back = way_back(request)
    if request.user.is_authenticated:
        return redirect(back or "studio-home")
    form = SignUpForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and (account := form.save_new()):
        login(request, account)
        return redirect(back or "studio-home")
    return render(request, "registration/signup.html", {"form": form, "next": back})


@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The process can do its work: the database answers. Without a media server rooms go on, only without sound."""
    found = {"database": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        found["database"] = "away"
    if media := health.media():
        found["media"] = "ok" if media.is_up else "restarting" if settings.MEDIA == EMBEDDED else "away"
    return JsonResponse(found, status=503 if found["database"] == "away" else 200)


@never_cache
@require_safe
async def metrics_page(request: HttpRequest) -> HttpResponse:
    """For Prometheus."""
    if not metrics.may_read(request):
        answer = HttpResponse("Metrics are for this machine, or for who shows MIC_METRICS_TOKEN.\n", status=401)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    return HttpResponse(await metrics.exposition(), content_type=metrics.CONTENT_TYPE)


# -- shared -----------------------------------------------------------------------------------------------------------
def _with_guests() -> QuerySet[Any]:
    """Rooms that know their number of guests on air, in one query."""
    is_on_air = ~Q(connections__state=ConnectionState.ENDED) & Q(connections__seat_index__gt=0)
    return Room.objects.annotate(guests=Count("connections", filter=is_on_air))


def _room_or_404(slug: str) -> Any:
    room = _with_guests().filter(slug=slug).first()
    if room is None:
        raise Http404
    return room


def _known_room(slug: str) -> RoomState | None:
    """The room's value, from memory if somebody is in it here; None for no such room."""
    try:
        return hub.find_room(slug) or store.read(slug)
    except store.NoRoom:
        return None


def _is_staff(request: HttpRequest, room: Room) -> bool:
    """The room's host, its helpers, and the site's moderators; a helper by ticket alone is known to sockets only."""
    user_id = auth.current_person(request)[0].user_id
    return (
        user_id == room.host_id
        or Member.objects.filter(room=room, user_id=user_id, is_moderator=True).exists()
        or request.user.has_perm("micconnect.moderate_room")
    )


def _card(room: Any, url_name: str) -> dict[str, Any]:
    return {
        "slug": room.slug,
        "title": room.title,
        "cover": room.cover,
        "host_name": room.host_name,
        "status": room.status,
        "guest_count": room.guests,
        "url": reverse(url_name, kwargs={"slug": room.slug}),
    }


def _config(request: HttpRequest, room: Room, role: Role) -> dict[str, Any]:
    """What the page's script must know before it can connect."""
    person, is_named = auth.current_person(request)
    return {
        "roomId": room.slug,
        "title": room.title,
        "role": role,
        "userName": person.name if is_named else "",
        "isNamed": is_named,
        "hasAccount": request.user.is_authenticated,
        "csrfToken": get_token(request),
        "csrfCookie": settings.CSRF_COOKIE_NAME,
        "ticketUrl": reverse("ticket", kwargs={"slug": room.slug}) + ("?as=host" if role is Role.HOST else ""),
        "nameUrl": f"{reverse('name')}?room={room.slug}",
        "socketPath": f"{reverse('home')}ws/rooms/{room.slug}/",
        "loginUrl": reverse("login"),
        "homeUrl": reverse("home"),
        "studioUrl": reverse("studio", kwargs={"slug": room.slug}),
        "audienceUrl": reverse("audience", kwargs={"slug": room.slug}),
    }


def _field(request: HttpRequest, field: str) -> str:
    """A text field of a form or JSON body; empty when it is missing or no text."""
    if request.content_type == "application/json":
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            return ""
        value = body.get(field) if isinstance(body, dict) else None
    else:
        value = request.POST.get(field)
    return value if isinstance(value, str) else ""


def _problem(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)
