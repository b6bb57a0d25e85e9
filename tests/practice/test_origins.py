"""Where the booking page may be embedded: what is an origin, and what the database keeps out (BOO-1)."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from sprechzeit.core.acting import acting
from sprechzeit.practice.models import Practice
from sprechzeit.practice.origins import origins_of
from tests.support.cast import Cast


@pytest.mark.req("BOO-1")
@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", []),
        ("https://www.praxis.example", ["https://www.praxis.example"]),
        ("  https://a.example/termine/?x=1#y\r\nhttps://a.example\n", ["https://a.example"]),
        ("HTTPS://Praxis.Example:8443", ["https://praxis.example:8443"]),
        ("https://praxis-müller.example", ["https://xn--praxis-mller-klb.example"]),
        ("http://localhost:3000 http://127.0.0.1", ["http://localhost:3000", "http://127.0.0.1"]),
    ],
)
def test_addresses_become_origins(text: str, origins: list[str]) -> None:
    assert origins_of(text) == origins


@pytest.mark.req("BOO-1")
@pytest.mark.parametrize(
    "text",
    [
        "*", "https://*", "https://*.example", "http://praxis.example", "praxis.example", "javascript:alert(1)",
        "https://", "https://a.example:0", "https://a.example:99999", "https://a b", "https://a.example;",
        "https://a.example,'none'", "data:text/html,x", "https://[::1", "https://\x00", "https://a..example",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        origins_of(text)


@pytest.mark.req("BOO-1")
@pytest.mark.parametrize("text", ["*", "https://a.example; script-src *", "https://a.example\r\nX: y", "'self'"])
def test_the_database_keeps_nothing_that_would_change_a_header(cast: Cast, text: str) -> None:
    with acting(cast.albers.system), pytest.raises(IntegrityError), transaction.atomic():
        Practice.objects.filter(pk=cast.albers.practice.pk).update(embed_origins=text)
