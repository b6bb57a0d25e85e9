"""Which record a booking belongs to (PAT-10…14), as a pure decision and against real rows."""

import unicodedata
from datetime import date
from uuid import UUID

import pytest

from sprechzeit.core.acting import acting, run_as
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import Identity, find_or_add_patient
from sprechzeit.patients.matching import Candidate, decide, email_key, name_key, phone_key
from sprechzeit.patients.models import ContactPoint, ContactProposal, Patient
from tests.support.cast import Cast, House, book, hold, identity
from tests.support.together import together

ONE, TWO, THREE = new_id(), new_id(), new_id()
BORN = date(1985, 3, 24)


@pytest.mark.req("PAT-10")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "müller"), ("MÜLLER", "müller"), ("Müller", unicodedata.normalize("NFD", "Müller")),
        ("Anna  Maria", "Anna Maria"), ("  Paula ", "Paula"), ("Paula\t\n", "paula"), ("Anna\u00a0Maria", "anna maria"),
        ("Strauß", "STRAUSS"), ("Weiß", "WEIẞ"), ("Ångström", "\u212bngström"), ("ﬁsch", "FISCH"), ("Σας", "ΣΑΣ"),
    ],
)  # fmt: skip
def test_these_are_the_same_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.req("PAT-10")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "Muller"), ("Müller", "Mueller"), ("André", "Andre"), ("Anna Maria", "Annamaria"),
        ("Meyer", "Meier"), ("Anna-Maria", "Anna Maria"), ("Øre", "Ore"), ("Sommer", "Sommer-Winter"),
    ],
)  # fmt: skip
def test_these_are_different_names(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.req("PAT-13")
@pytest.mark.parametrize(
    "number",
    [
        "0171 2345678",
        "+49 171 2345678",
        "0049171/2345678",
        "(0171) 234-56-78",
        "+49 (0)171 2345678",
        "０１７１２３４５６７８",
    ],
)
def test_a_phone_number_in_any_notation(number: str) -> None:
    assert phone_key(number) == "+491712345678"


@pytest.mark.req("PAT-13")
def test_numbers_of_other_countries_stay_apart() -> None:
    assert phone_key("+43 171 2345678") != phone_key("0171 2345678")
    assert phone_key("") == phone_key("no number") == ""
    assert email_key(" Paula@Example.ORG ") == "paula@example.org"


@pytest.mark.req("PAT-11", "PAT-12", "PAT-13")
@pytest.mark.parametrize(
    ("candidates", "given", "expected"),
    [
        ([], ["a"], None),
        ([(ONE, "")], [], ONE),
        ([(ONE, "x")], ["a"], ONE),
        ([(ONE, "a"), (TWO, "b")], ["a"], ONE),
        ([(ONE, "a"), (TWO, "b")], ["b", "z"], TWO),
        ([(ONE, "a"), (TWO, "b")], [], None),
        ([(ONE, "a"), (TWO, "b")], ["c"], None),
        ([(ONE, "a"), (TWO, "a")], ["a"], None),
        ([(ONE, "a"), (TWO, "b")], ["a", "b"], None),
        ([(ONE, "a"), (TWO, "ab"), (THREE, "")], ["b"], TWO),
        ([(ONE, ""), (TWO, "")], ["a"], None),
    ],
)
def test_the_decision(candidates: list[tuple[UUID, str]], given: list[str], expected: UUID | None) -> None:
    assert decide([Candidate(one, frozenset(keys)) for one, keys in candidates], given) == expected


def find(house: House, **changes: object) -> Patient:
    with acting(house.visitor):
        return find_or_add_patient(house.visitor, identity(**changes), belongs_to=None)


def facts(house: House, model: type[ContactPoint] | type[ContactProposal]) -> list[tuple[str, str]]:
    with acting(house.system):
        return sorted(model.objects.values_list("kind", "value"))


class TestRecords:
    @pytest.mark.req("PAT-12")
    def test_a_stranger_becomes_a_record_with_what_was_given(self, cast: Cast) -> None:
        patient = find(cast.albers, first_name="  Paula  Anna ", mobile="0171 2345678")
        assert (patient.first_name, patient.last_name, patient.date_of_birth) == ("Paula Anna", "Sommer", BORN)
        assert facts(cast.albers, ContactPoint) == [("email", "paula@example.org"), ("mobile", "0171 2345678")]

    @pytest.mark.req("PAT-10", "PAT-11")
    def test_the_same_person_is_found_however_the_name_is_written(self, cast: Cast) -> None:
        first = find(cast.albers, first_name="Änne", last_name="Strauß")
        again = find(cast.albers, first_name=" ÄNNE ", last_name=unicodedata.normalize("NFD", "STRAUSS"))
        assert again.pk == first.pk
        assert again.last_name == "Strauß"

    @pytest.mark.req("PAT-11")
    def test_other_contacts_are_proposed_and_never_written_over(self, cast: Cast) -> None:
        first = find(cast.albers)
        for _ in range(2):
            assert find(cast.albers, email="new@example.org", mobile="0171 2345678").pk == first.pk
        assert facts(cast.albers, ContactPoint) == [("email", "paula@example.org")]
        assert facts(cast.albers, ContactProposal) == [("email", "new@example.org"), ("mobile", "0171 2345678")]

    @pytest.mark.req("PAT-11", "PAT-13")
    def test_the_same_contact_in_other_notation_is_no_news(self, cast: Cast) -> None:
        find(cast.albers, mobile="0171 2345678")
        find(cast.albers, mobile="+49171/2345678", email="PAULA@example.org")
        assert facts(cast.albers, ContactProposal) == []

    @pytest.mark.req("PAT-13")
    def test_of_several_the_contact_decides(self, cast: Cast) -> None:
        twins = [self.add(cast.albers, "one@example.org"), self.add(cast.albers, "two@example.org")]
        assert find(cast.albers, email="two@example.org").pk == twins[1].pk
        assert find(cast.albers, email="three@example.org").pk not in {twin.pk for twin in twins}

    @pytest.mark.req("PAT-14")
    @pytest.mark.parametrize("change", [{"archived_at": "2026-01-01T00:00Z"}, {"date_of_birth": None}])
    def test_archived_ones_and_those_without_a_birth_date_are_never_found(
        self, cast: Cast, change: dict[str, object]
    ) -> None:
        first = find(cast.albers)
        with acting(cast.albers.system):
            Patient.objects.filter(pk=first.pk).update(**change)
        assert find(cast.albers).pk != first.pk

    @pytest.mark.req("PAT-10")
    def test_another_birth_date_is_another_person(self, cast: Cast) -> None:
        assert find(cast.albers).pk != find(cast.albers, date_of_birth=date(1985, 3, 25)).pk

    @pytest.mark.req("ACC-10", "PAT-10")
    def test_another_practices_record_is_never_found(self, cast: Cast) -> None:
        assert find(cast.albers).pk != find(cast.brandt).pk

    @pytest.mark.req("ACC-11")
    def test_who_comes_by_online_booking_belongs_to_the_calendars_practitioner(self, cast: Cast) -> None:
        appointment = book(cast.albers, "09:00", who="jonas")
        with acting(cast.albers.system):
            assert appointment.patient.created_by_id == cast.albers.members["jonas"].pk

    @staticmethod
    def add(house: House, email: str) -> Patient:
        """One more of the same name and birth date."""
        with acting(house.system):
            patient = Patient.objects.create(
                practice=house.practice, first_name="Paula", last_name="Sommer", date_of_birth=BORN,
                first_key=name_key("Paula"), last_key=name_key("Sommer"),
            )  # fmt: skip
            ContactPoint.objects.create(
                practice=house.practice, patient=patient, kind="email", value=email, key=email_key(email)
            )
        return patient


@pytest.mark.own_database
@pytest.mark.req("PAT-12", "BOO-5")
class TestTogether:
    def test_eight_bookings_of_one_new_person_make_one_record(self, cast: Cast) -> None:
        visitor, person = cast.albers.visitor, identity(mobile="0171 2345678")

        def come() -> UUID:
            return run_as(visitor, lambda: find_or_add_patient(visitor, person, belongs_to=None)).pk

        results = together(*[come] * 8)
        assert [one for one in results if isinstance(one, Exception)] == []
        assert len(set(map(str, results))) == 1
        assert len(facts(cast.albers, ContactPoint)) == 2

    def test_eight_different_people_do_not_wait_for_one_another(self, cast: Cast) -> None:
        visitor = cast.albers.visitor
        people = [Identity(f"Nr{number}", "Sommer", BORN) for number in range(8)]
        results = together(
            *[
                lambda one=one: run_as(visitor, lambda: find_or_add_patient(visitor, one, belongs_to=None)).number
                for one in people
            ]
        )
        assert len(set(map(str, results))) == 8

    def test_the_same_person_books_two_times_at_once(self, cast: Cast) -> None:
        """Through the whole action: two appointments, one record, no deadlock."""
        from sprechzeit.scheduling.actions.book import Details, book_held_time
        from sprechzeit.scheduling.actions.hold import hold_token

        visitor = cast.albers.visitor
        tokens = [hold_token(hold(cast.albers, clock, who="jonas").pk) for clock in ("09:00", "10:00")]
        results = together(
            *[
                lambda token=token: run_as(
                    visitor, lambda: book_held_time(visitor, token, Details(identity())).patient_id
                )
                for token in tokens
            ]
        )
        assert len(set(map(str, results))) == 1
        assert not isinstance(results[0], Exception)
