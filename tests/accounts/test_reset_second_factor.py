"""`sprechzeit accounts reset-second-factor`: for who lost phone and codes; told and logged (ACC-9)."""

import pytest
from allauth.mfa.models import Authenticator
from click.testing import CliRunner

from sprechzeit.accounts.models import AccountMail
from sprechzeit.audit.models import Entry
from sprechzeit.cli.accounts import reset_second_factor
from sprechzeit.core.acting import acting
from tests.accounts.test_second_factor import MIRIAM, password, set_up
from tests.support.cast import Cast
from tests.support.routes import signed_in

pytestmark = pytest.mark.req("ACC-9")


def test_it_is_taken_away_told_and_logged(cast: Cast) -> None:
    client = signed_in(cast, "administrator")
    set_up(client)
    AccountMail.objects.all().delete()
    assert CliRunner().invoke(reset_second_factor, [MIRIAM.upper()], input="n").exit_code == 1
    assert Authenticator.objects.count() == 2
    answer = CliRunner().invoke(reset_second_factor, [MIRIAM.upper()], input="y")
    assert answer.exit_code == 0, answer.output
    assert not Authenticator.objects.exists()
    assert client.get("/").status_code == 302, "signed out everywhere"
    assert password().get("/").status_code == 200
    assert [mail.to for mail in AccountMail.objects.all()] == [MIRIAM]
    with acting(cast.albers.system):
        entry = Entry.objects.filter(table_name="practice_member").latest("id")
        assert (entry.actor, entry.request, entry.operation) == ("system", "command:reset-second-factor", "update")
        assert entry.row_id == cast.albers.members["miriam"].pk
        assert list(entry.value.new or {}) == ["factor_reset_at"]


def test_an_unknown_address_is_said(cast: Cast) -> None:
    answer = CliRunner().invoke(reset_second_factor, ["nobody@example.org", "--yes"])
    assert answer.exit_code == 1
    assert "no account" in answer.output
