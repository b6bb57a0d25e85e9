"""The pages: the list of patients with whom each is shared, and the dialog that shares what was chosen."""

import re
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sprechzeit.access.actor import Actor
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import NewPatient, add_patient, share_patients
from sprechzeit.patients.models import Patient, Share
from sprechzeit.patients.queries import MOST_COUNTED, list_patients
from sprechzeit.practice.actions.team import end_membership, suspend_member
from tests.laws.test_staff_routes import shown
from tests.support.cast import Cast, House
from tests.support.databases import Databases
from tests.support.routes import PEOPLE, ROLES, client_of
from tests.support.tables import changed, fingerprints

LIST, SHARING = "/patients/", "/patients/sharing/"


def enter(house: House, owner: str, *names: str) -> list[Patient]:
    """Records of one practitioner, by last name."""
    actor = house.system
    with acting(actor):
        return [
            add_patient(actor, NewPatient("Paula", name, date(1985, 3, 24)), belongs_to=house.members[owner].pk)
            for name in names
        ]


def names_on(client: Client, address: str = LIST) -> list[str]:
    """Who stands in the list, in its order."""
    page = client.get(address)
    assert page.status_code == 200
    return re.findall(r"<b>(\w+), Paula</b>", re.sub("</?mark>", "", unescape(page.content.decode())))


def sent(client: Client, *patients: UUID | str, **facts: object) -> int:
    """The status of what the dialog sends."""
    return client.post(SHARING, {"patient": [str(one) for one in patients], **facts}).status_code


def count_of_shares(house: House) -> int:
    with acting(house.system):
        return Share.objects.count()


@pytest.mark.req("ACC-3", "ACC-4", "ACC-6")
@pytest.mark.parametrize("person", [*ROLES])
def test_the_list_shows_whom_the_viewer_sees(cast: Cast, person: str) -> None:
    (own,), (others, given) = enter(cast.albers, "jonas", "Eigen"), enter(cast.albers, "miriam", "Andere", "Geteilt")
    enter(cast.brandt, "berta", "Fremd")
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        share_patients(miriam, [given.pk], None)
    wanted = {
        "administrator": ["Andere", "Eigen", "Geteilt"],
        "secretary": ["Andere", "Eigen", "Geteilt"],
        "practitioner": ["Eigen", "Geteilt"],
        "stranger": ["Fremd"],
    }[person]
    client = client_of(cast, person)
    assert names_on(client) == wanted
    for one in (own, others, given):
        hits = [one.last_name] if one.last_name in wanted else []
        assert names_on(client, f"{LIST}?q={one.last_name.lower()[:4]}") == hits
        assert names_on(client, f"{LIST}?q={one.number}") == hits


@pytest.mark.req("ACC-4")
def test_the_list_says_whose_a_record_is_and_with_whom_it_is_shared(cast: Cast) -> None:
    house, jonas = cast.albers, cast.albers.actor("jonas")
    with_all, with_jana, alone = enter(house, "jonas", "Alle", "Jana", "Niemand")
    with acting(jonas):
        share_patients(jonas, [with_all.pk], None)
        share_patients(jonas, [with_jana.pk], [house.members["jana"].pk])
    page = client_of(cast, "administrator").get(LIST, headers={"Accept-Language": "en"}).content.decode()
    rows = {name: row for row in page.split("<tr>") for name in ("Alle", "Jana", "Niemand") if f"<b>{name}," in row}
    assert all("Jonas Petersen" in row for row in rows.values())
    assert ">Everyone<" in re.sub(r"</svg>", ">", rows["Alle"])
    assert "Jana Albrecht" in rows["Jana"]
    assert "nobody" in rows["Niemand"]
    assert f"{reverse('privacy:log')}?patient={alone.pk}" in page
    assert reverse("privacy:log") not in client_of(cast, "practitioner").get(LIST).content.decode()


