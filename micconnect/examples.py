"""The example pages of the facades: each walks the seed system's own example, with plain buttons."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from micconnect import auth
from micconnect.models import Room
from micconnect.protocol.words import Role

TEMPLATES = {
    "live-core-view": "micconnect/examples/live_core_view.html",
    "room-engine": "micconnect/examples/room_engine.html",
    "co-guest": "micconnect/examples/co_guest.html",
}


@never_cache
@ensure_csrf_cookie
@require_safe
def example(request: HttpRequest, facade: str, slug: str) -> HttpResponse:
    """One facade in one room, for its audience; with `?role=host` for its host, and nobody else is let in so."""
    room = Room.objects.filter(slug=slug).first()
    if room is None or facade not in TEMPLATES:
        raise Http404
    person, is_named = auth.current_person(request)
    role = Role.HOST if request.GET.get("role") == Role.HOST else Role.AUDIENCE
    if role is Role.HOST and person.user_id != room.host_id:
        return HttpResponseForbidden(render(request, "403.html").content)
    config = {
        "roomId": room.slug,
        "role": role,
        "csrfToken": get_token(request),
        "csrfCookie": settings.CSRF_COOKIE_NAME,
        "serverPath": reverse("home"),
        "nameUrl": f"{reverse('name')}?room={room.slug}",
        "ticketUrl": reverse("ticket", kwargs={"slug": room.slug}) + ("?as=host" if role is Role.HOST else ""),
    }
    context = {"room": room, "config": config, "is_host": role is Role.HOST, "is_named": is_named}
    response = render(request, TEMPLATES[facade], context)
    auth.remember_guest(request, response, person, is_named=is_named)
    return response
