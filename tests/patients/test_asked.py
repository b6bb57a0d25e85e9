"""What somebody types to find a patient, and how well a name fits it: pure."""

import unicodedata
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sprechzeit.patients.asked import Asked, Lexeme, fit, marks, read
from sprechzeit.patients.folding import errors_between, fold, slips, slips_of_begin

pytestmark = pytest.mark.req("PAT-2")
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Müller", "muller"), ("MUELLER", "muller"), ("Muller", "muller"), ("Mu\u0308ller", "muller"),
        ("Groß", "gross"), ("GROẞ", "gross"), ("Grosz", "grosz"), ("Möller-Lüdenscheidt", "moller ludenscheidt"),
        ("  von  der   Heide ", "von der heide"), ("O’Brien", "obrien"), ("D'Angelo", "dangelo"), ("Sœur", "sour"),
        ("Yılmaz", "yilmaz"), ("İBRAHİM", "ibrahim"), ("Şahin", "sahin"), ("Doğan", "dogan"), ("Çelik", "celik"),
        ("Łukasz Woźniak", "lukasz wozniak"), ("Żaneta", "zaneta"), ("Đorđe", "dorde"), ("Bjørn", "bjorn"),
        ("Bjoern", "bjorn"), ("Ærø", "aro"), ("Þór", "thor"), ("Ñuñez", "nunez"), ("Nguyễn", "nguyen"),
        ("أحمد", "احمد"), ("احمد", "احمد"), ("فاطمة", "فاطمه"), ("مُحَمَّد", "محمد"), ("محـــمد", "محمد"), ("موسى", "موسي"),
        ("Иванов", "иванов"), ("ИВАНОВ", "иванов"), ("Фёдор", "федор"), ("Γιώργος", "γιωργοσ"), ("דָּוִד", "דוד"),
        ("2. Kind", "2 kind"), ("%_\\'", ""), ("\x00", ""), ("a\u200db", "ab"), ("", ""), ("😀", "😀"),
    ],
)  # fmt: skip
def test_a_name_folded(name: str, folded: str) -> None:
    assert fold(name) == folded
    assert fold(unicodedata.normalize("NFD", name)) == folded


@given(st.text(max_size=30))
@example("aëe")
def test_folding_again_changes_nothing_and_case_nothing_either(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(f"  {text} ") == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.text(alphabet="aeoußäöüAEOUbm -łİ", max_size=20), st.integers(0, 20))
def test_what_begins_a_name_begins_it_folded(name: str, length: int) -> None:
    """Else a hit would go away while somebody types on."""
    assert fold(name).startswith(fold(name[:length]))


NAME = st.text(alphabet="abcdefghijklmnoprstuvwxyz", min_size=4, max_size=12)


@given(NAME, st.integers(0, 11), st.sampled_from("xyz"))
def test_one_typing_error_shares_a_slip(word: str, at: int, letter: str) -> None:
    at = min(at, len(word) - 2)
    left_out, more, other = (
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
    )
    exchanged = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    for typed in (left_out, more, other, exchanged):
        assert errors_between(typed, word) <= 1
        if len(typed) >= 4:
            assert slips(typed) & slips(word)


def d(text: str) -> tuple[Lexeme, ...]:
    return (Lexeme("d", text),)


def b(text: str, *year: str) -> tuple[Lexeme, ...]:
    return (Lexeme("b", text, False), *(Lexeme("d", one) for one in year))


def f(text: str) -> tuple[Lexeme, ...]:
    return (Lexeme("f", text),)


def r(text: str) -> tuple[Lexeme, ...]:
    return (Lexeme("r", text[::-1]),)


