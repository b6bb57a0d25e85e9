"""Settings → SMS gateway: where SMS are given to, and a test message (NOT-1)."""

from copy import copy
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sprechzeit.accounts.fresh import require_fresh
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.messages.outcomes import reason_of
from sprechzeit.messages.sms_form import GatewayForm, SmsTestForm
from sprechzeit.practice.actions.sms import ask_for_test, set_gateway
from sprechzeit.practice.models import SmsGateway
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.practice.queries import gateway_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.ui.settings import saved


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def sms(request: ActorRequest) -> HttpResponse:
    """The gateway."""
    may_change = may_change_practice(request.actor)
    found = gateway_of(request.actor)
    sent = request.POST if request.method == "POST" else None
    form = GatewayForm(sent, instance=copy(found) if found else SmsGateway(), may_change=may_change)
    if request.method == "POST":
        require(may_change, NotAllowed)
        if form.is_valid():
            if form.opens_more():
                require_fresh(request)
            set_gateway(request.actor, form.changed())
            return saved(request, reverse("messages_settings:sms"))
    return _page(request, form, SmsTestForm())


@require_POST
@visitor(Staff)
def sms_test(request: ActorRequest) -> HttpResponse:
    """Send a test message; the page says what becomes of it."""
    require(may_change_practice(request.actor), NotAllowed)
    form = SmsTestForm(request.POST)
    if not form.is_valid():
        found = gateway_of(request.actor) or SmsGateway()
        return _page(request, GatewayForm(None, instance=found, may_change=True), form)
    ask_for_test(request.actor, form.cleaned_data["number"])
    return saved(request, reverse("messages_settings:sms"), _("The test message is on its way."))


def _page(request: ActorRequest, form: GatewayForm, test: SmsTestForm) -> HttpResponse:
    found = gateway_of(request.actor)
    context: dict[str, Any] = {
        "form": form,
        "test": test,
        "gateway": found,
        "is_waiting": found is not None and found.test_id is not None and not found.test_result,
        "is_taken": found is not None and found.test_result == SmsGateway.TAKEN,
        "why": reason_of(found.test_result) if found and found.test_result not in ("", SmsGateway.TAKEN) else "",
        "may_change": may_change_practice(request.actor),
    }
    status = 422 if form.errors or test.errors else 200
    template = (
        "messages/sms.html#state"
        if request.headers.get("HX-Request") and request.method == "GET"
        else "messages/sms.html"
    )
    return render(request, template, context, status=status)
