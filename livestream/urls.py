"""The street plan: which address leads to which door."""

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import path

from micconnect import examples, views

handler500 = "livestream.refusals.server_error"

urlpatterns = [
    path("", views.home, name="home"),
    path("studio/", views.studio_home, name="studio-home"),
    path("live/<slug:slug>/", views.audience, name="audience"),
    path("live/<slug:slug>/studio/", views.studio, name="studio"),
    path("live/<slug:slug>/ticket/", views.ticket, name="ticket"),
    path("live/<slug:slug>/ban/", views.ban, name="ban"),
    path("live/<slug:slug>/invites/", views.invite, name="invite"),
    path("live/<slug:slug>/invites/<str:link_id>/", views.invite_link, name="invite-link"),
    path("examples/<slug:facade>/<slug:slug>/", examples.example, name="example"),
    path("name/", views.name, name="name"),
    path("accounts/login/", views.LogIn.as_view(), name="login"),
    path("accounts/logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("accounts/signup/", views.signup, name="signup"),
    path("admin/", admin.site.urls),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics_page, name="metrics"),
]
