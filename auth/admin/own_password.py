"""Changing one's own password."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from auth.admin.audited import context_of
from auth.models import User
from auth.recording import recorded


def password_change(request: HttpRequest) -> HttpResponse:
    """The admin's own page, with an entry in the log."""
    own = User.objects.filter(username=request.user.get_username())
    with recorded(context_of(request), own):
        return admin.site.password_change(request)