def test_pages_follow_one_another_without_gap(cast: Cast) -> None:
    """Also over many of one name, and where two have the same."""
    house = cast.albers
    enter(house, "jonas", *["Müller"] * 7, "Adam", "Zander", "Sommer")
    jonas = house.actor("jonas")
    met: list[UUID] = []
    after = None
    with acting(jonas):
        while True:
            page = list_patients(jonas, "", after, limit=3)
            met += [one.pk for one in page.patients]
            assert page.count == 10
            if (after := page.later) is None:
                break
        assert met == [one.pk for one in list_patients(jonas).patients]
        # After a record that is none of theirs: from the beginning.
        assert [one.pk for one in list_patients(jonas, "", 1, limit=3).patients] == met[:3]
    for wrong in ("x", "-1", "9" * 30, "²", ""):
        assert client_of(cast, "practitioner").get(LIST, {"after": wrong}).status_code == 200


@pytest.mark.req("AUD-2")
def test_list_and_search_are_logged_once(cast: Cast) -> None:
    enter(cast.albers, "jonas", "Sommer", "Zander")
    client = client_of(cast, "practitioner")
    client.get(LIST)
    client.get(LIST)
    client.get(LIST, {"q": "zan"})
    with acting(cast.albers.system):
        logged = Entry.objects.filter(table_name="patients_patient", operation__in=("list", "search"))
        said = [(one.operation, one.value.new) for one in logged.select_related("value").order_by("id")]
    assert said == [("list", {"hits": 2}), ("search", {"hits": 1})]


