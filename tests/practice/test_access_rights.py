"""Who gives, changes and revokes accesses (ACC-20); what is over opens nothing with the next request."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sprechzeit.access.table import Area
from sprechzeit.accounts.models import User
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.practice.actions.grants import Terms, change_access, revoke_access
from sprechzeit.practice.actions.team import end_membership, require_second_factor, suspend_member
from sprechzeit.practice.models import AccessGrant, GrantedArea, Member, Practice
from sprechzeit.practice.visitors import actor_of
from tests.support.cast import PASSWORD, Cast, House
from tests.support.databases import Databases
from tests.support.delegates import accept, delegate, give, give_member, kern, outside, terms
from tests.support.routes import client_of, signed_in
from tests.support.together import together

BOOK = reverse("scheduling:book")


def access_of(house: House) -> AccessGrant:
    """The newest."""
    with acting(house.system):
        return AccessGrant.objects.order_by("-given_at", "-pk")[0]


def opened(house: House) -> set[tuple[str, str]]:
    """What all accesses open, by area and member."""
    with acting(house.system):
        return set(GrantedArea.objects.values_list("area", "member__name"))


@pytest.mark.req("ACC-20", "ACC-7")
class TestGiving:
    def test_by_the_page_somebody_from_outside_is_asked(self, cast: Cast) -> None:
        jonas = cast.albers.members["jonas"].pk
        form = {
            "name": "Sekretariat Kern", "email": "Kern@example.org", "purpose": "Telefondienst",
            "opens": [f"scheduling:{jonas}"], "ends_on": f"{timezone.now():%Y}-12-31",
        }  # fmt: skip
        assert signed_in(cast, "administrator").post(reverse("practice:new_access"), form).status_code == 303
        given = access_of(cast.albers)
        assert (given.email, given.user_id, given.purpose) == ("kern@example.org", None, "Telefondienst")
        assert opened(cast.albers) == {("scheduling", "Jonas Petersen")}

    def test_a_practitioner_opens_their_own_and_nobody_elses(self, cast: Cast) -> None:
        client = signed_in(cast, "practitioner")
        jonas, miriam = (cast.albers.members[name].pk for name in ("jonas", "miriam"))
        form = {"name": "Kern", "email": "kern@example.org", "opens": [f"scheduling:{miriam}"]}
        assert client.post(reverse("practice:new_access"), form).status_code == 422
        assert client.post(reverse("practice:new_access"), form | {"opens": [f"scheduling:{jonas}"]}).status_code == 303
        assert opened(cast.albers) == {("scheduling", "Jonas Petersen")}

    @pytest.mark.parametrize(
        "wrong",
        [
            {"opens": []},
            {"opens": ["scheduling:" + str(new_id())]},
            {"opens": ["administrator:x"]},
            {"ends_on": "2020-01-01"},
            {"email": ""},
            {"email": "jana@albers.example.org"},
            {"member": str(new_id())},
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, cast: Cast, wrong: dict[str, object]) -> None:
        jonas = cast.albers.members["jonas"].pk
        form = {"name": "Sekretariat Kern", "email": "kern@example.org", "opens": [f"finance:{jonas}"]}
        answer = signed_in(cast, "administrator").post(reverse("practice:new_access"), form | wrong)
        assert answer.status_code == 422
        assert "Sekretariat Kern" in answer.content.decode()
        assert opened(cast.albers) == set()

    def test_all_that_is_missing_is_said_at_once(self, cast: Cast) -> None:
        english = {"Accept-Language": "en"}
        page = client_of(cast, "administrator").post(reverse("practice:new_access"), {}, headers=english)
        for said in ("the name of the person", "the e-mail address to which", "at least one area"):
            assert said in page.content.decode()
        assert '<a href="#id_opens">What the access opens</a>' in page.content.decode()
        assert 'id="id_opens"' in page.content.decode()

    def test_fields_that_are_not_asked_for_change_nothing(self, cast: Cast) -> None:
        jonas, brandt = cast.albers.members["jonas"].pk, cast.brandt.practice.id
        form = {"member": str(cast.albers.members["jana"].pk), "opens": [f"scheduling:{jonas}"]}
        more = {"practice": str(brandt), "given_by": str(jonas), "id": str(new_id()), "role": "administrator"}
        assert signed_in(cast, "administrator").post(reverse("practice:new_access"), form | more).status_code == 303
        given = access_of(cast.albers)
        assert (given.practice_id, given.given_by_id) == (
            cast.albers.practice.id, cast.albers.members["miriam"].pk,
        )  # fmt: skip
        assert given.user_id == cast.albers.user("jana").pk

    def test_it_takes_a_fresh_sign_in(self, cast: Cast) -> None:
        form = {"name": "K", "email": "k@example.org", "opens": [f"scheduling:{cast.albers.members['jonas'].pk}"]}
        answer = client_of(cast, "administrator").post(reverse("practice:new_access"), form)
        assert answer.status_code == 302
        assert reverse("account_reauthenticate") in answer["Location"]
        assert opened(cast.albers) == set()

    def test_a_delegate_cannot_pass_it_on(self, cast: Cast) -> None:
        client = outside(cast)
        for name in ("practice:accesses", "practice:new_access"):
            assert client.get(reverse(name)).status_code == 403
        give_member(cast.albers, "jonas", terms(cast.albers, "miriam"))
        page = client_of(cast, "practitioner").get(reverse("practice:new_access")).content.decode()
        assert str(cast.albers.members["miriam"].pk) not in page.split("<table")[1]

    @pytest.mark.parametrize("name", ["access", "access_revocation", "access_sending"])
    def test_others_accesses_are_not_there(self, cast: Cast, name: str) -> None:
        """Of Miriam's calendar: not for Jonas, not for Jana, not for the other practice, not for a delegate."""
        theirs = give(cast.albers, terms(cast.albers, "miriam"), email="office@example.org")
        address = reverse(f"practice:{name}", args=[theirs.pk])
        never = reverse(f"practice:{name}", args=[new_id()])
        for person, status in (("practitioner", 404), ("secretary", 404), ("stranger", 404), ("delegate", 403)):
            client = client_of(cast, person)
            assert client.post(address).status_code == client.post(never).status_code == status, person
        assert client_of(cast, "administrator").post(address).status_code in (302, 303)


