"""The ways to the forms of accounts."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse

from micconnect.waysback import FIELD, way_back

register = template.Library()


@register.simple_tag(takes_context=True)
def account_url(context: Context, name: str) -> str:
    """The log-in or sign-up page, with the way back: to where one was going, or to the room one is in."""
    request: Any = context.get("request")
    if request is None:
        return reverse(name)
    back = way_back(request) or (request.path if "room" in context else "")
    return f"{reverse(name)}?{urlencode({FIELD: back})}" if back else reverse(name)
