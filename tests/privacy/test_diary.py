"""The diary of an access: everything that was done and looked up by it, when, what, for whom (ACC-23)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sprechzeit.accounts.models import User
from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import NewPatient, add_patient, share_patients
from sprechzeit.practice.actions.grants import revoke_access
from sprechzeit.practice.models import AccessGrant
from tests.support.cast import Cast, book, monday
from tests.support.delegates import accept, give, give_member, kern, terms

pytestmark = pytest.mark.req("ACC-23")


def signed_in_as(user: User) -> Client:
    """A browser of theirs."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def user(cast: Cast) -> User:
    return kern()


@pytest.fixture
def access(cast: Cast, user: User) -> AccessGrant:
    """To the calendars of both practitioners."""
    given = give(cast.albers, terms(cast.albers, "jonas", "miriam"))
    accept(cast.albers, given, user)
    return given


def diary(cast: Cast, access: AccessGrant, name: str = "miriam", query: str = "") -> str:
    """The page as one of the people sees it."""
    client = signed_in_as(cast.albers.user(name))
    answer = client.get(f"/settings/access/{access.pk}/diary/{query}", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def lines(page: str) -> list[tuple[str, str, str]]:
    """Deed, what and for whom, newest first."""
    rows = re.findall(r"<tr>\s*<td class=\"num\".*?</tr>", page, re.S)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in rows]
    return [tuple(re.sub(r"<[^>]*>|\s+", " ", one).strip() for one in row[1:]) for row in cells]  # type: ignore[misc]


def work(cast: Cast, user: User) -> None:
    """Kern looks somebody up, opens their appointment, moves it, and cancels another one."""
    mine = book(cast.albers, "09:00", who="jonas", last_name="Sonne", first_name="Sina", email="s@example.org")
    other = book(cast.albers, "10:00", who="miriam", last_name="Mond", first_name="Mia", email="m@example.org")
    client = signed_in_as(user)
    assert client.get(reverse("scheduling:patients"), {"q": "Son"}, headers={"HX-Request": "true"}).status_code == 200
    assert client.get(f"/appointments/{mine.id}/", headers={"HX-Request": "true"}).status_code == 200
    place = {"start": f"{monday()}T14:00", "end": f"{monday()}T14:50", "calendar": str(mine.calendar_id)}
    assert client.post(f"/appointments/{mine.id}/place/", place).status_code == 303
    assert client.post(f"/appointments/{other.id}/cancellation/", {"reason": "krank"}).status_code == 303


def test_it_says_what_was_done_and_looked_up_and_for_whom(cast: Cast, user: User, access: AccessGrant) -> None:
    work(cast, user)
    found = lines(diary(cast, access))
    assert [deed for deed, _, _ in found] == ["cancelled", "moved", "viewed", "looked up"]
    cancelled, moved, viewed, looked_up = found
    assert "Mond, Mia" in cancelled[1] and "krank" in cancelled[1] and cancelled[2] == "Miriam Albers"
    assert "Sonne, Sina" in moved[1] and "09:00" in moved[1] and "14:00" in moved[1] and moved[2] == "Jonas Petersen"
    assert "Sonne, Sina" in viewed[1]
    assert "Sonne, Sina" in looked_up[1] and "Mond" not in looked_up[1]


def test_a_practitioner_reads_what_concerns_them_alone(cast: Cast, user: User, access: AccessGrant) -> None:
    work(cast, user)
    page = diary(cast, access, "jonas")
    assert "Sonne, Sina" in page and "Mond" not in page and "krank" not in page
    assert len(lines(page)) == 3


def test_who_closes_their_part_finds_and_reads_what_was_done_until_then(
    cast: Cast, user: User, access: AccessGrant
) -> None:
    work(cast, user)
    jonas = cast.albers.actor("jonas")
    with acting(jonas):
        revoke_access(jonas, access.pk)
    here = signed_in_as(cast.albers.user("jonas")).get("/settings/access/", headers={"Accept-Language": "en"})
    listed = here.content.decode()
    assert "your part is closed" in listed and f"/settings/access/{access.pk}/diary/" in listed
    page = diary(cast, access, "jonas")
    assert "Sonne, Sina" in page and "Mond" not in page
    assert "Mond, Mia" in diary(cast, access), "an administrator reads all of it as before"


def test_what_was_revoked_is_found_on_the_page_of_accesses(cast: Cast, user: User, access: AccessGrant) -> None:
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        revoke_access(miriam, access.pk)
    for name in ("miriam", "jonas"):
        page = signed_in_as(cast.albers.user(name)).get("/settings/access/").content.decode()
        assert f"/settings/access/{access.pk}/diary/" in page


def test_nobody_else_reads_it_and_it_is_not_told_apart_from_one_that_never_was(
    cast: Cast, user: User, access: AccessGrant
) -> None:
    only_miriam = give(cast.albers, terms(cast.albers, "miriam"), email="b@example.org")
    unknown = signed_in_as(cast.albers.user("jonas")).get(f"/settings/access/{new_id()}/diary/")
    for one, key in (
        (cast.albers.user("jana"), access),
        (cast.brandt.user("berta"), access),
        (cast.albers.user("jonas"), only_miriam),
    ):
        refused = signed_in_as(one).get(f"/settings/access/{key.pk}/diary/")
        assert (refused.status_code, refused.content) == (404, unknown.content)
    # Nor who has the access: the page is for the practice's people.
    assert signed_in_as(user).get(f"/settings/access/{access.pk}/diary/").status_code in (403, 404)
    assert Client().get(f"/settings/access/{access.pk}/diary/").status_code == 302


