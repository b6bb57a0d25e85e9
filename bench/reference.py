"""Pages to compare with, behind the whole middleware: nothing, one query, and the bare free times as JSON."""

from datetime import timedelta

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from sprechzeit.config.urls import handler400, handler403, handler404, handler500
from sprechzeit.config.urls import urlpatterns as product
from sprechzeit.practice.visitors import ActorRequest, Public, visitor
from sprechzeit.scheduling.queries.booking import type_by_reference

from .engine import FIRST_DAY
from .work import all_starts

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def empty(_request: HttpRequest) -> HttpResponse:
    """What the server and the middleware cost."""
    return HttpResponse("nothing")


def one_query(_request: HttpRequest) -> HttpResponse:
    """The unit: the cheapest page that asks the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return HttpResponse(str(cursor.fetchone()))


@visitor(Public)
def thirteen_weeks(request: ActorRequest, slug: str, reference: str) -> HttpResponse:
    """W1 as an API would answer it: every free start of one type."""
    appointment_type = type_by_reference(request.actor, reference)
    last_day = FIRST_DAY + timedelta(days=13 * 7 - 1)
    return JsonResponse({"starts": [offer.start for offer in all_starts(request.actor, appointment_type, last_day)]})


urlpatterns = [
    path("bench/empty/", empty),
    path("bench/one-query/", one_query),
    path("bench/<slug:slug>/<str:reference>/thirteen-weeks/", thirteen_weeks),
    *product,
]