@pytest.mark.req("ACC-20")
class TestChanging:
    def test_what_somebody_else_closed_meanwhile_stays_closed(self, cast: Cast) -> None:
        house = cast.albers
        given = give(house, terms(house, "jonas", "miriam"))
        address = reverse("practice:access", args=[given.pk])
        both = [f"scheduling:{house.members[name].pk}" for name in ("jonas", "miriam")]
        with acting(house.actor("miriam")):
            change_access(house.actor("miriam"), given.pk, terms(house, "jonas"))
        form = {"shown": both, "opens": [*both, f"finance:{house.members['jonas'].pk}"], "initial-ends_on": ""}
        assert signed_in(cast, "administrator").post(address, form).status_code == 303
        assert opened(house) == {("scheduling", "Jonas Petersen"), ("finance", "Jonas Petersen")}

    def test_a_practitioner_changes_their_part_alone_and_not_the_end(self, cast: Cast) -> None:
        house, jonas = cast.albers, cast.albers.actor("jonas")
        given = give(house, terms(house, "jonas", "miriam"))
        later = timezone.now().date() + timedelta(days=400)
        with acting(jonas):
            change_access(jonas, given.pk, Terms(terms(house, "jonas", areas=[Area.FINANCE]).pairs, later))
        assert opened(house) == {("finance", "Jonas Petersen"), ("scheduling", "Miriam Albers")}
        assert access_of(house).ends_on is None
        with acting(jonas):
            revoke_access(jonas, given.pk)
        assert opened(house) == {("scheduling", "Miriam Albers")}
        assert access_of(house).revoked_at is None

    def test_what_is_revoked_is_never_changed_again(self, cast: Cast) -> None:
        house, miriam = cast.albers, cast.albers.actor("miriam")
        given = give(house, terms(house, "jonas"))
        with acting(miriam):
            revoke_access(miriam, given.pk)
        changes = {"revoked_at": None, "revoked_by": ""}, {"ends_on": timezone.now().date()}, {"user": kern()}
        for change in changes:
            with acting(miriam), pytest.raises(IntegrityError, match="access is over"), transaction.atomic():
                AccessGrant.objects.filter(pk=given.pk).update(**change)
        pair = GrantedArea(practice=house.practice, grant=given, area="finance", member=house.members["jonas"])
        with acting(miriam), pytest.raises(IntegrityError, match="access is over"), transaction.atomic():
            pair.save(force_insert=True)
        with acting(miriam), pytest.raises(NotFound):
            change_access(miriam, given.pk, terms(house, "jonas"))

    def test_an_area_of_another_practices_member_is_refused_by_the_database(self, cast: Cast) -> None:
        given = give(cast.albers, terms(cast.albers, "jonas"))
        theirs = GrantedArea(
            practice=cast.albers.practice, grant=given, area="scheduling", member=cast.brandt.members["berta"]
        )
        with acting(cast.albers.system), pytest.raises(IntegrityError), transaction.atomic():
            theirs.save(force_insert=True)


