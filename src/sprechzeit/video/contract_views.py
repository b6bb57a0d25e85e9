"""The contract for everybody (VID-1)."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from sprechzeit.practice.visitors import Anyone, visitor
from sprechzeit.video.contract import contract as contract_document
from sprechzeit.video.door_address import base_url


@require_safe
@visitor(Anyone)
def contract(request: HttpRequest) -> HttpResponse:
    """The interface as OpenAPI document: for a booking system's developers; it says nothing of any practice."""
    return JsonResponse(contract_document() | {"servers": [{"url": base_url()}]})
