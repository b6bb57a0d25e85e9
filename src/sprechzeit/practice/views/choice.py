"""Which of several practices somebody works in now; but for accesses nothing of two is on one page (ACC-10)."""

from typing import cast

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.views.decorators.http import require_http_methods

from sprechzeit.accounts.models import User
from sprechzeit.accounts.sessions import CHOSEN
from sprechzeit.core.errors import NotFound
from sprechzeit.practice.visitors import ActorRequest, SignedInUser, beside_url, choose, chosen_of, visitor


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(SignedInUser)
def practices(request: ActorRequest) -> HttpResponse:
    """The practices that one belongs to, and choosing one."""
    user = cast(User, request.user)
    memberships = user.workplaces
    if request.method == "POST":
        chosen = next((one for one in memberships if str(one.practice_id) == request.POST.get("practice")), None)
        if chosen is None:
            raise NotFound
        choose(request, chosen.practice_id)
        return HttpResponseRedirect(resolve_url("scheduling:book"), status=303)
    context = {
        "memberships": memberships,
        "current": chosen_of(user, request.session.get(CHOSEN)),
        "beside_url": beside_url(user),
    }
    return render(request, "practice/practices.html", context)
