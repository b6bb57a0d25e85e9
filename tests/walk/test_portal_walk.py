"""The walk through both houses: a portal in a process of its own, and the practice whose times it offers (OTV-11).

A patient books at the portal, the practice's open book shows it; the practice moves and cancels it, and the portal's
page says so: by webhook, and by the feed where no webhook comes. At last the conformance kit plays everything against
both.
"""

import json
import os
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from sprechzeit.core.licence import FEATURES, licence_text
from sprechzeit.operations.sandbox_words import NAME, PRACTITIONERS
from tests.operations.program import until
from tests.support.accessible import objections_in_both_themes
from tests.support.browser import browser, complaints_of
from tests.support.cast import monday
from tests.support.databases import Databases
from tests.support.mailbox import Mailbox, free_port
from tests.support.server import Program, running

PORTAL = Path(__file__).parents[2] / "examples/portal"
WHO = PRACTITIONERS[1][0]
DAY = monday(2)

pytestmark = [pytest.mark.browser, pytest.mark.own_database]


@dataclass
class Portal:
    """The reference portal: its folder, and where it is."""

    folder: Path
    certificate: Path
    port: int

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def trusted(self) -> ssl.SSLContext:
        """By which its certificate is believed."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def command(self, *arguments: str) -> str:
        """What one of its commands prints."""
        answer = subprocess.run(self._line(*arguments), cwd=PORTAL, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    @contextmanager
    def runs(self, every: float) -> Iterator[None]:
        """Serving; it looks at the feed `every` so many seconds."""
        line = self._line(
            "run", "--port", str(self.port), "--every", str(every), "--certificate", str(self.certificate)
        )
        process = subprocess.Popen(line, cwd=PORTAL)
        try:
            until(self._answers)
            yield
        finally:
            process.terminate()
            process.wait(10)

    def _line(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "terminfinder", "--data", str(self.folder), *arguments]

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/style.css", timeout=2, verify=self.trusted).status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of this machine, signed by itself; with its key."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + pem)
    return file


@pytest.fixture
def program(
    own_database: Databases, mailbox: Mailbox, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Program]:
    """The program with a licence; webhooks may go to this machine, whose certificate is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with running(
        own_database, SMTP_HOST="127.0.0.1", SMTP_PORT=str(mailbox.port), SMTP_STARTTLS="0",
        WEBHOOK_NETWORKS="127.0.0.0/8", PARTNER_WRITES_PER_MINUTE="1000",
    ) as program:  # fmt: skip
        licence = licence_text("Sandkasten", date(2026, 1, 1), date(2099, 1, 1), FEATURES)
        Path(program.variables["SPRECHZEIT_DATA_DIR"], "licence.json").write_text(licence)
        yield program


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright, browser(playwright) as chromium:
        yield chromium


def sprechzeit(program: Program, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "sprechzeit.cli", "partner", *arguments]
    return subprocess.run(line, env={**os.environ, **program.variables}, capture_output=True, text=True, check=False)


def open_book(chromium: Browser, program: Program, email: str, password: str) -> Page:
    page = chromium.new_context(locale="de-DE", viewport={"width": 1400, "height": 900}).new_page()
    page.goto(f"{program.url}/?day={DAY:%Y-%m-%d}")
    page.get_by_label("E-Mail").fill(email)
    page.get_by_label("Passwort", exact=True).fill(password)
    page.get_by_role("button", name="Anmelden", exact=True).click()
    expect(page.locator(".book")).to_be_visible()
    return page


def on_phone(chromium: Browser, **more: Any) -> Page:
    size: ViewportSize = {"width": 390, "height": 844}
    return chromium.new_context(locale="de-DE", viewport=size, ignore_https_errors=True, **more).new_page()


def book_at(portal: Portal, chromium: Browser, clock: str) -> Page:
    """A patient on a phone books with one practitioner; the page that is left open is the appointment's."""
    page = on_phone(chromium, java_script_enabled=False)
    page.goto(portal.url)
    page.get_by_role("link", name="Folgetermin").click()
    page.get_by_role("link", name=WHO).click()
    page.goto(f"{page.url}&from={DAY:%Y-%m-%d}")
    page.get_by_role("button", name=clock).first.click()
    page.get_by_label("Vorname").fill("Paula")
    page.get_by_label("Nachname").fill("Sommer")
    page.get_by_label("Geburtsdatum").fill("1985-03-24")
    page.get_by_label("E-Mail").fill("paula@example.org")
    page.get_by_role("button", name="Termin buchen").click()
    expect(page.get_by_role("status")).to_have_text("Ihr Termin ist gebucht.")
    return page


def says(page: Page, text: str) -> bool:
    page.reload()
    return text in page.locator("main").inner_text()


@pytest.mark.req("OTV-4", "OTV-6", "OTV-7", "OTV-9", "OTV-11", "OTV-13")
def test_a_patient_books_at_a_portal_and_the_practice_changes_it(
    program: Program, mailbox: Mailbox, chromium: Browser, certificate: Path, tmp_path: Path
) -> None:
    portal = Portal(tmp_path / "portal", certificate, free_port())
    assert "BEGIN PUBLIC KEY" in portal.command("key")
    key, hook = str(portal.folder / "key.pem"), f"{portal.url}/webhook"
    made = sprechzeit(program, "sandbox", "--key", key, "--webhook", hook)
    assert made.returncode == 0, made.stderr
    said = re.search(r"Sign in as (\S+) with (\S+)\n.*\(keyid\) (\S+)", made.stdout)
    assert said, made.stdout
    email, password, keyid = said.groups()
    assert NAME in portal.command("connect", program.url, keyid)
    book = open_book(chromium, program, email, password)
    complaints = complaints_of(book)

    with portal.runs(every=3600):
        patient = book_at(portal, chromium, "10:00")
        entry = book.locator("a.entry", has_text="Sommer, Paula")
        expect(entry).to_contain_text("10:00–10:25", timeout=5000)
        mailbox.wait(1)  # the practice confirms
        assert not (portal.folder / "outbox").exists()

        entry.focus()
        with book.expect_response("**/place/"):
            book.keyboard.press("Alt+ArrowDown")
        expect(entry).to_contain_text("10:05–10:30")
        until(lambda: says(patient, "10:05"))

        # The practice's kit, played as a portal's developer would.
        hook_key = tmp_path / "hook.pem"
        portal.command("trust", key)
        hook_key.write_bytes(Path(key).read_bytes())

    # No webhook comes: the portal is elsewhere by now.
    portal.port = free_port()
    entry.focus()
    book.keyboard.press("Delete")
    book.get_by_role("button", name="Diesen Termin absagen").click()
    expect(entry).to_have_count(0)
    with portal.runs(every=0.5):
        address = patient.url.partition("/b/")[2]
        patient.goto(f"{portal.url}/b/{address}")
        until(lambda: says(patient, "Dieser Termin ist abgesagt."))
        look = on_phone(chromium)
        for path in ("/", f"/b/{address}"):
            look.goto(f"{portal.url}{path}")
            assert objections_in_both_themes(look) == []

        checked = sprechzeit(
            program, "check", program.url, "--key", key, "--keyid", keyid,
            "--portal", portal.url, "--hook-key", str(hook_key), "--json",
        )  # fmt: skip
        report = json.loads(checked.stdout)
        failed = [(one["name"], one["why"]) for one in report["situations"] if one["result"] == "failed"]
        assert failed == [] and checked.returncode == 0
        assert len(report["situations"]) > 60
    assert complaints == []
