"""Strangers' text where no element can keep it apart: in titles of pages and in attributes."""

from django import template

from micconnect.text import isolated

register = template.Library()
register.filter("isolated", isolated)
