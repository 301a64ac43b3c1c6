"""What people get instead of a page, with the true reason and what to do; and how little of it stands in the log."""

import logging
import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware import csrf
from django.shortcuts import render
from django.views import defaults

from micconnect import outages

RETRY_AFTER_S = 5
CROSS_ORIGIN = "the page is of another address than this site"

# (code, title, words) of a form or request that was not taken
REASONS = {
    "origin": (
        "FORBIDDEN_ORIGIN",
        "This was sent from another address",
        "It came from a page of another address than this site has here, so it was not taken. Open the site by its "
        "own address and try again. If it is your site: a proxy in front of it may tell it another address; the log "
        "has both.",
    ),
    "cookie": (
        "NO_COOKIE",
        "Cookies are needed for this",
        "The browser keeps no cookies for this site, or has lost them, so the server cannot tell who comes in. Allow "
        "cookies for it, reload the page and try again.",
    ),
    "token": (
        "OUT_OF_DATE",
        "Please try once more",
        "This page was open for too long, or somebody has logged in or out in another window since. Reload it and "
        "send it again.",
    ),
}
OF_ORIGIN = (CROSS_ORIGIN, "Origin checking failed", csrf.REASON_NO_REFERER[:7])
COOKIE = (csrf.REASON_NO_CSRF_COOKIE,)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page, or the answer to a script, for what Django's check or ours did not let through."""
    kind = "token"
    if reason.startswith(OF_ORIGIN):
        kind = "origin"
    elif reason in COOKIE:
        kind = "cookie"
    code, title, words = REASONS[kind]
    if request.content_type == "application/json":
        return JsonResponse({"error": {"code": code, "message": words}}, status=403)
    return render(request, "403_csrf.html", {"title": title, "words": words, "reason": code}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """What went wrong, as a page: a database that is away is worth another try, and one line a second in the log."""
    error = sys.exc_info()[1]
    if not isinstance(error, outages.AWAY):
        return defaults.server_error(request)
    outages.log.tell("so a page could not be made", error)
    response: HttpResponse
    if request.content_type == "application/json":
        words = "The server is busy just now. Try again in a moment."
        response = JsonResponse({"error": {"code": "TRY_LATER", "message": words}}, status=503)
    else:
        response = render(None, "503.html", status=503)  # without the visitor, who is a row too
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return told(response)


def told(response: HttpResponse) -> HttpResponse:
    """A response that Django shall not log, because there is a better line, or one for many."""
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django's own mark for it
    return response


class OneLine(logging.Filter):
    """What was refused is no fault of ours: no traceback for it."""

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", 500)
        if record.exc_info and isinstance(status, int) and status < 500:
            reason = record.exc_info[1]
            if reason is not None and str(reason) != record.getMessage():
                said = str(reason).encode("unicode_escape").decode("ascii")[:300]
                record.msg, record.args = f"{record.getMessage()} ({said})", ()
            record.exc_info = record.exc_text = None
        return True
