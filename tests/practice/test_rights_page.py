"""The page that shows the one table of who may do what (ACC-7)."""

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.access.table import Area, Data, Reach, Role, Use, reach_of
from sprechzeit.practice.rights_page import ACCESSES, DATA, HOW_FAR, PEOPLE, tables
from tests.support.cast import Cast

pytestmark = pytest.mark.req("ACC-7")


def test_everybody_and_everything_stands_in_it_but_the_program_itself() -> None:
    """A delegate from outside reaches nothing by the role; the areas of accesses have their own table."""
    assert {*PEOPLE, *ACCESSES} == {*Role, *Area} - {Role.SYSTEM, Role.DELEGATE}
    assert set(DATA) == set(Data)
    assert set(HOW_FAR) == set(Reach) - {Reach.NONE}


def test_it_says_what_the_table_says() -> None:
    for table, columns in zip(tables(), (PEOPLE, ACCESSES), strict=True):
        shown = dict(table["rows"])
        for data, name in DATA.items():
            reaches = [(reach_of(who, data, Use.READ), reach_of(who, data, Use.WRITE)) for who in columns]
            words = [(HOW_FAR.get(read, ""), HOW_FAR.get(write, "")) for read, write in reaches]
            if name in shown:
                assert [(cell.sees, cell.changes) for cell in shown[name]] == words
            else:
                assert not any(read or write for read, write in words)


@pytest.mark.req("ACC-21", "ACC-22")
def test_who_sees_some_fields_only_is_told_so() -> None:
    _people, accesses = tables()
    cells = dict(accesses["rows"])[DATA[Data.MASTER_DATA]]
    assert [cell.partly for cell in cells] == [True, False, False, False, False]


@pytest.mark.parametrize(("name", "status"), [("miriam", 200), ("jonas", 403), ("jana", 403)])
def test_administrators_find_it_in_the_settings(cast: Cast, name: str, status: int) -> None:
    client = Client()
    client.force_login(cast.albers.user(name))
    answer = client.get(reverse("practice:rights"), headers={"Accept-Language": "en"})
    assert answer.status_code == status
    assert ("Your role does not allow this." in answer.content.decode()) == (status == 403)
    assert ("Back to the appointment book" in answer.content.decode()) == (status == 403)
    assert ('class="page" tabindex="0"' in answer.content.decode()) == (status == 200), "scrolled by keyboard"
    leads_there = reverse("practice:rights") in client.get(reverse("practice:facts")).content.decode()
    assert leads_there == (status == 200)
