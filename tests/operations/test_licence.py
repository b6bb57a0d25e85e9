"""`sprechzeit licence`: a self-hoster makes their own with one command; what is not trusted is not installed."""

import json
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sprechzeit.core import licence
from sprechzeit.core.licence import FEATURES, NoLicence, licence_text, read_licence
from sprechzeit.operations.licence import have_licence
from tests.operations.program import command

pytestmark = [pytest.mark.req("OTV-1")]
TODAY = datetime.now(UTC).date()


def test_one_command_makes_a_licence_of_ones_own(folder: Path) -> None:
    where = {"SPRECHZEIT_DATA_DIR": str(folder / "data")}
    missing = command("licence", "show", **where)
    assert missing.returncode == 1 and "sprechzeit licence make" in missing.stderr
    made = command("licence", "make", "--holder", "Praxis Süd", **where)
    assert made.returncode == 0, made.stderr
    shown = command("licence", "show", **where)
    assert (shown.returncode, shown.stdout) == (0, made.stdout) and "Praxis Süd" in shown.stdout
    file = folder / "data" / "licence.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert not (folder / "data" / "postgres").exists(), "it needs no database"

    file.write_text(file.read_text().replace("otv", "all"))
    changed = command("licence", "show", **where)
    assert changed.returncode == 1 and "it was changed" in changed.stderr
    assert command("licence", "install", str(file), **where).returncode == 1

    issuers = {"SPRECHZEIT_LICENCE_ISSUERS": "AAAA", **where}
    refused = command("licence", "make", **issuers)
    assert refused.returncode == 1 and "SPRECHZEIT_LICENCE_ISSUERS" in refused.stderr
    assert command("licence", "make", "--until", "2020-01-01", **where).returncode == 2


def test_a_licence_of_another_issuer_is_installed_where_it_is_trusted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seller = Ed25519PrivateKey.generate()
    monkeypatch.setattr(licence, "own_issuer", lambda: seller)
    sold, over = (folder / name for name in ("sold.json", "over.json"))
    sold.write_text(licence_text("Praxis Süd", TODAY, TODAY + timedelta(days=9), FEATURES))
    over.write_text(licence_text("Praxis Süd", date(2020, 1, 1), date(2020, 12, 31), FEATURES))
    where = {"SPRECHZEIT_DATA_DIR": str(folder / "data")}
    refused = command("licence", "install", str(sold), **where)
    assert refused.returncode == 1 and "not trusted" in refused.stderr
    where["SPRECHZEIT_LICENCE_ISSUERS"] = json.loads(sold.read_text())["issuer"]
    assert command("licence", "install", str(sold), **where).returncode == 0
    assert "Praxis Süd" in command("licence", "show", **where).stdout
    assert command("licence", "install", str(over), **where).returncode == 0
    assert "not valid today" in command("licence", "show", **where).stderr


@pytest.mark.parametrize("member", ["holder", "valid_from", "valid_until", "features", "issuer", "signature"])
def test_every_member_is_signed_and_needed(member: str) -> None:
    text = licence_text("Praxis Süd", TODAY, TODAY, FEATURES)
    trusted = frozenset({json.loads(text)["issuer"]})
    assert read_licence(text, trusted).holder == "Praxis Süd"
    for value in (None, "2190-01-01", ["otv", "more"], 7):
        with pytest.raises(NoLicence):
            read_licence(json.dumps(json.loads(text) | {member: value}), trusted)
    without = json.loads(text)
    del without[member]
    with pytest.raises(NoLicence):
        read_licence(json.dumps(without), trusted)


def test_the_demo_installation_has_one_by_itself(folder: Path, settings: Any) -> None:
    """One that is there is left alone, whatever it says; where others are trusted none is made."""
    file = folder / "licence.json"
    settings.LICENCE_FILE = str(file)
    settings.LICENCE_ISSUERS = ["AAAA"]
    have_licence("Demo")
    assert not file.exists()
    settings.LICENCE_ISSUERS = []
    have_licence("Demo")
    found = licence.installed()
    assert found and found.holder == "Demo" and found.is_valid(TODAY) and licence.OTV in found.features
    file.write_text("mine")
    have_licence("Demo")
    assert file.read_text() == "mine"
    with pytest.raises(NoLicence):
        licence.installed()
