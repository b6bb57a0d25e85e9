"""Accesses when people change: who becomes a secretary, is suspended or leaves (ACC-8, ACC-20)."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from sprechzeit.access.table import Area
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotFound
from sprechzeit.practice.actions.grants import Terms, change_access, give_access_inside
from sprechzeit.practice.actions.team import change_member, end_membership, suspend_member
from sprechzeit.practice.models import AccessGrant, GrantedArea, Invitation, Member
from tests.support.cast import Cast, House
from tests.support.databases import Databases
from tests.support.delegates import accept, delegate, give, outside, terms
from tests.support.routes import signed_in
from tests.support.together import until_somebody_waits

BOOK = reverse("scheduling:book")


MAIL = "%(email)s gets a mail that says so. The access does not come back; you can give another one."
REVOKED = "Revoked. It opens nothing any more."


def said(text: str, **facts: str) -> str:
    """As the cast's practices read it."""
    with translation.override("de"):
        return gettext(text) % facts


def become(house: House, name: str, how: str) -> None:
    """A member becomes a secretary, or has left."""
    changes = {"role": "secretary"} if how == "secretary" else {"left_at": timezone.now()}
    with acting(house.system):
        Member.objects.filter(pk=house.members[name].pk).update(**changes)


def access_now(house: House, access: AccessGrant) -> AccessGrant:
    """As it stands in the database."""
    with acting(house.system):
        return AccessGrant.objects.get(pk=access.pk)


def opened(house: House, access: AccessGrant) -> set[tuple[str, str]]:
    """What it has areas of."""
    with acting(house.system):
        return set(GrantedArea.objects.filter(grant=access).values_list("area", "member__name"))


@pytest.mark.req("ACC-20", "ACC-8")
@pytest.mark.parametrize("how", ["secretary", "left"])
class TestOfWhoTreatsNobodyAnyMore:
    def test_an_administrator_revokes_the_whole_access(self, cast: Cast, how: str) -> None:
        house = cast.albers
        given = give(house, terms(house, "jonas", "miriam"))
        accept(house, given)
        become(house, "jonas", how)
        address = reverse("practice:access_revocation", args=[given.pk])
        client = signed_in(cast, "administrator")
        assert said(MAIL, email=given.email) in client.get(address).content.decode()
        assert client.post(address).status_code == 303
        assert access_now(house, given).revoked_at is not None

    def test_an_administrator_changes_its_end_and_closes_what_is_left(self, cast: Cast, how: str) -> None:
        house, miriam = cast.albers, cast.albers.actor("miriam")
        given = give(house, terms(house, "jonas", "miriam"))
        become(house, "jonas", how)
        later = timezone.now().date() + timedelta(days=40)
        with acting(miriam):
            change_access(miriam, given.pk, Terms(terms(house, "miriam").pairs, later))
        assert access_now(house, given).ends_on == later
        assert opened(house, given) == {("scheduling", "Miriam Albers")}

    def test_their_area_opens_nothing(self, cast: Cast, how: str) -> None:
        client = outside(cast, "jonas", areas=[Area.SCHEDULING])
        assert client.get(BOOK).status_code == 200
        become(cast.albers, "jonas", how)
        assert client.get(BOOK).status_code == 403


@pytest.mark.req("ACC-20")
class TestClosingAPart:
    def test_it_promises_no_mail(self, cast: Cast) -> None:
        house = cast.albers
        one = delegate(house, terms(house, "jonas", "miriam"))
        address = reverse("practice:access_revocation", args=[one.identity])
        client = signed_in(cast, "practitioner")
        page = client.get(address).content.decode()
        assert said(MAIL, email="kern@example.org") not in page
        assert said("Nobody gets a mail about it. You can open your part again later.") in page
        after = client.post(address, follow=True).content.decode()
        assert said("Your part is closed.") in after
        assert said(REVOKED) not in after

    def test_an_administrator_has_no_part_but_the_whole(self, cast: Cast) -> None:
        house = cast.albers
        one = delegate(house, terms(house, "jonas", "miriam"))
        address = reverse("practice:access_revocation", args=[one.identity])
        after = signed_in(cast, "administrator").post(address, follow=True).content.decode()
        assert said(REVOKED) in after

    def test_who_has_not_come_gets_no_mail(self, cast: Cast) -> None:
        given = give(cast.albers, terms(cast.albers, "jonas"))
        page = signed_in(cast, "administrator").get(reverse("practice:access_revocation", args=[given.pk]))
        text = page.content.decode()
        assert said(MAIL, email=given.email) not in text
        link = "The link that %(email)s was sent opens nothing any more."
        link += " The access does not come back; you can give another one."
        assert said(link, email=given.email) in text


