"""Rows by plain SQL: as the policies and the models say."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from sprechzeit.core.acting import acting
from sprechzeit.core.rows import Part, add, fetch, seen, subquery
from sprechzeit.patients.models import ContactPoint, Patient
from sprechzeit.scheduling.policy import visible_appointments, visible_calendars, visible_types
from tests.support.cast import Cast


@pytest.mark.req("ACC-1", "ACC-6")
@pytest.mark.parametrize("policy", [visible_types, visible_calendars, visible_appointments])
def test_a_statement_made_once_is_what_the_policy_says_of_each(cast: Cast, policy: object) -> None:
    assert callable(policy)
    houses = (cast.albers, cast.brandt)
    actors = [cast.albers.actor(name) for name in cast.albers.members] + [cast.brandt.actor("berta")]
    for actor in [*actors, *(house.visitor for house in houses), *(house.system for house in houses)]:
        assert seen(policy, actor) == subquery(policy(actor))


def sommer(cast: Cast) -> Patient:
    return Patient(practice=cast.albers.practice, first_name="Paula", last_name="Sommer", first_key="a", last_key="b")


def test_rows_that_belong_together_are_added_by_one_statement_and_filled_in(cast: Cast) -> None:
    patient = sommer(cast)
    point = ContactPoint(practice=cast.albers.practice, patient=patient, kind="email", value="p@example.org", key="p")
    with acting(cast.albers.system):
        with CaptureQueriesContext(connection) as captured:
            add(patient, point)
        assert len(captured) == 1
        kept = Patient.objects.get(pk=patient.pk)
        assert (kept.number, kept.created_at, kept.first_name) == (patient.number, patient.created_at, "Paula")
        assert kept.contact_points.get() == point
        patient.first_name = "Pauline"
        patient.save(update_fields=["first_name"])
        with pytest.raises(IntegrityError), transaction.atomic():
            add(patient)


def test_what_an_outer_join_did_not_find_is_none(cast: Cast) -> None:
    patient, one, other = sommer(cast), Part(Patient, "patient."), Part(ContactPoint, "point.", without=["value"])
    with acting(cast.albers.system):
        add(patient)
        ((*row,),) = fetch(
            f"SELECT {one.columns}, {other.columns} FROM patients_patient patient "  # noqa: S608 – names of models
            "LEFT JOIN patients_contactpoint point ON point.patient_id = patient.id WHERE patient.id = %s",
            [patient.pk],
        )
    values = iter(row)
    assert one.take(values) == patient
    assert other.take_any(values) is None
