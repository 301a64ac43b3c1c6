"""Django's admin app with our own site."""

from django.contrib.admin.apps import AdminConfig


class MicAdminConfig(AdminConfig):
    default_site = "livestream.adminsite.AdminSite"
