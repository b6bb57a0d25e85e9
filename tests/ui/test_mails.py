"""The mails about an account: one line of subject, plain words, the link."""

from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils import translation

FOLDER = Path(__file__).parents[2] / "src/sprechzeit/accounts/templates/account/email"
LINK = "http://127.0.0.1:8000/accounts/password/reset/key/a-b/"
CONTEXT: dict[str, object] = {
    "count": 20,
    "password_reset_url": LINK,
    "ip": "127.0.0.1",
    "user_agent": "Browser & Co",
    "timestamp": "22.11.2026",
}
MAILS = sorted(file.name.removesuffix("_subject.txt") for file in FOLDER.glob("*_subject.txt"))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("mail", MAILS)
def test_a_mail_has_a_subject_of_one_line_and_a_text(mail: str, language: str) -> None:
    with translation.override(language):
        subject = render_to_string(f"account/email/{mail}_subject.txt", CONTEXT)
        text = render_to_string(f"account/email/{mail}_message.txt", CONTEXT)
    assert len(subject.strip().splitlines()) == 1
    assert len(text.split()) > 10
    assert "&amp;" not in text


def test_the_mail_for_a_new_password_carries_its_link() -> None:
    assert LINK in render_to_string("account/email/password_reset_key_message.txt", CONTEXT)


@pytest.mark.parametrize("mail", ["password_changed", "password_reset", "password_set"])
def test_a_notice_of_a_change_says_from_where(mail: str) -> None:
    text = render_to_string(f"account/email/{mail}_message.txt", CONTEXT)
    assert "127.0.0.1" in text
    assert "Browser & Co" in text
