"""`sprechzeit import calendar`: what it says, and how it ends."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sprechzeit.cli.import_calendar import calendar as command
from sprechzeit.core.acting import acting
from sprechzeit.scheduling.models import Block
from tests.scheduling.ics.writing import calendar
from tests.support.cast import Cast, at


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "calendar.ics"
    first = f"UID:a\nSUMMARY:Team\x9b31m\nDTSTART:{at('09:00'):%Y%m%dT%H%M%S}\nDURATION:PT1H"
    path.write_bytes(calendar(first, f"UID:b\nDTSTART:{at('10:00'):%Y%m%dT%H%M%S}"))
    return path


def call(file: Path, *options: str, practice: str = "albers", name: str = "Miriam Albers") -> Result:
    return CliRunner().invoke(command, [str(file), "--practice", practice, "--calendar", name, *options])


def blocks(cast: Cast) -> int:
    with acting(cast.albers.system):
        return Block.objects.count()


def test_preview_then_import_then_nothing_to_do(cast: Cast, file: Path) -> None:
    assert call(file, "--preview").exit_code == 0
    assert blocks(cast) == 0
    taken = call(file, "--yes")
    assert taken.exit_code == 0, taken.output
    assert "09:00–10:00  Team�31m" in taken.output
    assert len([line for line in taken.output.splitlines() if line.lstrip().startswith(("Line", "Zeile"))]) == 1
    assert blocks(cast) == 1
    assert call(file, "--yes").exit_code == 0
    assert blocks(cast) == 1


def test_without_a_terminal_it_wants_to_be_told(cast: Cast, file: Path) -> None:
    refused = call(file)
    assert (refused.exit_code, blocks(cast)) == (2, 0)
    assert "--yes" in refused.output


def test_refusals_say_what_to_do(cast: Cast, file: Path, tmp_path: Path) -> None:
    nothing, large = tmp_path / "nothing.ics", tmp_path / "large.ics"
    nothing.write_text("no calendar")
    with large.open("wb") as out:
        out.truncate(33 * 1024**2)
    for answer, says in (
        (call(file, "--yes", name="Berta Brandt"), "Jonas Petersen"),
        (call(file, "--yes", practice="nowhere"), "nowhere"),
        (call(tmp_path / "gone.ics", "--yes"), "gone.ics"),
        (call(tmp_path, "--yes"), str(tmp_path)),
        (call(nothing, "--yes"), ".ics"),
        (call(large, "--yes"), "32 MB"),
        (call(file, "--yes", "--from", "2030-01-02", "--until", "2030-01-01"), "2199"),
    ):
        assert (answer.exit_code, says in answer.output) == (1, True), answer.output
    assert blocks(cast) == 0