@pytest.mark.req("ACC-4", "ACC-5")
def test_the_dialog_names_the_records_says_the_difference_and_that_it_is_final(cast: Cast) -> None:
    one, other = enter(cast.albers, "jonas", "Sommer", "Zander")
    client = client_of(cast, "practitioner")
    answer = client.get(SHARING, {"patient": [str(one.pk), str(other.pk)]}, headers={"Accept-Language": "en"})
    page = unescape(answer.content.decode())
    assert "Data sharing for 2 patients" in page
    assert "Sommer, Paula · Zander, Paula" in page
    for words in ("Everyone – future members too", "Future members do not see these", "cannot be taken back"):
        assert words in page
    assert "Jana Albrecht" in page
    assert "Miriam Albers" in page
    assert str(cast.albers.members["jonas"].pk) not in page, "nobody shares with themselves"
    fragment = client.get(SHARING, {"patient": [str(one.pk)]}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "sharing-form" in fragment


@pytest.mark.req("ACC-4")
def test_without_script_from_the_checkboxes_to_the_notice(cast: Cast) -> None:
    house, jana = cast.albers, str(cast.albers.members["jana"].pk)
    one, other = enter(house, "jonas", "Sommer", "Zander")
    client = client_of(cast, "practitioner")
    assert client.get(SHARING, {"q": "so"}).status_code == 200, "nothing chosen: said, and back"
    facts = {"patient": [str(one.pk), str(other.pk)], "to": "chosen", "member": [jana], "sure": "on", "q": "so"}
    answer = client.post(SHARING, facts, headers={"Accept-Language": "en"})
    assert (answer.status_code, answer["Location"]) == (303, f"{LIST}?q=so")
    notice = unescape(client.get(answer["Location"], headers={"Accept-Language": "en"}).content.decode())
    assert "2 patients are shared now with: Jana Albrecht." in notice
    assert count_of_shares(house) == 2
    again = client.post(SHARING, facts | {"to": "everyone"}, headers={"HX-Request": "true"})
    assert (again.status_code, again["HX-Redirect"]) == (200, f"{LIST}?q=so")
    with acting(house.system):
        assert Share.objects.filter(member=None).count() == 2
        assert Share.objects.count() == 4, "members who were ticked before everyone was chosen are not meant"
    said = client.get(SHARING, {"patient": [str(one.pk)]}, headers={"Accept-Language": "en"}).content.decode()
    assert "1 patient already" in said


@pytest.mark.req("ACC-4")
def test_what_was_open_before_is_not_said_to_be_shared_now(cast: Cast) -> None:
    """A record belongs to whom it belongs to, and a second press opens nothing more."""
    house, jonas = cast.albers, str(cast.albers.members["jonas"].pk)
    (theirs,), (mine,) = enter(house, "jonas", "Sommer"), enter(house, "miriam", "Zander")
    client, english = client_of(cast, "administrator"), {"Accept-Language": "en"}
    facts = {"patient": [str(theirs.pk), str(mine.pk)], "to": "chosen", "member": [jonas], "sure": "on"}
    for said in (
        "1 patient is shared now with: Jonas Petersen. 1 patient was open to them before.",
        "2 patients were open to them before.",
    ):
        client.post(SHARING, facts, headers=english)
        assert said in unescape(client.get(LIST, headers=english).content.decode())
    assert count_of_shares(house) == 1
    dialog = client.get(SHARING, {"patient": facts["patient"]}, headers=english).content.decode()
    assert f'value="{jonas}" disabled' in dialog


@pytest.mark.req("ACC-5")
def test_what_is_missing_is_said_beside_and_what_was_chosen_stays(cast: Cast) -> None:
    house, jana = cast.albers, str(cast.albers.members["jana"].pk)
    (one,) = enter(house, "jonas", "Sommer")
    client = client_of(cast, "practitioner")
    good = {"patient": [str(one.pk)], "to": "chosen", "member": [jana], "sure": "on"}
    changes: list[dict[str, Any]] = [{"sure": ""}, {"member": []}, {"to": ""}, {"to": "all"}, {"member": [jana, "x"]}]
    for change in changes:
        answer = client.post(SHARING, good | change)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert 'role="alert"' in page
        assert f'name="patient" value="{one.pk}"' in page
        if jana in change.get("member", [jana]):
            assert f'value="{jana}" checked' in page
    assert count_of_shares(house) == 0


@pytest.mark.req("ACC-6", "ACC-8", "ACC-10")
def test_records_and_members_of_others_are_as_none(cast: Cast) -> None:
    house, client = cast.albers, client_of(cast, "practitioner")
    (own,), (hidden,), (foreign,) = (
        enter(house, "jonas", "Eigen"), enter(house, "miriam", "Andere"), enter(cast.brandt, "berta", "Fremd")
    )  # fmt: skip
    jana = str(house.members["jana"].pk)
    answers = set()
    for wrong in (hidden.pk, foreign.pk, new_id(), "not-an-id", "9" * 200):
        query = urlencode({"patient": [own.pk, wrong]}, doseq=True)
        answers |= {shown(client.get(f"{SHARING}?{query}"))}
        answers |= {shown(client.post(SHARING, {"patient": [str(own.pk), str(wrong)], "to": "everyone", "sure": "on"}))}
    assert len(answers) == 1
    assert all(one.startswith("404") for one in answers)
    with acting(house.system):
        suspend_member(house.system, house.members["jana"].pk)
    for member in (jana, str(cast.brandt.members["berta"].pk), str(new_id()), str(house.members["jonas"].pk)):
        assert sent(client, own.pk, to="chosen", member=[member], sure="on") == 422
    assert count_of_shares(house) == 0


@pytest.mark.req("ACC-7", "ACC-4")
@pytest.mark.parametrize("person", PEOPLE)
def test_who_may_share_what(cast: Cast, person: str) -> None:
    (one,) = enter(cast.albers, "jonas", "Eigen")
    status = {"anonymous": 302, "without practice": 403, "delegate": 403, "stranger": 404}.get(person, 303)
    assert sent(client_of(cast, person), one.pk, to="everyone", sure="on") == status
    assert count_of_shares(cast.albers) == (1 if status == 303 else 0)


@pytest.mark.req("ACC-5", "ACC-8")
def test_suspended_and_gone_members_see_nothing_at_once(cast: Cast) -> None:
    house = cast.albers
    (given,) = enter(house, "miriam", "Geteilt")
    client, system = client_of(cast, "practitioner"), house.system
    miriam = house.actor("miriam")
    with acting(miriam):
        share_patients(miriam, [given.pk], None)
    assert names_on(client) == ["Geteilt"]
    with acting(system):
        suspend_member(system, house.members["jonas"].pk)
    assert client.get(LIST).status_code == 403
    with acting(system):
        end_membership(system, house.members["jonas"].pk)
    assert client.get(LIST).status_code == 403


@pytest.mark.own_database
def test_opening_the_dialog_changes_nothing_but_the_log(cast: Cast, own_database: Databases) -> None:
    (one,) = enter(cast.albers, "jonas", "Eigen")
    client, superuser = client_of(cast, "practitioner"), own_database.url("superuser")
    client.get(LIST)
    before = fingerprints(superuser)
    client.get(SHARING, {"patient": [str(one.pk)], "to": "everyone", "sure": "on"})
    assert changed(before, fingerprints(superuser)) == ["audit_entry", "audit_value"]


# --- Among many -----------------------------------------------------------------------------------------------------

# Of 100,000 records 25,000 are this practice's: Jonas has every hundredth of them, was given as many, and one in a
# thousand is everyone's. Jana was given half of all.
FILL = """
    SET session_replication_role = replica;
    INSERT INTO patients_patient
           (id, practice_id, first_name, last_name, first_key, last_key, language, number, created_by_id)
    SELECT gen_random_uuid(), CASE n % 4 WHEN 0 THEN PRACTICE ELSE md5((n % 31)::text)::uuid END, 'V' || n, 'N' || n,
           'vorname' || n, 'name' || n, 'de', 100000 + n, CASE WHEN n % 100 = 0 THEN JONAS ELSE MIRIAM END
      FROM generate_series(1, 100000) AS n;
    INSERT INTO patients_share (id, practice_id, patient_id, member_id, shared_by_id)
    SELECT gen_random_uuid(), practice_id, id, CASE WHEN number % 1000 = 8 THEN NULL ELSE JONAS END, MIRIAM
      FROM patients_patient WHERE number % 100 = 8 AND practice_id = PRACTICE;
    INSERT INTO patients_share (id, practice_id, patient_id, member_id, shared_by_id)
    SELECT gen_random_uuid(), practice_id, id, JANA, MIRIAM FROM patients_patient WHERE number % 8 < 5;
    INSERT INTO patients_searchentry (id, practice_id, patient_id, first, last, lexemes)
    SELECT id, practice_id, id, first_key, last_key,
           array_to_tsvector(ARRAY[right(practice_id::text, 6) || 'n' || last_key]) FROM patients_patient;
    ANALYZE patients_searchentry;
    ANALYZE patients_patient;
    ANALYZE patients_share;
"""


def plans_of(actor: Actor, text: str, after: int | None) -> list[tuple[str, str]]:
    """What the list asks of records and shares, and how the database finds it, as `app` under row security."""
    with acting(actor), CaptureQueriesContext(connection) as queries:
        list_patients(actor, text, after)
    statements = [one["sql"] for one in queries if re.match(r"\(?SELECT", one["sql"]) and "patients_" in one["sql"]]
    plans = []
    for statement in statements:
        if "log_use" in statement:
            continue
        with acting(actor), connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + statement.replace("%", "%%"))
            plans.append((statement, "\n".join(row[0] for row in cursor.fetchall())))
    return plans


@pytest.mark.own_database
@pytest.mark.req("ACC-3", "ACC-4")
def test_an_index_finds_the_page_among_many(cast: Cast, own_database: Databases) -> None:
    house = cast.albers
    ids = {name.upper(): member.pk for name, member in house.members.items()} | {"PRACTICE": house.practice.pk}
    with psycopg.connect(own_database.url("superuser"), autocommit=True, prepare_threshold=None) as everything:
        for statement in FILL.split(";"):
            for word, key in ids.items():
                statement = statement.replace(word, f"'{key}'::uuid")
            everything.execute(statement.encode())
    with acting(house.actor("jonas")):
        page = list_patients(house.actor("jonas"))
        assert (len(page.patients), page.count) == (50, MOST_COUNTED + 1)
    for name in ("jonas", "jana"):
        for text, after in (("", None), ("", 125_000), ("name1234", None), ("name12", 112_000), ("101236", None)):
            plans = plans_of(house.actor(name), text, after)
            assert plans
            for statement, plan in plans:
                assert "Seq Scan on patients_" not in plan, f"{name} {text!r} {after}\n{statement}\n{plan}"
