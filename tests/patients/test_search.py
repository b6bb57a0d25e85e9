"""Finding patients by a few letters, among those whom the viewer sees (ACC-3, AUD-2)."""

from datetime import date

import pytest

from sprechzeit.access.actor import Actor
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.patients.actions import NewPatient, add_patient
from sprechzeit.patients.models import Patient
from sprechzeit.patients.queries import search_patients
from tests.support.cast import Cast

PEOPLE = [
    NewPatient("Paula", "Sommer", date(1991, 2, 9), "0171 5550142", "paula@example.org"),
    NewPatient("Bernd", "Sommer", date(1957, 7, 21), "0221 555018"),
    NewPatient("Leni", "Sommerfeld", date(2015, 5, 30)),
    NewPatient("Anna Maria", "von der Heide"),
    NewPatient("Groß", "Jürgen"),
    NewPatient("Ayşe", "Yılmaz", date(1985, 3, 24), "+49 160 5550177"),
    NewPatient("Karl-Heinz", "Schmidt-Kunz", date(1985, 4, 1)),
    NewPatient("Łukasz", "Kowalski", date(1919, 3, 24)),
    NewPatient("Omar", "Al-Hassan"),
    NewPatient("أحمد", "الحسن"),
    NewPatient("Ute", "Müller"),
    NewPatient("Mia", "Muller"),
    NewPatient("Uwe", "Mueller", phone="0221 1985"),
]


def people(cast: Cast) -> None:
    actor = cast.albers.system
    with acting(actor):
        for one in PEOPLE:
            add_patient(actor, one, belongs_to=cast.albers.members["miriam"].pk)
        add_patient(actor, NewPatient("Jona", "Sommer"), belongs_to=cast.albers.members["jonas"].pk)
    with acting(cast.brandt.system):
        add_patient(cast.brandt.system, NewPatient("Fremd", "Sommer"), belongs_to=None)


def found(actor: Actor, text: str, limit: int = 8) -> list[str]:
    with acting(actor):
        return [one.first_name for one in search_patients(actor, text, limit)]


WAYS: list[tuple[str, list[str]]] = [
    # Names: begins in either order, folded; the whole name first, then what begins so, then words inside.
    ("som", ["Bernd", "Jona", "Paula", "Leni"]), ("  SOMMER ", ["Bernd", "Jona", "Paula", "Leni"]),
    ("paula", ["Paula"]), ("som, pau", ["Paula"]), ("paula som", ["Paula"]), ("sommer p", ["Paula"]),
    ("von der heide anna m", ["Anna Maria"]), ("anna maria von", ["Anna Maria"]), ("heid", ["Anna Maria"]),
    ("maria", ["Anna Maria"]), ("gross", ["Groß"]), ("juergen", ["Groß"]), ("jurgen", ["Groß"]),
    ("müller", ["Mia", "Ute", "Uwe"]), ("muller", ["Mia", "Ute", "Uwe"]), ("MUELLER", ["Mia", "Ute", "Uwe"]),
    ("mu\u0308ller  ute", ["Ute"]), ("yilmaz", ["Ayşe"]), ("ayse yıl", ["Ayşe"]), ("YILMAZ", ["Ayşe"]),
    ("lukasz", ["Łukasz"]), ("kunz", ["Karl-Heinz"]), ("karlheinz", ["Karl-Heinz"]), ("karl heinz", ["Karl-Heinz"]),
    ("schmidtkunz", ["Karl-Heinz"]), ("kunz karl schmidt", ["Karl-Heinz"]), ("alhassan", ["Omar"]),
    ("hassan omar", ["Omar"]), ("احمد", ["أحمد"]), ("حسن", ["أحمد"]), ("الحسن أحمد", ["أحمد"]),
    # Typing errors.
    ("sommre paula", ["Paula"]), ("schmitd kunz", ["Karl-Heinz"]), ("Kowlaski", ["Łukasz"]), ("yilmas", ["Ayşe"]),
    ("sommerfle", ["Leni"]), ("xommer bernd", ["Bernd"]),
    # Phone and e-mail, from the front in any notation, or the end of the number.
    ("0171 555", ["Paula"]), ("+49 171 5550142", ["Paula"]), ("0171/5550142", ["Paula"]), ("0171", ["Paula"]),
    ("0049 171 555", ["Paula"]), ("+49 (0)171-555", ["Paula"]), ("171 5550", ["Paula"]), ("0142", ["Paula"]),
    ("555 0142", ["Paula"]), ("142", []), ("paula 0171", ["Paula"]), ("bernd 0171", []),
    ("PAULA@exa", ["Paula"]), ("paula@exa som", ["Paula"]),
    # Date of birth in any notation.
    ("9.2.1991", ["Paula"]), ("21.07.57", ["Bernd"]), ("2015-05-30", ["Leni"]), ("24.3.85", ["Ayşe"]),
    ("24/3/1985", ["Ayşe"]), ("240385", ["Ayşe"]), ("24031985", ["Ayşe"]), ("24 3 85", ["Ayşe"]),
    ("24.3.19", ["Łukasz", "Ayşe"]), ("24.3.", ["Łukasz", "Ayşe"]), ("1985-03", ["Ayşe"]), ("3/1985", ["Ayşe"]),
    ("1985", ["Uwe", "Karl-Heinz", "Ayşe"]), ("kunz 1985", ["Karl-Heinz"]), ("kunz 1991", []), ("ay 85", ["Ayşe"]),
    ("ayse 24.", ["Ayşe"]), ("yilmaz 24.3.85 0160", ["Ayşe"]), ("31.02.1990", []),
    # Nothing that could harm or be meant.
    ("", []), (" ", []), ("%", []), ("_", []), ("xyz", []), ("9" * 80, []), ("\\", []), ("\x00", []),
    (",", []), ("()()", []), (", paula", ["Paula"]), ("²", []), ("٣", []), ("' OR 1=1 --", []),
    ("'':* | !", []), ("😀" * 250_000, []), ("pau\x00la", ["Paula"]), ("a & b | c:*", []),
]  # fmt: skip


@pytest.mark.req("PAT-2", "ACC-10")
def test_ways_to_ask(cast: Cast) -> None:
    """All in one practice, so that each is also asked whom it must not find."""
    people(cast)
    actor = cast.albers.actor("jana")
    assert {text: names for text, names in WAYS if found(actor, text) != names} == {}


def test_by_number(cast: Cast) -> None:
    people(cast)
    with acting(cast.albers.system):
        number = Patient.objects.get(first_name="Leni").number
    assert found(cast.albers.actor("jana"), str(number)) == ["Leni"]


@pytest.mark.req("ACC-3", "ACC-11")
def test_a_practitioner_finds_their_own(cast: Cast) -> None:
    people(cast)
    assert found(cast.albers.actor("jonas"), "sommer") == ["Jona"]
    assert found(cast.albers.actor("jonas"), "paula@example.org") == []


def test_no_more_than_asked_for(cast: Cast) -> None:
    people(cast)
    assert len(found(cast.albers.actor("jana"), "som", 2)) == 2


@pytest.mark.req("AUD-2")
def test_a_search_is_logged_once_and_without_what_was_typed(cast: Cast) -> None:
    people(cast)
    actor = cast.albers.actor("jana")
    found(actor, "Sommer")
    found(actor, " sommer ")
    with acting(cast.albers.system):
        searches = Entry.objects.filter(operation="search", table_name="patients_patient")
        first, second = searches.select_related("value").order_by("id")
    assert first.row_id == second.row_id, "the same search is recognised"
    assert (first.actor, first.reason, first.value.new) == (actor.name, "secretary", {"hits": 4})