@pytest.mark.parametrize(
    ("typed", "words", "others", "number"),
    [
        ("müller", ("muller",), [], None),
        ("Schmidt-Kunz, Anna", ("schmidt", "kunz", "anna"), [], None),
        ("müller 1985", ("muller",), [[d("1985"), f("491985"), f("1985"), r("1985")]], None),
        ("1985 müller", ("muller",), [[d("1985"), f("491985"), f("1985"), r("1985")]], None),
        ("m 85", ("m",), [[d("85"), d("1985")]], None),
        ("m 19", ("m",), [[d("19"), d("1919"), d("2019")]], None),
        ("24.3.85", (), [[b("0324", "1985")]], None), ("24.03.1985", (), [[b("0324", "1985")]], None),
        ("24/3/1985", (), [[b("0324", "1985")]], None), ("24-3-1985", (), [[b("0324", "1985")]], None),
        ("24 3 85", (), [[b("0324", "1985")]], None), ("24. 3. 1985", (), [[b("0324", "1985")]], None),
        ("24.3.19", (), [[b("0324", "19"), b("0324", "1919"), b("0324", "2019")]], None),
        ("24.3.198", (), [[b("0324", "198")]], None), ("24.3.", (), [[b("0324")]], None),
        ("24.1", (), [[b("0124"), b("1024"), b("1124"), b("1224")]], None),
        ("24.", (), [[]], None), ("anna 24.", ("anna",), [], None), ("anna 24.0", ("anna",), [], None),
        ("1985-03-24", (), [[d("19850324")]], None), ("1985-03", (), [[d("198503")]], None),
        ("1985-3-2", (), [[d("1985032")]], None), ("3/1985", (), [[d("198503")]], None),
        ("240385", (), [[b("0324", "1985"), f("49240385"), f("240385"), r("240385")]], 240385),
        ("24031985", (), [[d("19850324"), d("24031985"), f("4924031985"), f("24031985"), r("24031985")]], 24031985),
        ("10023", (), [[f("4910023"), f("10023"), r("10023")]], 10023), ("7", (), [[]], 7),
        ("0171", (), [[f("49171"), f("0171"), r("0171")]], 171),
        ("0171 555", (), [[f("49171555"), f("0171555"), r("0171555")]], None),
        ("+49 (0) 171/555", (), [[f("49171555")]], None),
        ("0049 171 555", (), [[f("49171555"), r("0049171555")]], None),
        ("(0221) 55-50", (), [[f("492215550"), f("02215550"), r("02215550")]], None),
        ("anna 0171 555", ("anna",), [[f("49171555"), f("0171555"), r("0171555")]], None),
        ("24.3.1985 0171555", (), [[b("0324", "1985")], [f("49171555"), f("0171555"), r("0171555")]], None),
        ("PAULA@exa", (), [[(Lexeme("e", "paula@exa"),)]], None),
        ("", (), [], None), ("%", (), [], None), ("_", (), [], None), ("  ", (), [], None), ("\x00", (), [], None),
        ("-", (), [], None), ("()()", (), [], None), ("31.02.1990", (), [[b("0231", "1990")]], None),
        ("a b c d e f g h", ("a", "b", "c", "d", "e", "f"), [], None),
    ],
)  # fmt: skip
def test_what_is_typed(typed: str, words: tuple[str, ...], others: list[object], number: int | None) -> None:
    asked = read(typed, TODAY)
    assert (asked.words, [list(part) for part in asked.others], asked.number) == (words, others, number)


@given(st.text(max_size=120))
@example("+")
@example("0" * 100)
@example("'\\ & | ! () :* <->")
def test_anything_can_be_read_and_asked(typed: str) -> None:
    asked = read(typed, TODAY)
    assert asked.query("abcdef", slips_of_begin) is not None
    assert asked.query("abcdef").count("'") % 2 == 0


@pytest.mark.parametrize(
    ("typed", "first", "last", "worst"),
    [
        ("paul", "Paul", "Weber", 0), ("paul", "Anna", "Paulsen", 1), ("paul", "Hans-Paul", "Weber", 0),
        ("pau", "Hans-Paul", "Weber", 2), ("heid", "Anna", "von der Heide", 1), ("heide", "Anna", "von der Heide", 0),
        ("karlheinz", "Karl-Heinz", "Weber", 0), ("karl heinz", "Karlheinz", "Weber", 0),
        ("weber paul", "Paul", "Weber", 0), ("web paul", "Paul", "Weber", 1), ("schmitd", "Anna", "Schmidt", 3),
        ("mülelr", "Anna", "Mueller", 3), ("papdop", "Nikos", "Papadopoulos", 3), ("kowlaski", "Jan", "Kowalski", 3),
        ("xyz", "Anna", "Schmidt", None), ("anna xyzq", "Anna", "Schmidt", None), ("mai", "Jan", "Mey", None),
    ],
)  # fmt: skip
def test_how_well_a_name_fits(typed: str, first: str, last: str, worst: int | None) -> None:
    found = fit(Asked(tuple(fold(typed).split())).words, first, last)
    assert (found.worst if found else None) == worst


@pytest.mark.parametrize(
    ("name", "typed", "marked"),
    [
        ("Müller, Anna", "mue", "[Mü]ller, Anna"), ("Schmidt-Kunz, Anna", "anna kunz", "Schmidt-[Kunz], [Anna]"),
        ("Groß, Jürgen", "gros jur", "[Groß], [Jür]gen"), ("Weber, Paul", "xyz", "Weber, Paul"), ("", "a", ""),
    ],
)  # fmt: skip
def test_what_fits_is_marked(name: str, typed: str, marked: str) -> None:
    assert "".join(f"[{text}]" if fits else text for text, fits in marks(name, fold(typed).split())) == marked
