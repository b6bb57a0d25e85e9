"""The log is for administrators alone; what is another practice's is not there for them (ACC-6, ACC-7)."""

from typing import Any

import pytest
from django.urls import reverse

from sprechzeit.access.table import TABLE, Data, Reach, Role
from sprechzeit.core.ids import new_id
from tests.support.cast import Cast, book
from tests.support.routes import DELEGATE, OF_THE_LOG, PEOPLE, ROLES, client_of, signed_in

GRANTED = {"log": 200, "check": 303, "export": 200, "report": 200}


@pytest.mark.req("ACC-6", "ACC-7", "ACC-1", "AUD-5")
@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", GRANTED)
def test_each_page_of_the_log_is_for_whom_the_table_says(cast: Cast, name: str, person: str) -> None:
    patient = book(cast.albers, "09:00", who="jonas").patient_id
    arguments: dict[str, list[Any]] = {"export": ["csv"], "report": [patient]}
    address = reverse(f"privacy:{name}", args=arguments.get(name))
    client = signed_in(cast, person) if person in ROLES else client_of(cast, person)
    answer = client.post(address) if name == "check" else client.get(address)
    status = {"anonymous": 302, "without practice": 403}.get(person, GRANTED[name])
    if person in ROLES and person != "stranger" and TABLE[Data.LOG][Role(person)][0] is not Reach.ALL:
        status = 403
    if person == DELEGATE:
        status = 403
    if (person, name) == ("stranger", "report"):
        status = 404
    assert answer.status_code == status
    if person == "stranger":
        assert b"Sommer" not in answer.content
        assert b"Praxis Albers" not in answer.content


@pytest.mark.req("ACC-6")
def test_anothers_patient_is_like_one_that_never_was(cast: Cast) -> None:
    theirs = book(cast.brandt, "09:00").patient_id
    client = client_of(cast, "administrator")
    ids = [str(theirs), str(new_id()), "broken"]
    reports = [client.get(reverse("privacy:report", args=[one])) for one in ids]
    pages = [client.get(reverse("privacy:log"), {"patient": one}) for one in ids]
    for answers in (reports, pages):
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1


def test_all_of_them_are_asked() -> None:
    assert {name.partition(":")[2] for name in OF_THE_LOG} == set(GRANTED)
