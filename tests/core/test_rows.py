"""What a policy lets an actor see is kept as a statement: so a policy looks at the actor and at nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.core.rows import count_each, seen, subquery
from sprechzeit.messages.queries import failed_messages
from sprechzeit.scheduling.policy import visible_appointments, visible_blocks
from sprechzeit.scheduling.queries.new_bookings import open_proposals, unseen_bookings
from tests.support.cast import Cast, book

KEPT = (visible_appointments, visible_blocks, unseen_bookings, open_proposals, failed_messages)


@pytest.mark.req("ACC-1")
@pytest.mark.parametrize("policy", KEPT)
def test_what_is_made_once_for_all_of_a_kind_is_what_the_policy_says_of_each(
    cast: Cast, policy: Callable[[Actor], QuerySet[Any]]
) -> None:
    house = cast.albers
    actors = [*map(house.actor, house.members), cast.brandt.actor("berta"), house.visitor, house.system]
    with CaptureQueriesContext(connection) as asked:
        assert [seen(policy, actor) for actor in actors] == [subquery(policy(actor)) for actor in actors]
    assert not asked.captured_queries


@pytest.mark.req("ACC-1", "ACC-6")
def test_rows_are_found_anew_each_time_and_by_each_alone(cast: Cast) -> None:
    house = cast.albers

    def counts(name: str) -> list[int]:
        actor = house.actor(name)
        with acting(actor):
            return count_each(actor, visible_appointments, unseen_bookings, failed_messages)

    book(house, "09:00", who="miriam")
    assert (counts("jana"), counts("miriam"), counts("jonas")) == ([1, 1, 0], [1, 1, 0], [0, 0, 0])
    book(house, "09:00", who="jonas")
    assert (counts("jana"), counts("miriam"), counts("jonas")) == ([2, 2, 0], [2, 2, 0], [1, 1, 0])
    stranger = cast.brandt.actor("berta")
    with acting(stranger):
        assert count_each(stranger, visible_appointments, unseen_bookings) == [0, 0]
