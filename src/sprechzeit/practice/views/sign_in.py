"""Settings → Sign-in: whom the practice lets in with a second factor alone (ACC-9)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from sprechzeit.accounts.fresh import require_fresh
from sprechzeit.accounts.second_factor import has_second_factor
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.practice.actions.team import require_second_factor
from sprechzeit.practice.errors import NoSecondFactor
from sprechzeit.practice.forms import SecondFactorForm
from sprechzeit.practice.policy import get_member, may_change_practice, visible_members
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.ui.settings import saved


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def sign_in(request: ActorRequest) -> HttpResponse:
    """Required for which roles, and who has none yet."""
    may_change = may_change_practice(request.actor)
    data = request.POST if request.method == "POST" else None
    initial = {"roles": practice_of(request.actor).second_factor_roles}
    form = SecondFactorForm(data, initial=initial, may_change=may_change)
    if request.method == "POST" and form.is_valid():
        require(may_change, NotAllowed)
        require_fresh(request)
        try:
            require_second_factor(request.actor, form.cleaned_data["roles"])
            return saved(request, reverse("practice:sign_in"))
        except NoSecondFactor as refused:
            form.add_error("roles", str(refused))
    members = visible_members(request.actor).select_related("user").order_by("account_number") if may_change else []
    context = {
        "form": form,
        "may_change": may_change,
        "without": [one for one in members if not has_second_factor(one.user)],
        "own_missing": not has_second_factor(get_member(request.actor, request.actor.identity).user),
    }
    return render(request, "practice/sign_in.html", context, status=422 if form.errors else 200)
