"""Signing in: no hint whether an account exists, guessing is stopped, mails wait for the mail server (ACC-9)."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from psycopg import sql

from sprechzeit.accounts.jobs import send_account_mail
from sprechzeit.accounts.models import AccountMail, User
from sprechzeit.core.ids import new_id
from sprechzeit.core.jobs import WAITS_MINUTES
from tests.support.cast import PASSWORD
from tests.support.mailbox import Mailbox, free_port

pytestmark = pytest.mark.req("ACC-9")
LOGIN, RESET = "/accounts/login/", "/accounts/password/reset/"
JANA = "jana@albers.example.org"


def sign_in(email: str, password: str, client: Client | None = None, **extra: Any) -> Any:
    return (client or Client()).post(LOGIN, {"login": email, "password": password}, **extra)


def words(answer: Any) -> str:
    """What a person reads, without what differs from page to page: the token, and what they typed."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return re.sub(r'value="[^"]*@[^"]*"', "", page)


@pytest.mark.usefixtures("cast")
class TestPassword:
    def test_the_right_one_opens_the_book(self) -> None:
        client = Client()
        answer = sign_in(JANA, PASSWORD, client)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")
        assert client.get("/").status_code == 200

    def test_the_address_is_compared_without_case(self) -> None:
        assert sign_in(JANA.upper(), PASSWORD).status_code == 302

    def test_a_wrong_one_and_an_unknown_account_look_alike(self) -> None:
        wrong, unknown = sign_in(JANA, "falsches Kennwort"), sign_in("nobody@example.org", PASSWORD)
        assert wrong.status_code == unknown.status_code == 200
        assert words(wrong) == words(unknown)
        assert set(wrong.cookies) == set(unknown.cookies)

    def test_a_closed_account_does_not_open(self) -> None:
        User.objects.filter(email=JANA).update(is_active=False)
        client = Client()
        sign_in(JANA, PASSWORD, client)
        assert client.get("/").status_code == 302

    def test_a_closed_account_is_out_at_once(self) -> None:
        client = Client()
        sign_in(JANA, PASSWORD, client)
        User.objects.filter(email=JANA).update(is_active=False)
        assert client.get("/").status_code == 302

    def test_guessing_locks_even_the_right_one_out(self) -> None:
        for number in range(5):
            sign_in(JANA, f"Versuch {number}")
        client = Client()
        sign_in(JANA, PASSWORD, client)
        assert client.get("/").status_code == 302

    def test_guessing_one_account_does_not_lock_another(self) -> None:
        for number in range(5):
            sign_in(JANA, f"Versuch {number}", REMOTE_ADDR="192.0.2.1")
        assert sign_in("jonas@albers.example.org", PASSWORD, REMOTE_ADDR="192.0.2.2").status_code == 302

    def test_guessing_many_accounts_from_one_address_is_stopped(self) -> None:
        for number in range(40):
            sign_in(f"{number}@example.org", "x", REMOTE_ADDR="192.0.2.9")
        assert sign_in(JANA, PASSWORD, REMOTE_ADDR="192.0.2.9").status_code == 200
        assert sign_in(JANA, PASSWORD, REMOTE_ADDR="192.0.2.10").status_code == 302

    def test_a_page_elsewhere_is_not_gone_to(self) -> None:
        answer = Client().post(f"{LOGIN}?next=//evil.example.org/", {"login": JANA, "password": PASSWORD})
        assert answer.headers["Location"] == "/"


@pytest.mark.usefixtures("cast")
class TestSession:
    def test_its_cookie_is_for_the_server_alone_and_new_after_signing_in(self) -> None:
        client = Client()
        client.get(LOGIN)
        answer = sign_in(JANA, PASSWORD, client)
        cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert cookie["max-age"] in ("", settings.SESSION_COOKIE_AGE)
        first = cookie.value
        client.post("/accounts/logout/")
        assert sign_in(JANA, PASSWORD, client).cookies[settings.SESSION_COOKIE_NAME].value != first

    def test_signing_out_is_a_button_and_no_link(self) -> None:
        client = Client()
        sign_in(JANA, PASSWORD, client)
        assert client.get("/accounts/logout/").status_code == 200
        assert client.get("/").status_code == 200
        client.post("/accounts/logout/")
        assert client.get("/").status_code == 302

    def test_forms_of_other_sites_are_refused(self) -> None:
        client = Client(enforce_csrf_checks=True)
        assert sign_in(JANA, PASSWORD, client).status_code == 403
        client.force_login(User.objects.get(email=JANA))
        assert client.post("/accounts/logout/").status_code == 403
        assert client.post("/appointments/x/cancellation/").status_code == 403
        assert client.get("/").status_code == 200

    def test_a_changed_password_ends_the_other_sessions(self) -> None:
        here, there = Client(), Client()
        for client in (here, there):
            sign_in(JANA, PASSWORD, client)
        new = "noch ein langes Kennwort"
        answer = here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
        assert answer.status_code == 302
        assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)

    @pytest.mark.parametrize("end", ["DELETE FROM accounts_session", "UPDATE accounts_session SET expire_date = now()"])
    def test_one_that_is_ended_in_the_database_or_is_too_old_is_out_at_once(self, end: str) -> None:
        client = Client()
        sign_in(JANA, PASSWORD, client)
        assert client.get("/").status_code == 200
        with connection.cursor() as cursor:
            cursor.execute(end)
        assert client.get("/").status_code == 302