@pytest.mark.req("ACC-20", "ACC-8")
class TestEnding:
    def test_revoked_the_next_request_is_refused(self, cast: Cast) -> None:
        client, miriam = outside(cast), cast.albers.actor("miriam")
        assert client.get(BOOK).status_code == 200
        with acting(miriam):
            revoke_access(miriam, access_of(cast.albers).pk)
        answer = client.get(BOOK, headers={"Accept-Language": "en"})
        assert answer.status_code == 403
        assert "You belong to no practice at present." in answer.content.decode()
        assert f'href="{reverse("practices")}"' in answer.content.decode()

    @pytest.mark.parametrize(("days", "status"), [(-1, 403), (0, 200), (1, 200)])
    def test_its_last_day_counts_on_the_practices_clock(self, cast: Cast, days: int, status: int) -> None:
        client, house = outside(cast), cast.albers
        with acting(house.system):
            Practice.objects.filter(pk=house.practice.pk).update(zone_name="Pacific/Kiritimati")
            today = timezone.now().astimezone(Practice.objects.get(pk=house.practice.pk).zone).date()
            AccessGrant.objects.update(ends_on=today + timedelta(days=days))
        assert client.get(BOOK).status_code == status

    def test_a_delegate_gives_it_up(self, cast: Cast) -> None:
        client = outside(cast)
        assert client.post(reverse("own_access")).status_code == 303
        assert client.get(BOOK).status_code == 403
        assert access_of(cast.albers).revoked_by.startswith("delegate:")

    def test_who_leaves_takes_no_access_along(self, cast: Cast) -> None:
        """Neither what was opened to them as a member, nor what is opened of them."""
        house, miriam = cast.albers, cast.albers.actor("miriam")
        give_member(house, "jana", terms(house, "jonas"))
        client = client_of(cast, "secretary")
        with acting(miriam):
            end_membership(miriam, house.members["jana"].pk)
        assert client.get(BOOK).status_code == 403
        client = outside(cast)
        with acting(house.system):
            Member.objects.filter(pk=house.members["jonas"].pk).update(left_at=timezone.now())
        assert client.get(BOOK).status_code == 403

    def test_who_is_suspended_comes_in_by_no_access_and_lets_nobody_in(self, cast: Cast) -> None:
        house, miriam = cast.albers, cast.albers.actor("miriam")
        client = Client()
        client.force_login(accept(house, give(house, terms(house, "jonas"), by="jonas")))
        give_member(house, "jonas", terms(house, "miriam"))
        own = client_of(cast, "practitioner")
        with acting(miriam):
            suspend_member(miriam, house.members["jonas"].pk)
        assert (own.get(BOOK).status_code, client.get(BOOK).status_code) == (403, 403)

    def test_a_second_factor_may_be_wanted_of_delegates(self, cast: Cast) -> None:
        client = outside(cast)
        with acting(cast.albers.system):
            require_second_factor(cast.albers.system, ["delegate"])
        answer = client.get(BOOK)
        assert answer.status_code == 302
        assert reverse("mfa_index") in answer["Location"]
        assert client_of(cast, "secretary").get(BOOK).status_code == 200

    def test_a_link_is_good_once_and_not_after_revoking(self, cast: Cast) -> None:
        house, miriam = cast.albers, cast.albers.actor("miriam")
        given = give(house, terms(house, "jonas"))
        with acting(miriam):
            revoke_access(miriam, given.pk)
        with pytest.raises(NotFound):
            accept(house, given)

    def test_members_keep_what_their_role_opens(self, cast: Cast) -> None:
        house, miriam = cast.albers, cast.albers.actor("miriam")
        given = give_member(house, "jonas", terms(house, "miriam"))
        before = actor_of(User.objects.get(pk=house.user("jonas").pk))
        with acting(miriam):
            revoke_access(miriam, given.pk)
        after = actor_of(User.objects.get(pk=house.user("jonas").pk))
        assert before is not None
        assert before.granted
        assert after == house.actor("jonas")


