"""Settings → Retention: periods, what is over now, what was deleted (PRI-20, PRI-21)."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.privacy.jobs import forget_over
from sprechzeit.privacy.models import DeletionReport, RetentionPeriod
from sprechzeit.privacy.periods import SET_BY_PRACTICE, Kind
from sprechzeit.privacy.queries import periods_of
from sprechzeit.scheduling.models import Block
from tests.support.cast import Cast, House, at
from tests.support.pushed import pushed
from tests.support.routes import client_of, signed_in

pytestmark = pytest.mark.req("PRI-21")
URL = reverse("privacy:retention")
AS_SHOWN = {"visits": 90, "messages": 365, "blocks": 3653}


def english(cast: Cast) -> Client:
    client = signed_in(cast, "administrator")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def sent(**days: Any) -> dict[str, Any]:
    shown = {f"initial-{kind}": value for kind, value in AS_SHOWN.items()}
    return shown | AS_SHOWN | days


def ended(house: House, days: int) -> None:
    """An appointment that was pushed, over for so many days."""
    visit = pushed(house, at("09:00"))
    past = timezone.now() - timedelta(days=days)
    with acting(house.system):
        Block.objects.filter(pk=visit.block_id).update(starts_at=past - timedelta(minutes=50), ends_at=past)


def kept(house: House) -> dict[str, int]:
    with acting(house.system):
        return dict(RetentionPeriod.objects.filter(practice_id=house.practice.pk).values_list("kind", "days"))


def test_a_period_is_set_and_only_what_was_changed(cast: Cast) -> None:
    client = english(cast)
    assert client.get(URL).status_code == 200
    assert client.post(URL, sent(visits=30)).status_code == 303
    assert kept(cast.albers) == {"visits": 30} and kept(cast.brandt) == {}
    with acting(cast.albers.system):
        assert periods_of(cast.albers.system)[Kind.VISITS] == timedelta(days=30)
        assert Entry.objects.filter(table_name="privacy_retentionperiod", operation="insert").count() == 1
    assert client.post(URL, sent(visits=30) | {"initial-visits": 30, "visits": 90}).status_code == 303
    assert kept(cast.albers) == {"visits": 90}


@pytest.mark.parametrize("days", ["6", "366", "", "-1", "drei", "90.5"])
def test_what_is_not_allowed_is_refused_by_naming_the_bounds(cast: Cast, days: str) -> None:
    answer = english(cast).post(URL, sent(visits=days))
    assert answer.status_code == 422 and kept(cast.albers) == {}
    if days:
        assert "Please enter a number from 7 to 365." in unescape(answer.content.decode())


@pytest.mark.req("PRI-20")
def test_what_a_shorter_period_deletes_at_once_is_said_before_it_is_saved(cast: Cast) -> None:
    house, client = cast.albers, english(cast)
    ended(house, 40)
    asked = client.post(URL, sent(visits=30))
    text = unescape(asked.content.decode())
    assert asked.status_code == 422 and "Video appointments of booking systems: 1" in text
    assert kept(house) == {}
    assert 'name="agreed" value="visits:30"' in text
    # Shorter still: asked anew.
    assert client.post(URL, sent(visits=20) | {"agreed": "visits:30"}).status_code == 422
    assert client.post(URL, sent(visits=30) | {"agreed": "visits:30"}).status_code == 303
    assert kept(house) == {"visits": 30}


@pytest.mark.req("PRI-20")
def test_the_report_has_counts_and_no_names(cast: Cast) -> None:
    house, client = cast.albers, english(cast)
    ended(house, 91)
    before = unescape(client.get(URL).content.decode())
    assert "<b>1</b>" in before and "Nothing yet" in before
    forget_over(house.practice.pk, timezone.now())
    after = unescape(client.get(URL).content.decode())
    assert "Video appointments of booking systems: 1" in after and "complete," in after and "<b>1</b>" not in after
    assert "Vera" not in after
    with acting(house.system):
        DeletionReport.objects.update(ended_at=None)
    assert "not complete yet" in unescape(client.get(URL).content.decode())
    log = unescape(client.get(reverse("privacy:log"), {"done": "erased"}).content.decode())
    assert "retention period of “Video appointments of booking systems”" in log


@pytest.mark.parametrize(("person", "status"), [("practitioner", 403), ("secretary", 403), ("anonymous", 302)])
def test_it_is_for_administrators(cast: Cast, person: str, status: int) -> None:
    client = client_of(cast, person)
    assert client.get(URL).status_code == status
    assert client.post(URL, sent(visits=30)).status_code == status
    assert kept(cast.albers) == {}


def test_every_period_of_the_practice_has_its_field(cast: Cast) -> None:
    page = english(cast).get(URL).content.decode()
    assert all(f'name="{kind}"' in page for kind in SET_BY_PRACTICE)