@pytest.mark.req("ACC-20", "ACC-8")
class TestWhoGaveItGoes:
    """Miriam gave Kern an access to Jonas; Jana, an administrator by now, suspends or removes her."""

    @pytest.mark.parametrize("how", ["suspended", "left"])
    @pytest.mark.parametrize("revokes", [True, False])
    def test_whether_what_they_gave_goes_on_is_asked(self, cast: Cast, how: str, revokes: bool) -> None:
        house = cast.albers
        given = give(house, terms(house, "jonas"))
        accept(house, given)
        with acting(house.system):
            change_member(house.system, house.members["jana"].pk, {"role": "administrator"})
        jana = signed_in(cast, "secretary")
        miriam = house.members["miriam"].pk
        asked = reverse("practice:member", args=[miriam])
        sent = {"suspended": "yes"}
        address = reverse("practice:suspension", args=[miriam])
        if how == "left":
            asked = address = reverse("scheduling_settings:departure", args=[miriam])
            sent = {"successor": str(house.members["jonas"].pk)}
        page = jana.get(asked).content.decode()
        assert 'name="accesses" value="revoke" checked' in page and given.name in page
        assert jana.post(address, sent | ({"accesses": "revoke"} if revokes else {})).status_code == 303
        assert (access_now(house, given).revoked_at is not None) == revokes


@pytest.mark.req("ACC-20", "ACC-8")
class TestAnInvitationWithdrawnWithItsGiver:
    @pytest.mark.parametrize("how", ["suspended", "left", "secretary"])
    def test_its_access_is_over_and_can_be_given_anew(self, cast: Cast, how: str) -> None:
        house, miriam = cast.albers, cast.albers.actor("miriam")
        given = give(house, terms(house, "jonas"), by="jonas")
        jonas = house.members["jonas"].pk
        with acting(miriam):
            if how == "suspended":
                suspend_member(miriam, jonas)
            elif how == "left":
                end_membership(miriam, jonas)
            else:
                change_member(miriam, jonas, {"role": "secretary"})
        over = access_now(house, given)
        assert over.revoked_at is not None
        assert over.revoked_by == miriam.name
        with pytest.raises(NotFound):
            accept(house, given)
        anew = give(house, terms(house, "miriam"), by="miriam")
        accept(house, anew)
        assert access_now(house, anew).accepted_at is not None

    def test_what_was_accepted_and_what_others_gave_stands(self, cast: Cast) -> None:
        house, miriam = cast.albers, cast.albers.actor("miriam")
        accepted = give(house, terms(house, "jonas", "miriam"))
        accept(house, accepted)
        waiting = give(house, terms(house, "miriam"), by="miriam", email="office@example.org")
        with acting(miriam):
            suspend_member(miriam, house.members["jonas"].pk)
        assert access_now(house, accepted).revoked_at is None
        assert access_now(house, waiting).revoked_at is None
        with acting(house.system):
            assert Invitation.objects.filter(accesses=waiting, withdrawn_at=None).exists()


@pytest.mark.req("ACC-20", "ACC-8")
@pytest.mark.parametrize("name", ["practice:member", "scheduling_settings:departure"])
def test_what_a_suspended_administrator_gave_of_others_is_said(cast: Cast, name: str) -> None:
    """It stands; what opens their own data alone does not, and neither does what nobody has accepted."""
    house, miriam = cast.albers, cast.albers.members["miriam"].pk
    accept(house, give(house, terms(house, "jonas"), by="miriam"))
    accept(house, give(house, terms(house, "miriam"), by="miriam", email="own@example.org"))
    give(house, terms(house, "jonas"), by="miriam", email="waits@example.org")
    with acting(house.system):
        AccessGrant.objects.filter(email="kern@example.org").update(purpose="Telefondienst")
        AccessGrant.objects.filter(email="own@example.org").update(purpose="Urlaub")
        AccessGrant.objects.filter(email="waits@example.org").update(purpose="Buchhaltung")
        Member.objects.filter(pk=house.members["jonas"].pk).update(role="administrator")
        suspend_member(house.system, miriam)
    page = signed_in(cast, "practitioner").get(reverse(name, args=[miriam])).content.decode()
    assert "Telefondienst" in page
    assert "Urlaub" not in page
    assert "Buchhaltung" not in page


@pytest.mark.own_database
@pytest.mark.req("ACC-20", "ACC-8")
def test_who_leaves_meanwhile_is_given_nothing(cast: Cast, own_database: Databases) -> None:
    house, miriam = cast.albers, cast.albers.actor("miriam")
    jana = house.members["jana"].pk
    result: list[object] = []

    def give_it() -> None:
        try:
            with acting(miriam):
                result.append(give_access_inside(miriam, jana, terms(house, "jonas")))
        except Exception as error:
            result.append(error)
        finally:
            connections.close_all()

    giving = Thread(target=give_it, daemon=True)
    with acting(miriam):
        end_membership(miriam, jana)
        giving.start()
        until_somebody_waits(own_database)
    giving.join(20)
    assert [type(one) for one in result] == [NotFound]
    with acting(house.system):
        assert not AccessGrant.objects.filter(revoked_at=None).exists()
