"""What Django does not do by itself: one response header, and checks of a request before anything reads it."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from livestream import refusals
from micconnect import origins
from micconnect.seldom import shown

POLICY = "camera=(self), microphone=(self), display-capture=(self)"
Sync = Callable[[HttpRequest], HttpResponseBase]
Async = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


@sync_and_async_middleware
def permissions_policy(get_response: Sync | Async) -> Sync | Async:
    """Only our own pages may ask for camera, microphone and screen."""
    if iscoroutinefunction(get_response):

        async def respond_async(request: HttpRequest) -> HttpResponseBase:
            response: HttpResponseBase = await get_response(request)
            response.headers["Permissions-Policy"] = POLICY
            return response

        return respond_async

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        assert isinstance(response, HttpResponseBase)  # noqa: S101 — tells the type checker that this is the sync way
        response.headers["Permissions-Policy"] = POLICY
        return response

    return respond


@sync_and_async_middleware
def plain_requests(get_response: Sync | Async) -> Sync | Async:
    """Refuses what no form or script of ours sends: another charset than UTF-8, and pages of other origins."""
    if iscoroutinefunction(get_response):

        async def respond_async(request: HttpRequest) -> HttpResponseBase:
            return _refusal(request) or await get_response(request)

        return respond_async

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = _refusal(request) or get_response(request)
        assert isinstance(response, HttpResponseBase)  # noqa: S101 — tells the type checker that this is the sync way
        return response

    return respond


def _refusal(request: HttpRequest) -> HttpResponse | None:
    charset = (request.content_params or {}).get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8", "us-ascii"):  # some that Python knows would fail in the middle
        return HttpResponse("Send UTF-8.\n", status=415, content_type="text/plain")
    origin = request.headers.get("Origin")
    if origin is None or request.method in ("GET", "HEAD", "OPTIONS", "TRACE"):
        return None
    scheme, host = request.scheme or "http", request.get_host()
    if origins.allows(origin, scheme, host):
        request.META["HTTP_ORIGIN"] = f"{scheme}://{host}"  # Django compares letters: 443 said and 443 meant
        return None
    asked = getattr(request, "scope", {}).get("micconnect.asked", "")
    origins.tell_refused(f"{request.method} {shown(request.path)}", origin, scheme, host, asked)
    return refusals.told(refusals.csrf_failure(request, refusals.CROSS_ORIGIN))
