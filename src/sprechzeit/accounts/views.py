"""One's own account: what opens it, and where it is open (ACC-9). It belongs to a user and to no practice."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from sprechzeit.accounts.second_factor import factors_of
from sprechzeit.accounts.sessions import devices_of, sign_out_device, sign_out_others
from sprechzeit.ui.settings import saved


@require_safe
@never_cache
@login_required
def security(request: HttpRequest) -> HttpResponse:
    """Password, second factor, passkeys, devices. `next`: what opens only with a second factor."""
    factors = factors_of(request.user)
    context = {
        "factors": factors,
        "asked": "next" in request.GET and not factors.has_one,
        "devices": devices_of(request.user, request.session.session_key),
    }
    return render(request, "account/security.html", context)


@require_POST
@never_cache
@login_required
def device_sign_out(request: HttpRequest) -> HttpResponse:
    """Sign one device out, or all others."""
    device = request.POST.get("device", "")
    if device == "others":
        sign_out_others(request.user, request.session.session_key)
    elif not sign_out_device(request.user, device):
        raise Http404
    return saved(request, resolve_url("mfa_index") + "#devices")


@require_safe
@login_required
def passkeys(request: HttpRequest) -> HttpResponse:
    """Where django-allauth goes when a passkey is renamed or removed."""
    return HttpResponseRedirect(resolve_url("mfa_index"))