def test_reading_it_is_in_the_log(cast: Cast, user: User, access: AccessGrant) -> None:
    work(cast, user)
    diary(cast, access)
    with acting(cast.albers.system):
        member = cast.albers.members["miriam"]
        assert (
            Entry.objects.filter(actor=f"member:{member.pk}", table_name="audit_entry", operation="list").count() == 1
        )


def test_it_is_narrowed_by_day_and_deed(cast: Cast, user: User, access: AccessGrant) -> None:
    work(cast, user)
    today = timezone.localdate()
    assert len(lines(diary(cast, access, query=f"?day={today}"))) == 4
    assert lines(diary(cast, access, query=f"?day={today - timedelta(days=1)}")) == []
    assert len(lines(diary(cast, access, query="?deed=moved"))) == 1
    client = signed_in_as(cast.albers.user("miriam"))
    for wrong in ("?day=never", "?deed=stolen"):
        assert client.get(f"/settings/access/{access.pk}/diary/{wrong}").status_code == 422
    assert client.get(f"/settings/access/{access.pk}/diary/?before=x").status_code == 404


def test_it_goes_on_page_by_page(cast: Cast, user: User, access: AccessGrant) -> None:
    client = signed_in_as(user)
    for number in range(53):
        client.get(reverse("scheduling:patients"), {"q": f"Niemand{number}"}, headers={"HX-Request": "true"})
    page = diary(cast, access)
    assert len(lines(page)) == 50
    older = re.search(r'href="(\?before=[0-9-]+)"', page)
    assert older
    assert len(lines(diary(cast, access, query=older[1]))) == 3


def test_of_a_member_it_holds_what_they_did_by_the_access(cast: Cast) -> None:
    """Jonas may book for Miriam; what he does in his own calendar is his own."""
    access = give_member(cast.albers, "jonas", terms(cast.albers, "miriam"))
    own = book(cast.albers, "09:00", who="jonas", last_name="Sonne", first_name="Sina", email="s@example.org")
    hers = book(cast.albers, "10:00", who="miriam", last_name="Mond", first_name="Mia", email="m@example.org")
    client = signed_in_as(cast.albers.user("jonas"))
    for one in (own, hers):
        assert client.post(f"/appointments/{one.id}/remark/", {"remark": "nüchtern"}).status_code == 303
    found = lines(diary(cast, access))
    assert len(found) == 1 and "Mond, Mia" in found[0][1]


def test_it_stays_when_the_access_is_over(cast: Cast, user: User, access: AccessGrant) -> None:
    work(cast, user)
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        revoke_access(miriam, access.pk)
    assert len(lines(diary(cast, access))) == 4
    assert len(lines(diary(cast, access, "jonas"))) == 3


def test_of_a_member_it_holds_patients_who_were_shared_with_whom_it_opens(cast: Cast) -> None:
    """Sina is nobody's and shared with Miriam: that Jonas looks her up is by the access. Mia is his own patient."""
    access, jana = give_member(cast.albers, "jonas", terms(cast.albers, "miriam")), cast.albers.actor("jana")
    with acting(jana):
        shared = add_patient(jana, NewPatient("Sina", "Sonne"), belongs_to=None)
        add_patient(jana, NewPatient("Mia", "Mond"), belongs_to=cast.albers.members["jonas"].pk)
        share_patients(jana, [shared.pk], [cast.albers.members["miriam"].pk])
    client = signed_in_as(cast.albers.user("jonas"))
    for asked in ("Son", "Mon"):
        client.get(reverse("scheduling:patients"), {"q": asked}, headers={"HX-Request": "true"})
    found = lines(diary(cast, access))
    assert len(found) == 1 and "Sonne, Sina" in found[0][1]


@pytest.mark.parametrize(("days", "most"), [(0, 1), (-1, 0)])
def test_of_a_member_it_ends_with_the_last_day_of_the_access(cast: Cast, days: int, most: int) -> None:
    """What they do later is done by their role; the last day itself belongs to it, on the practice's clock."""
    access = give_member(cast.albers, "jonas", terms(cast.albers, "miriam"))
    hers = book(cast.albers, "10:00", who="miriam", last_name="Mond", first_name="Mia", email="m@example.org")
    client = signed_in_as(cast.albers.user("jonas"))
    assert client.post(f"/appointments/{hers.id}/remark/", {"remark": "nüchtern"}).status_code == 303
    assert len(lines(diary(cast, access))) == 1
    with acting(cast.albers.system):
        today = timezone.now().astimezone(cast.albers.practice.zone).date()
        AccessGrant.objects.filter(pk=access.pk).update(ends_on=today + timedelta(days=days))
    assert len(lines(diary(cast, access))) == most
