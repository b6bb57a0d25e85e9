"""Who works in a practice: inviting, roles, suspending, leaving (ACC-2, ACC-8, ACC-12)."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.access.table import Role
from sprechzeit.accounts.models import User
from sprechzeit.core.acting import acting, run_as
from sprechzeit.patients.policy import visible_patients
from sprechzeit.practice.actions.invitation import invitation_token, invite_member
from sprechzeit.practice.actions.team import change_member, suspend_member
from sprechzeit.practice.errors import LastAdministrator
from sprechzeit.practice.jobs import send_invitation
from sprechzeit.practice.models import Invitation, Member
from sprechzeit.scheduling.actions.departure import let_leave
from sprechzeit.scheduling.errors import NotHandedOver
from sprechzeit.scheduling.policy import visible_appointments, visible_calendars
from tests.support.cast import PASSWORD, Cast, House, book
from tests.support.mailbox import Mailbox
from tests.support.routes import signed_in
from tests.support.together import together

NEW = {"name": "Nora Neu", "password": "vier Worte sind genug"}


def invite(house: House, email: str = "nora@example.org", role: str = Role.PRACTITIONER) -> Invitation:
    actor = house.actor(next(iter(house.members)))
    with acting(actor):
        return invite_member(actor, email, role)


def link(invitation: Invitation) -> str:
    return reverse("joining", args=[invitation_token(invitation.sending)])


def member(house: House, email: str) -> Member | None:
    with acting(house.system):
        return Member.objects.select_related("user").filter(user__email=email, left_at=None).first()


@pytest.mark.req("ACC-8")
class TestInvitation:
    def test_by_the_page_it_is_mailed_and_opens_the_practice(self, cast: Cast, settings: Any, mailbox: Mailbox) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", mailbox.port, False
        form = {"email": "Nora@Example.org", "role": "secretary"}
        answer = signed_in(cast, "administrator").post(reverse("practice:new_invitation"), form)
        assert answer.status_code == 303
        (job,) = ProcrastinateJob.objects.filter(task_name="practice.send_invitation")
        send_invitation.work(0, **job.args)
        (mail,) = mailbox.wait(1)
        assert mail["To"] == "nora@example.org"
        body = mail.get_body(("plain",))
        assert body is not None
        (path,) = re.findall(r"/join/\S+", body.get_content())
        client = Client()
        assert "Praxis Albers" in client.get(path).content.decode()
        assert client.post(path, NEW).status_code == 303
        assert client.get("/").status_code == 200
        found = member(cast.albers, "nora@example.org")
        assert found is not None
        assert (found.role, found.name, found.initials, found.account_number) == ("secretary", "Nora Neu", "NN", 104)
        assert found.user.check_password(NEW["password"])

    def test_it_is_good_once(self, cast: Cast) -> None:
        path = link(invite(cast.albers))
        assert Client().post(path, NEW).status_code == 303
        assert Client().get(path).status_code == Client().post(path, NEW | {"name": "Zweite"}).status_code == 404

    def test_who_has_an_account_joins_with_it(self, cast: Cast) -> None:
        """Berta of the other practice: she signs in first, and has both then."""
        path = link(invite(cast.albers, "berta@brandt.example.org"))
        page = Client().get(path).content.decode()
        assert 'name="password"' not in page
        assert reverse("account_login") in page
        client = signed_in(cast, "stranger")
        assert client.post(path).status_code == 303
        assert "Praxis Albers" in client.get("/").content.decode()
        assert member(cast.brandt, "berta@brandt.example.org")

    def test_another_account_does_not_join_with_it(self, cast: Cast) -> None:
        """A link that was passed on, or lies open at a shared desk."""
        path, client = link(invite(cast.albers)), signed_in(cast, "stranger")
        page = client.get(path).content.decode()
        assert "nora@example.org" in page
        assert "berta@brandt.example.org" in page
        assert f'action="{path}"' not in page, "nothing to accept"
        assert client.post(path).status_code == 403
        assert member(cast.albers, "berta@brandt.example.org") is None
        client.post(reverse("account_logout"), {"next": path})
        assert client.post(path, NEW).status_code == 303, "and it is still good for whom it was sent to"
        assert member(cast.albers, "nora@example.org") is not None

    def test_an_account_is_not_taken_over_by_a_new_password(self, cast: Cast) -> None:
        path = link(invite(cast.albers, "berta@brandt.example.org"))
        Client().post(path, NEW)
        assert User.objects.get(email="berta@brandt.example.org").check_password(PASSWORD)
        assert member(cast.albers, "berta@brandt.example.org") is None

    @pytest.mark.parametrize("how", ["expired", "withdrawn", "sent again", "never was"])
    def test_what_is_no_longer_good_looks_like_what_never_was(self, cast: Cast, how: str) -> None:
        invitation = invite(cast.albers)
        path = link(invitation)
        administrator = signed_in(cast, "administrator")
        if how == "expired":
            with acting(cast.albers.system):
                Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        elif how == "withdrawn":
            administrator.post(reverse("practice:invitation_withdrawal", args=[invitation.pk]))
        elif how == "sent again":
            administrator.post(reverse("practice:invitation_sending", args=[invitation.pk]))
        else:
            path = reverse("joining", args=["x" * 43])
        answer, other = Client().get(path), Client().get(reverse("joining", args=["y" * 43]))
        assert answer.status_code == other.status_code == 404
        words = [re.sub(r"/join/[\w-]+", "", one.content.decode()) for one in (answer, other)]
        assert words[0] == words[1]
        assert Client().post(path, NEW).status_code == 404
        assert not User.objects.filter(email="nora@example.org").exists()

    def test_whether_an_address_has_an_account_is_not_told_to_the_practice(self, cast: Cast) -> None:
        client, address = signed_in(cast, "administrator"), reverse("practice:new_invitation")
        known = client.post(address, {"email": "berta@brandt.example.org", "role": "practitioner"})
        unknown = client.post(address, {"email": "nobody@brandt.example.org", "role": "practitioner"})
        assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])

    def test_nobody_is_invited_twice_or_when_they_are_there(self, cast: Cast) -> None:
        client, address = signed_in(cast, "administrator"), reverse("practice:new_invitation")
        invite(cast.albers)
        for email in ("NORA@example.org", "jana@albers.example.org"):
            answer = client.post(address, {"email": email, "role": "practitioner"})
            assert answer.status_code == 422
            assert email in answer.content.decode()

    @pytest.mark.parametrize("person", ["practitioner", "secretary", "stranger"])
    def test_who_is_invited_is_nobodys_business_but_an_administrators(self, cast: Cast, person: str) -> None:
        invitation, client = invite(cast.albers), signed_in(cast, person)
        for name in ("invitation_sending", "invitation_withdrawal"):
            assert client.post(reverse(f"practice:{name}", args=[invitation.pk])).status_code == 404
        assert invitation.email not in client.get(reverse("practice:team")).content.decode()

    def test_two_who_have_the_link_do_not_both_come(self, cast: Cast) -> None:
        path = link(invite(cast.albers, "berta@brandt.example.org"))
        first, second = signed_in(cast, "stranger"), Client()
        second.force_login(User.objects.create_user("other@example.org", name="O"))
        assert [first.post(path).status_code, second.post(path).status_code] == [303, 404]


@pytest.mark.req("ACC-2", "ACC-7")
class TestRoles:
    def test_an_administrator_changes_one(self, cast: Cast) -> None:
        jonas = cast.albers.members["jonas"]
        client, address = signed_in(cast, "administrator"), reverse("practice:member", args=[jonas.pk])
        form = {
            "name": "Jonas Petersen", "initials": "JP", "colour": "3", "role": "administrator",
            "initial-name": "Jonas Petersen", "initial-initials": "JP", "initial-colour": "1",
            "initial-role": "practitioner",
        }  # fmt: skip
        assert client.post(address, form).status_code == 303
        with acting(cast.albers.system):
            jonas.refresh_from_db()
        assert (jonas.role, jonas.colour) == ("administrator", 3)

    def test_not_without_a_fresh_sign_in(self, cast: Cast) -> None:
        jonas = cast.albers.members["jonas"]
        client, address = Client(), reverse("practice:member", args=[jonas.pk])
        client.force_login(cast.albers.user("miriam"))
        answer = client.post(address, {"name": "J", "initials": "J", "colour": "1", "role": "administrator"})
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
        answer = client.post(answer.headers["Location"], {"password": PASSWORD, "next": address})
        assert answer.status_code == 303
        with acting(cast.albers.system):
            jonas.refresh_from_db()
        assert jonas.role == "administrator"

    def test_the_last_administrator_stays_one(self, cast: Cast) -> None:
        miriam = cast.albers.actor("miriam")
        with acting(miriam):
            with pytest.raises(LastAdministrator):
                change_member(miriam, miriam.identity, {"role": "secretary"})
            with pytest.raises(LastAdministrator):
                suspend_member(miriam, miriam.identity)
            with pytest.raises(LastAdministrator):
                let_leave(miriam, miriam.identity, cast.albers.members["jana"].pk)

    @pytest.mark.parametrize("changes", [{"role": "practitioner"}, {"suspended_at": timezone.now()}])
    def test_who_is_put_out_does_not_come_back_by_an_own_invitation(self, cast: Cast, changes: dict[str, Any]) -> None:
        house = cast.albers
        with acting(house.system):
            change_member(house.system, house.members["jonas"].pk, {"role": "administrator"})
        with acting(house.actor("miriam")):
            kept = invite_member(house.actor("miriam"), "kept@example.org", Role.SECRETARY)
        jonas = replace(house.actor("jonas"), role=Role.ADMINISTRATOR)
        with acting(jonas):
            own = invite_member(jonas, "jonas.privat@example.org", Role.ADMINISTRATOR)
        with acting(house.system):
            change_member(house.system, house.members["jonas"].pk, changes)
        assert Client().get(link(own)).status_code == 404
        assert Client().get(link(kept)).status_code == 200

    @pytest.mark.own_database
    def test_two_administrators_who_demote_each_other_at_once_leave_one(self, cast: Cast) -> None:
        miriam, jonas = cast.albers.actor("miriam"), cast.albers.actor("jonas")
        with acting(miriam):
            change_member(miriam, jonas.identity, {"role": "administrator"})
        jonas = type(jonas)(jonas.kind, jonas.practices, Role.ADMINISTRATOR, jonas.id)

        def demote(actor: Any, other: UUID) -> Any:
            return lambda: run_as(actor, lambda: change_member(actor, other, {"role": "practitioner"}))

        for _ in range(5):
            results = together(demote(miriam, jonas.identity), demote(jonas, miriam.identity))
            assert sorted(type(one).__name__ for one in results) == ["LastAdministrator", "NoneType"]
            with acting(cast.albers.system):
                administrators = Member.objects.filter(practice=cast.albers.practice, role="administrator")
                assert administrators.count() == 1
                Member.objects.filter(pk__in=[miriam.identity, jonas.identity]).update(role="administrator")


@pytest.mark.req("ACC-8")
class TestSuspension:
    def test_who_is_suspended_is_out_at_once_and_may_be_taken_up_again(self, cast: Cast) -> None:
        jana = signed_in(cast, "secretary")
        assert jana.get("/").status_code == 200
        address = reverse("practice:suspension", args=[cast.albers.members["jana"].pk])
        administrator = signed_in(cast, "administrator")
        assert administrator.post(address, {"suspended": "yes"}).status_code == 303
        assert jana.get("/").status_code == 403
        assert administrator.post(address, {"suspended": "no"}).status_code == 303
        assert jana.get("/").status_code == 200


@pytest.mark.req("ACC-12")
class TestLeaving:
    def test_everything_is_handed_over(self, cast: Cast) -> None:
        """Jonas leaves; Miriam hands his patients, his calendar and what is booked in it to Jana."""
        house = cast.albers
        miriam, jonas, jana = (house.members[name] for name in ("miriam", "jonas", "jana"))
        appointment = book(house, "09:00", who="jonas")
        with acting(house.system):
            Member.objects.filter(pk=jana.pk).update(role="practitioner")
        address = reverse("scheduling_settings:departure", args=[jonas.pk])
        client = signed_in(cast, "administrator")
        assert client.post(address).status_code == 409
        assert client.post(address, {"successor": str(jana.pk)}).status_code == 303
        jana.role = "practitioner"
        now = house.actor("jana")
        with acting(now):
            assert visible_appointments(now).filter(pk=appointment.pk).exists()
            assert visible_patients(now).filter(pk=appointment.patient_id).exists()
            assert visible_calendars(now).get(member_id=jana.pk).pk == house.calendars["jonas"].pk
        assert signed_in(cast, "practitioner").get("/").status_code == 403
        assert miriam.left_at is None

    def test_nobody_leaves_records_behind_by_themselves(self, cast: Cast) -> None:
        jonas = cast.albers.actor("jonas")
        for successor in (None, cast.albers.members["miriam"].pk):
            with acting(jonas), pytest.raises(NotHandedOver):
                let_leave(jonas, jonas.identity, successor)

    def test_who_has_nothing_just_leaves(self, cast: Cast) -> None:
        client = signed_in(cast, "secretary")
        own = cast.albers.members["jana"].pk
        assert client.post(reverse("scheduling_settings:departure", args=[own])).status_code == 303
        assert client.get("/").status_code == 403
        assert client.get(reverse("practices")).status_code == 200


@pytest.mark.req("ACC-10")
def test_somebody_of_two_practices_sees_the_chosen_one(cast: Cast) -> None:
    client = signed_in(cast, "stranger")
    client.post(link(invite(cast.albers, "berta@brandt.example.org")))
    for chosen, other in ((cast.brandt, cast.albers), (cast.albers, cast.brandt)):
        assert client.post(reverse("practices"), {"practice": str(chosen.practice.pk)}).status_code == 303
        page = client.get(reverse("practice:facts")).content.decode()
        assert f'value="{chosen.practice.name}"' in page
        assert f'value="{other.practice.name}"' not in page
        assert "practice-menu" in page
    assert signed_in(cast, "secretary").post(
        reverse("practices"), {"practice": str(cast.brandt.practice.pk)}
    ).status_code == 404  # fmt: skip


@pytest.mark.req("ACC-10")
def test_a_page_of_the_former_practice_writes_nothing_into_the_chosen_one(cast: Cast) -> None:
    """Two tabs: what stands open in one was made for another practice."""
    client = signed_in(cast, "stranger")
    client.post(link(invite(cast.albers, "berta@brandt.example.org")))
    client.handler.enforce_csrf_checks = True

    def shown() -> str:
        page = client.get(reverse("practices")).content.decode()
        return str(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0])

    def choose(house: House, token: str) -> int:
        sent = {"practice": str(house.practice.pk), "csrfmiddlewaretoken": token}
        return int(client.post(reverse("practices"), sent).status_code)

    former = shown()
    assert choose(cast.brandt, former) == 303
    assert choose(cast.albers, former) == 403
    assert choose(cast.albers, shown()) == 303


@pytest.mark.req("ACC-10", "ACC-8")
def test_who_is_put_out_of_the_chosen_practice_chooses_anew(cast: Cast) -> None:
    """And is not, unseen, in another one."""
    client = signed_in(cast, "stranger")
    client.post(link(invite(cast.albers, "berta@brandt.example.org")))
    joined = member(cast.albers, "berta@brandt.example.org")
    assert joined is not None
    with acting(cast.albers.system):
        suspend_member(cast.albers.system, joined.pk)
    answer = client.post(reverse("practice:facts"), {"name": "Anders"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("practices"))
