"""Sign-in: the pages of django-allauth that we offer, and no others. Accounts come by invitation."""

from allauth.account import views
from django.conf import settings
from django.urls import path, re_path
from django.views.generic import RedirectView

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    # The key holds hyphens itself: the account's part ends at the first.
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("signup/", views.signup, name="account_signup"),
    # django-allauth asks for this name. Changing one's address comes with its notice to the old one (ACC-9).
    path("email/", RedirectView.as_view(pattern_name=settings.LOGIN_REDIRECT_URL), name="account_email"),
]