@pytest.mark.req("ACC-10", "ACC-24")
def test_who_works_in_two_practices_chooses_and_sees_one(cast: Cast) -> None:
    """Berta of Brandt has an access to Albers beside her own practice."""
    client = Client()
    berta = cast.brandt.user("berta")
    client.force_login(berta)
    accept(cast.albers, give(cast.albers, terms(cast.albers, "jonas"), email=berta.email), berta)
    page = client.get(reverse("practices")).content.decode()
    assert "Praxis Albers" in page
    assert "Praxis Brandt" in page
    client.post(reverse("practices"), {"practice": str(cast.albers.practice.id)})
    page = client.get(BOOK).content.decode()
    assert "Jonas Petersen" in page
    assert "Sekretariat Kern" in page, "as they were called when it was given"
    assert str(cast.brandt.calendars["berta"].pk) not in page
    client.post(reverse("practices"), {"practice": str(cast.brandt.practice.id)})
    assert str(cast.albers.calendars["jonas"].pk) not in client.get(BOOK).content.decode()


@pytest.mark.own_database
@pytest.mark.req("ACC-20", "ACC-10")
def test_of_two_who_accept_one_link_at_once_one_has_the_access(cast: Cast, own_database: Databases) -> None:
    house = cast.albers
    given = give(house, terms(house, "jonas"))
    user = kern(given.email)

    def come() -> bool:
        try:
            accept(house, given, user)
        except NotFound:
            return False
        return True

    assert sorted(map(str, together(come, come))) == ["False", "True"]
    assert access_of(house).user_id == user.pk


@pytest.mark.own_database
@pytest.mark.req("ACC-20")
def test_who_changes_waits_for_who_revokes(cast: Cast, own_database: Databases) -> None:
    """Nothing is opened on an access that is revoked meanwhile."""
    house, miriam = cast.albers, cast.albers.actor("miriam")
    one = delegate(house, terms(house, "jonas"))

    def work(number: int) -> None:
        with acting(miriam):
            try:
                if number:
                    revoke_access(miriam, one.identity)
                else:
                    change_access(miriam, one.identity, terms(house, "jonas", "miriam", areas=Area))
            except NotFound:
                pass

    together(lambda: work(0), lambda: work(1))
    assert access_of(house).revoked_at is not None
    user = User.objects.get(email="kern@example.org", is_active=True)
    assert user.check_password(PASSWORD)
    assert actor_of(user) is None
