"""What stands in the circle beside a name: letters, else a person."""

import pytest

from sprechzeit.practice.names import initials_of
from sprechzeit.ui.icon import icon
from sprechzeit.ui.initials import initials


@pytest.mark.parametrize(
    ("names", "letters"),
    [
        (("Paula", "Sommer"), "PS"),
        (("émile", "Çelik"), "ÉÇ"),
        (("😀<b>", "o'Hara"), "BO"),
        (("'t", " Hooft"), "TH"),
        (("ßara", ""), "S"),
        (("李", "小龙"), "李小"),
    ],
)
def test_letters_alone(names: tuple[str, str], letters: str) -> None:
    assert initials(*names) == letters


def test_a_person_is_drawn_where_there_is_no_letter() -> None:
    for names in (("", ""), ("😀", "<"), ("12", "–")):
        assert initials(*names) == icon("user")


def test_members_have_letters_too() -> None:
    assert [initials_of(name) for name in ("Dr. Miriam Albers", "😀< Petersen", "12")] == ["MA", "P", "?"]
