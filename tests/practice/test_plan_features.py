"""The table of plans, who may change a practice's, and what a plan does not have (PLAN-1, PLAN-4)."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse
from django.utils import translation

from sprechzeit.access.actor import system
from sprechzeit.access.table import Area
from sprechzeit.accounts.models import User
from sprechzeit.audit.models import Entry
from sprechzeit.cli.practice_plan import plan as command
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.core.rows import fetch
from sprechzeit.practice.actions import change_practice, found_practice
from sprechzeit.practice.errors import NotInPlan
from sprechzeit.practice.models import GrantedArea, Practice
from sprechzeit.practice.plans import PLANS, Feature, Limits, Plan, areas_of, limits_of, plans_with
from sprechzeit.practice.policy import has_feature, require_feature
from sprechzeit.practice.queries import people_of
from sprechzeit.practice.visitors import actor_of
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.delegates import accept, give, terms
from tests.support.plans import give_plan
from tests.support.routes import client_of

pytestmark = pytest.mark.usefixtures("english")
REFUSED = "the plan is the operator's"


@pytest.fixture
def english() -> Iterator[None]:
    """What is refused speaks English, as the tests do."""
    with translation.override("en"):
        yield


@pytest.mark.req("PLAN-1")
def test_the_table_says_what_the_specification_says() -> None:
    booking, everything = {Feature.DELEGATED_BOOKING}, set(Feature)
    said = {
        "S": (30, 1, set()),
        "M": (100, 2, set()),
        "L": (None, 3, booking),
        "XL": (None, 4, everything),
        "XXL": (None, 8, everything),
        "unlimited": (None, None, everything),
    }
    assert {str(name): (one.appointments, one.rooms, set(one.features)) for name, one in PLANS.items()} == said
    assert plans_with(Feature.EXTERNAL_SCHEDULERS) == [Plan.XL, Plan.XXL, Plan.UNLIMITED]
    assert [limits_of(one).warns_at() for one in ("S", "M", "L")] == [24, 80, None]


@pytest.mark.req("PLAN-1")
@pytest.mark.parametrize("plan", list(PLANS))
def test_the_database_knows_the_same_table(cast: Cast, plan: Plan) -> None:
    ((appointments, rooms),) = fetch("SELECT * FROM limits_of_plan(%s)", [plan])
    assert Limits(appointments, rooms, PLANS[plan].features) == PLANS[plan]


@pytest.mark.req("PLAN-1")
def test_a_practice_begins_unlimited_and_cannot_change_that(cast: Cast) -> None:
    """Not by the actions, not by SQL as the application's role, not by founding another one."""
    house = cast.albers
    with acting(house.actor("miriam")):
        assert Practice.objects.get(pk=house.practice.pk).plan == Plan.UNLIMITED
        with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
            change_practice(house.actor("miriam"), {"plan": "S"})
        with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE practice_practice SET plan = 'XXL'")
    other = system(new_id())
    with acting(other), pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
        found_practice(other, "Neu", "neu", plan="XXL")


@pytest.mark.req("PLAN-4")
@pytest.mark.own_database
def test_a_feature_outside_the_plan_is_refused_with_what_would_have_it(cast: Cast, own_database: Databases) -> None:
    actor = cast.albers.actor("miriam")
    with acting(actor):
        for feature in Feature:
            require_feature(actor, feature)
    give_plan(own_database, cast.albers, "L")
    with acting(actor):
        require_feature(actor, Feature.DELEGATED_BOOKING)
        assert not has_feature(cast.albers.practice.pk, Feature.ALL_AREAS)
        with pytest.raises(NotInPlan) as refused:
            require_feature(actor, Feature.ALL_AREAS)
    assert refused.value.status == 403
    assert str(refused.value).startswith("All areas of delegated access: not in plan L, but from plan XL on.")


@pytest.mark.req("PLAN-1", "PLAN-4", "ACC-20")
@pytest.mark.own_database
def test_accesses_are_given_and_open_as_the_plan_of_the_practice_has_them(cast: Cast, own_database: Databases) -> None:
    """L has scheduling, XL every area. What a plan loses is kept, opens nothing, and is back with the plan."""
    house, both = cast.albers, (Area.SCHEDULING, Area.DOCUMENTATION)
    give_plan(own_database, house, "M")
    with pytest.raises(NotInPlan):
        give(house, terms(house, "jonas"))
    give_plan(own_database, house, "L")
    with pytest.raises(NotInPlan, match="All areas"):
        give(house, terms(house, "jonas", areas=both))
    give_plan(own_database, house, "XL")
    user = accept(house, give(house, terms(house, "jonas", areas=both)))
    for plan, opens in (("XL", set(both)), ("L", {Area.SCHEDULING}), ("M", set()), ("XXL", set(both))):
        give_plan(own_database, house, plan)
        found = actor_of(User.objects.get(pk=user.pk), str(house.practice.pk))
        assert {area for area, _ in found.granted} == opens if found else not opens, plan
    with acting(house.system):
        assert GrantedArea.objects.count() == 2


@pytest.mark.req("PLAN-4")
@pytest.mark.own_database
def test_the_pages_of_accesses_say_what_the_plan_does_not_have(cast: Cast, own_database: Databases) -> None:
    client = client_of(cast, "administrator")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    pages = [reverse(f"practice:{name}") for name in ("accesses", "new_access")]
    assert not any("Not in the practice" in client.get(page).content.decode() for page in pages)
    give_plan(own_database, cast.albers, "L")
    words = "plan: Documentation, Invoicing, Reports, Finance. Accesses to these areas are kept"
    assert all(words in client.get(page).content.decode() for page in pages)


@pytest.mark.req("PLAN-1")
@pytest.mark.parametrize("plan", list(PLANS))
def test_the_database_knows_the_areas_of_each_plan(cast: Cast, plan: Plan) -> None:
    found = [area for area in Area if fetch("SELECT plan_has_area(%s, %s)", [plan, area]) == [(True,)]]
    assert found == areas_of(plan)


@pytest.mark.req("PLAN-1", "AUD-1")
@pytest.mark.own_database
def test_the_operator_sets_a_plan_and_the_log_says_so(
    cast: Cast, own_database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPRECHZEIT_DATABASE_OWNER_URL", own_database.url("owner"))
    assert "albers: unlimited · rooms in use: 2" in run()
    answer = run("albers", "m")
    assert "albers: M · rooms in use: 2 of 2" in answer
    assert "0 of 100  Miriam Albers" in answer
    assert "brandt: unlimited" in run()
    assert "There is no practice" in run("nobody", "M", failing=True)
    assert "is not one of" in run("albers", "XXXL", failing=True)
    actor = cast.albers.system
    with acting(actor):
        entry = Entry.objects.filter(table_name="practice_practice", operation="update").latest("id")
        assert (entry.actor, entry.request) == ("operator", "command:practice plan")
        assert (entry.value.old, entry.value.new) == ({"plan": "unlimited"}, {"plan": "M"})
        assert people_of(actor, [entry.actor]) == {"operator": "Operator of this installation"}


def run(*given: str, failing: bool = False) -> str:
    answer = CliRunner().invoke(command, list(given))
    assert (answer.exit_code != 0) == failing, answer.output
    return answer.output


@pytest.mark.req("PLAN-1")
@pytest.mark.own_database
def test_without_the_owners_address_the_command_says_what_is_missing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPRECHZEIT_DATABASE_OWNER_URL", raising=False)
    assert "SPRECHZEIT_DATABASE_OWNER_URL is missing" in run("albers", "S", failing=True)
