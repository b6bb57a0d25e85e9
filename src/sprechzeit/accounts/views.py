"""One's own account: what opens it, and where it is open (ACC-9). It belongs to a user and to no practice."""

from typing import cast

from allauth.account import views
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.accounts.email_change import ask_for_change, asked_by, change_email
from sprechzeit.accounts.forms import EmailForm
from sprechzeit.accounts.fresh import fresh
from sprechzeit.accounts.guessing import remember_device
from sprechzeit.accounts.models import User
from sprechzeit.accounts.second_factor import are_codes_waiting, factors_of, show_codes
from sprechzeit.accounts.sessions import devices_of, sign_out_device, sign_out_others
from sprechzeit.core.errors import TooMany
from sprechzeit.ui.settings import saved


@require_safe
@never_cache
@login_required
def security(request: HttpRequest) -> HttpResponse:
    """Password, second factor, passkeys, devices. `next`: what opens only with a second factor."""
    factors = factors_of(_own(request))
    context = {
        "factors": factors,
        "asked": "next" in request.GET and not factors.has_one,
        "devices": devices_of(_own(request), request.session.session_key),
    }
    return render(request, "account/security.html", context)


@require_POST
@never_cache
@login_required
def device_sign_out(request: HttpRequest) -> HttpResponse:
    """Sign one device out, or all others."""
    device = request.POST.get("device", "")
    if device == "others":
        sign_out_others(_own(request), request.session.session_key)
    elif not sign_out_device(_own(request), device):
        raise Http404
    return saved(request, resolve_url("mfa_index") + "#devices")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@fresh
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """The codes, once: looking at the page uses nothing up, asking for them does."""
    if not factors_of(_own(request)).codes_left:
        raise Http404
    codes = show_codes(_own(request)) if request.method == "POST" else []
    context = {"codes": codes, "are_waiting": not codes and are_codes_waiting(_own(request))}
    return render(request, "mfa/recovery_codes/index.html", context)


@require_safe
@login_required
def passkeys(request: HttpRequest) -> HttpResponse:
    """Where django-allauth goes when a passkey is renamed or removed."""
    return HttpResponseRedirect(resolve_url("mfa_index"))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@fresh
def email(request: HttpRequest) -> HttpResponse:
    """Ask for another address to sign in with."""
    form = EmailForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            ask_for_change(request, _own(request), form.cleaned_data["email"])
            return render(request, "account/email_asked.html", {"email": form.cleaned_data["email"]})
        except TooMany as refused:
            form.add_error(None, str(refused))
    return render(request, "account/email.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def email_confirmation(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the mail to the new address: a look changes nothing, the button does. For who asked alone, signed in:
    whoever else reads the mail does not get the account."""
    asked = asked_by(token)
    if asked is not None and asked[0].pk != request.user.pk:
        asked = None
    done = asked is not None and request.method == "POST" and change_email(request, *asked)
    context = {"email": asked[1] if asked else "", "done": done}
    good = asked is not None and (done or request.method != "POST")
    return render(request, "account/email_confirmation.html", context | {"good": good}, status=200 if good else 404)


class PasswordFromKey(views.PasswordResetFromKeyView):  # type: ignore[misc]  # allauth has no types
    """A new password by the mailed link. Whoever reads the owner's mail is the owner: this device is known from now on,
    and somebody else's guessing holds it up no longer."""

    def form_valid(self, form: Form) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        remember_device(self.request, response, self.reset_user)
        return response


def _own(request: HttpRequest) -> User:
    return cast(User, request.user)  # signed in: the view asks for it
