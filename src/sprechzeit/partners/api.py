"""The interface for booking portals: its routers and what they have in common (OTV-1…13)."""

from sprechzeit.core.interface import Interface, Json, SameJson
from sprechzeit.partners import feed, practice, reading, writing

PREFIX = "/api/otv/v1"

api = Interface(
    title="Sprechzeit for booking portals",
    version="1",
    urls_namespace="partners",
    openapi_url=None,
    docs_url=None,
    parser=Json(),
    renderer=SameJson(),
)
api.add_router("", practice.router)
api.add_router("", reading.router)
api.add_router("", writing.router)
api.add_router("", feed.router)
