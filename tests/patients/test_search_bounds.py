"""A search of many words (PAT-1)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sprechzeit.core.acting import acting
from sprechzeit.patients.actions import NewPatient, add_patient
from sprechzeit.patients.queries import search_patients
from tests.support.cast import Cast


@pytest.mark.req("CAL-13")
def test_many_words_are_no_more_statements_than_a_long_name(cast: Cast) -> None:
    house = cast.albers
    with acting(house.system):
        add_patient(house.system, NewPatient("Anna Maria Luise", "von der Heide"), belongs_to=None)
        for asked in ("anna maria luise von der heide", "von der heide anna"):
            assert [one.first_name for one in search_patients(house.system, asked)] == ["Anna Maria Luise"]
        with CaptureQueriesContext(connection) as statements:
            search_patients(house.system, "a " * 50)
    assert len(statements) < 20
