"""What somebody removed from the book stays away, though the calendar file still has it."""

import pytest
from django.utils import translation

from sprechzeit.cli.import_calendar import show
from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.block import remove_block
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.models import Block
from tests.scheduling.test_import_calendar import entry, standing, take
from tests.support.cast import Cast, at

pytestmark = pytest.mark.req("CAL-7")


def test_what_a_person_removed_by_hand_does_not_come_back(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    """However the file changes it; taken back by undo, the file leads it again."""
    house, actor = cast.albers, cast.albers.actor("jana")
    take(house, entry("team", "09:00"), entry("visit", "11:00"))
    with acting(actor):
        remove_block(actor, Block.objects.get(title="team").pk)
    for file in (entry("team", "09:00"), entry("team", "10:00", title="Team, later")):
        again = take(house, file, entry("visit", "11:00"), replace=True)
        assert ([one.entry.uid for one in again.removed], again.unchanged, again.changes_anything) == (
            ["team"], 1, False,
        )  # fmt: skip
    with acting(house.system):
        assert standing(house) == ["Mon 11:00 visit"]
    with translation.override("en"):
        show(again, house.practice.zone, limit=None)
    preview = capsys.readouterr().out
    assert "1  Removed by hand, so left out" in preview
    assert f"Removed by hand; they are not taken again:\n  {at('10:00'):%d.%m.%Y} 10:00–10:30  Team, later" in preview
    with acting(actor):
        undo(actor)
    again = take(house, entry("team", "10:00"), entry("visit", "11:00"))
    assert (len(again.moved), again.removed) == (1, [])
    with acting(house.system):
        assert standing(house) == ["Mon 10:00 team", "Mon 11:00 visit"]


def test_what_a_file_took_out_comes_back_with_a_file(cast: Cast) -> None:
    """Nobody removed it by hand."""
    take(cast.albers, entry("team", "09:00"), entry("visit", "11:00"))
    take(cast.albers, entry("visit", "11:00"), replace=True)
    again = take(cast.albers, entry("team", "09:00"), entry("visit", "11:00"))
    assert (len(again.made), again.removed) == (1, [])
