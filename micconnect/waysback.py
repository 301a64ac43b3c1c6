"""Where somebody wanted to be before the log-in came between: kept through both forms, and only ever on this site."""

import posixpath
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

FIELD = "next"
NOWHERE = ("login", "logout", "signup")  # whoever is logged in has nothing to do there


def way_back(request: HttpRequest) -> str:
    """The address that came along as `next`; empty where there is none, or where it leads off this site."""
    target = request.POST.get(FIELD, request.GET.get(FIELD, ""))
    hosts = {request.get_host()}
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=hosts, require_https=request.is_secure()):
        return ""
    path = _path(urljoin(request.path, target))
    is_ours = f"{path}/".startswith(f"{settings.URL_PREFIX}/")  # others may have the rest of the host
    return target if is_ours and path not in {_path(reverse(name)) for name in NOWHERE} else ""


def _path(url: str) -> str:
    """The path as a browser will ask for it: without dots that lead up, however they are written."""
    return posixpath.normpath(unquote(urlsplit(url).path)) if url else ""
