"""The page of the practice's plan."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.scheduling.plan_page import plan_page


@require_safe
@visitor(Staff)
def plan(request: ActorRequest) -> HttpResponse:
    """What the plan allows and what is used of it, for administrators; only the operator changes it (PLAN-1)."""
    require(may_change_practice(request.actor), NotAllowed)
    return render(request, "scheduling/settings/plan.html", plan_page(request.actor))