def test_over_https_cookies_never_travel_in_the_clear() -> None:
    """Computed when the settings are read, so asked of another process."""
    import os
    import subprocess
    import sys

    code = (
        "from sprechzeit.config import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE, s.SESSION_COOKIE_HTTPONLY)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "SPRECHZEIT_PUBLIC_URL": "https://praxis.example.org"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["True"] * 4


@pytest.mark.usefixtures("cast")
@pytest.mark.req("ACC-8")
def test_nobody_signs_up_by_themselves() -> None:
    before = User.objects.count()
    for send in (Client().get, Client().post):
        answer = send("/accounts/signup/", {"email": "new@example.org", "password1": PASSWORD})
        assert answer.status_code == 200
    assert User.objects.count() == before


@pytest.mark.usefixtures("cast")
class TestForgottenPassword:
    def test_known_and_unknown_are_answered_alike(self) -> None:
        known, unknown = Client().post(RESET, {"email": JANA}), Client().post(RESET, {"email": "nobody@example.org"})
        assert known.status_code == unknown.status_code == 302
        assert known.headers["Location"] == unknown.headers["Location"]

    def test_the_mail_is_a_job_and_waits_while_the_mail_server_is_away(self, settings: Any) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", free_port(), False
        assert Client().post(RESET, {"email": JANA}).status_code == 302
        mail = AccountMail.objects.get()
        (job,) = ProcrastinateJob.objects.filter(task_name="accounts.send_account_mail")
        assert job.args == {"mail_id": str(mail.pk)}
        with pytest.raises(OSError):
            send_account_mail.work(0, mail_id=str(mail.pk))
        assert AccountMail.objects.filter(pk=mail.pk).exists()
        with pytest.raises(OSError):
            send_account_mail.work(len(WAITS_MINUTES), mail_id=str(mail.pk))
        assert not AccountMail.objects.filter(pk=mail.pk).exists()

    def test_its_link_leads_to_the_installations_own_address(self, settings: Any) -> None:
        settings.PUBLIC_URL = "https://praxis.example.org"
        Client().post(RESET, {"email": JANA}, headers={"host": "localhost:666"})
        assert "https://praxis.example.org/accounts/password/reset/key/" in AccountMail.objects.get().text
        assert "localhost" not in AccountMail.objects.get().text

    def test_its_link_stands_nowhere_in_the_database(self) -> None:
        Client().post(RESET, {"email": JANA})
        mail = AccountMail.objects.get()
        (path,) = re.findall(r"/accounts/password/reset/key/\S+", mail.text)
        secret = path.rstrip("/").rpartition("/")[2].partition("-")[2]
        with connection.cursor() as cursor:
            for table in ("accounts_accountmail", "procrastinate_jobs", "accounts_session", "core_cache"):
                cursor.execute(sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(table)))
                assert not [row for (row,) in cursor.fetchall() if secret in row]
            cursor.execute("SELECT encode(text, 'escape') FROM accounts_accountmail")
            assert secret not in cursor.fetchone()[0]

    def test_the_link_sets_a_new_password_once(self, settings: Any, mailbox: Mailbox) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", mailbox.port, False
        Client().post(RESET, {"email": JANA})
        send_account_mail.work(0, mail_id=str(AccountMail.objects.get().pk))
        (mail,) = mailbox.wait(1)
        assert not AccountMail.objects.exists()
        body = mail.get_body(("plain",))
        assert body is not None
        (path,) = re.findall(r"/accounts/password/reset/key/\S+", body.get_content())
        client, new = Client(), "ein ganz neues Kennwort"
        form = client.get(path).headers["Location"]
        client.post(form, {"password1": new, "password2": new})
        assert sign_in(JANA, new).status_code == 302
        assert sign_in(JANA, PASSWORD, REMOTE_ADDR="192.0.2.7").status_code == 200
        assert Client().get(path).status_code == 200  # used up: a page that says so, and no form
        assert client.get(path).headers.get("Location") is None

    def test_a_weak_password_is_refused_with_the_reason(self) -> None:
        Client().post(RESET, {"email": JANA})
        (path,) = re.findall(r"/accounts/password/reset/key/\S+", AccountMail.objects.get().text)
        client = Client()
        form = client.get(path).headers["Location"]
        for weak in ("kurz", "password123", "1234567890"):
            assert client.post(form, {"password1": weak, "password2": weak}).status_code == 200
        assert sign_in(JANA, PASSWORD).status_code == 302

    def test_asking_again_and_again_is_stopped(self) -> None:
        for _ in range(30):
            Client().post(RESET, {"email": JANA})
        assert AccountMail.objects.count() <= 10


@pytest.mark.usefixtures("db")
def test_a_mail_that_is_gone_is_no_error() -> None:
    """Run twice, the second time there is nothing left to send."""
    assert send_account_mail.work(0, mail_id=str(new_id())) is None  # type: ignore[func-returns-value]
