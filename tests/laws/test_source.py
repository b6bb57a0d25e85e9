"""Laws of the source: what a file of its kind may contain (architecture §2, §3, §10)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

import sprechzeit
from sprechzeit.privacy.periods import ELSEWHERE, KEEPINGS

SOURCE = Path(sprechzeit.__file__).parent
# Bottom to top, as in the architecture.
ROOMS = (
    "core", "ui", "access", "audit", "accounts", "practice", "patients", "scheduling", "community", "records",
    "video", "messages", "integrations", "partners", "portal", "privacy", "operations", "cli", "config",
)  # fmt: skip
# django-allauth's templates are filled in by the room of signing in.
TEMPLATES_OF = {"account": "accounts", "allauth": "accounts", "mfa": "accounts"}


def files() -> Iterator[tuple[str, ast.Module]]:
    """Each module: its path below the package, parsed."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield str(path.relative_to(SOURCE)), ast.parse(path.read_text())


FILES = dict(files())


def furniture(path: str) -> str:
    """'actions' for `scheduling/actions/book.py` and `patients/actions.py` alike; '' for other files.

    `integrations` has a folder for each system, with the furniture of a room in it.
    """
    parts = Path(path).with_suffix("").parts
    deep = 2 if parts[0] == "integrations" else 1
    return parts[deep] if len(parts) > deep else ""


def functions(kind: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The public functions of all `actions` or `queries`."""
    for path, tree in FILES.items():
        if furniture(path) == kind:
            for one in tree.body:
                if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"):
                    yield path, one


def is_action(function: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "action" for one in function.decorator_list)


# Public functions in actions and queries that act for nobody: they touch no row.
PURE = {
    "by_video": "a rule of the engine, from where something takes place",
    "needs_code": "whether a code comes first, from rows that the caller has",
    "digits_of": "a code's digits, computed from an id",
    "manage_token": "a link's secret, computed from an id",
    "is_confirmed": "what its type says, from rows that the caller has",
    "joining_of": "a link, computed from a row that the caller has",
    "hold_token": "a link's secret, computed from an id",
    "cancelled_by_practice": "who cancelled, from rows that the caller has",
    "told_reason": "why it was cancelled, from rows that the caller has",
    "cancel_deadline": "a moment, computed from rows that the caller has",
    "is_in_time": "whether it is before that moment",
    "is_for": "whether an address is another, from rows that the caller has",
    "may_still_change": "what a patient may do, from rows that the caller has",
    "is_booked_online": "what is bookable, from rows that the caller has",
    "this_minute": "the clock",
    "clock_span": "two times in words",
    "digest_of": "what stands in the log for the terms of a search",
    "state_of": "where something stands, from rows that the caller has",
    "lock_time": "takes locks by name, touches no row",
    "pattern_of": "the pattern of a row that the caller has",
    "asker_of": "as whom an actor books",
    "rules_of": "a type's rules, as the engine takes them",
    "invitation_token": "a link's secret, computed from an id",
    "end_of": "the end of an entry of a calendar file",
    "title_of": "the title of an entry of a calendar file",
    "fresh_sending": "columns of an invitation that goes out",
}
# Public functions in actions that only read.
READS = {
    "get_hold": "the visitor's own hold, by its secret",
    "admit": "judges by the engine, and refuses",
    "knows": "whether the practice knows somebody",
    "get_code": "a code that is to be sent",
    "waiting_code": "a code that can still be typed",
    "is_proven": "whether a code was typed",
    "reasons_against": "what is against a place in the book",
    "time_to_undo": "how long a message waits, by who acts",
    "within_plan": "puts the database's refusal into words",
    "keep_months": "counts, and refuses",
    "tell_video": "defers jobs alone, of an action that has its savepoint",
    "tell_video_of": "the same, of what is to come",
    "links_of": "rows that the caller saves",
    "reference_of": "what calendars say",
    "lock_rooms": "takes the locks of all calendars that the actor's rooms may have",
}


def test_who_acts_comes_first() -> None:
    """Every public action and query takes `actor: Actor` as its first argument."""
    without = {
        function.name
        for kind in ("actions", "queries")
        for _, function in functions(kind)
        if not function.args.args
        or (function.args.args[0].arg, ast.unparse(function.args.args[0].annotation or ast.Constant("")))
        != ("actor", "Actor")
    }
    assert without - set(PURE) == set()
    assert set(PURE) <= {function.name for kind in ("actions", "queries") for _, function in functions(kind)}


def test_what_is_listed_as_pure_touches_no_row() -> None:
    touching = [
        function.name
        for kind in ("actions", "queries")
        for _, function in functions(kind)
        if function.name in PURE and re.search(r"\.objects\b|cursor\(|\.save\(|\.delete\(", ast.unparse(function))
    ]
    assert touching == []


def test_every_action_is_a_savepoint() -> None:
    plain = {function.name for _, function in functions("actions") if not is_action(function)}
    assert plain - set(PURE) == set(READS)


def test_what_only_reads_does_not_write() -> None:
    writing = [
        function.name
        for _, function in functions("queries")
        if re.search(r"\.(save|delete|create|bulk_create|update|get_or_create)\(", ast.unparse(function))
        or is_action(function)
    ]
    assert writing == []


# Files that may ask the database for rows by themselves; all others are given them by a policy or a query.
ROWS = {"models", "policy", "queries", "actions"}
ROWS_WITH_A_REASON = {
    "practice/once.py": "actions in a file that says what they are",
    "records/cleaner.py": "the objects of a PDF, none of ours",
    "scheduling/history.py": "a query in words: the names of members in a history",
    "accounts/jobs.py": "mails of signing in belong to no practice",
    "accounts/email_change.py": "one's own address belongs to no practice",
    "accounts/second_factor.py": "one's own second factor belongs to no practice",
    "accounts/sessions.py": "one's own devices belong to no practice",
    "operations/demo.py": "whether there is any account yet",
    "operations/demo_neighbour.py": "an account and a code of the demo practice, as its pages would show it",
    "operations/sandbox.py": "the accounts of the sandbox practice",
}


def test_only_policies_queries_and_actions_ask_for_rows() -> None:
    """Views, forms, pages and jobs go through them, so that nothing is shown that the policy hides."""
    asking = {
        path
        for path, tree in FILES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager")
    }
    assert {path for path in asking if furniture(path) not in ROWS} == set(ROWS_WITH_A_REASON)


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_no_signals() -> None:
    """What follows an event stands in one table; a signal would act from afar (architecture §2)."""
    assert [path for path, tree in FILES.items() for name in imports(tree) if "signals" in name.split(".")] == []


def test_time_and_chance_are_taken_from_the_right_place() -> None:
    """Secrets from `secrets`; `random` is for jitter, and for the demo practice, the same every time."""
    by_chance = {path for path, tree in FILES.items() if "random" in set(imports(tree))}
    assert by_chance == {"core/acting.py", "operations/demo.py"}


@pytest.mark.parametrize("word", ["utils", "helpers", "services", "common", "managers"])
def test_no_drawer(word: str) -> None:
    assert [path for path in FILES if word in Path(path).with_suffix("").parts] == []


def test_no_file_grows_beyond_reading() -> None:
    """Programs, tests, pages, styles and scripts; what others wrote and what the database was is left as it is."""
    root = SOURCE.parents[1]
    ours = [
        path
        for folder in ("src", "tests", "bench")
        for path in (root / folder).rglob("*")
        if path.suffix in (".py", ".js", ".css", ".html") and not {"vendor", "migrations"} & set(path.parts)
    ]
    assert len(ours) > 300
    assert [str(path.relative_to(root)) for path in ours if len(path.read_text().splitlines()) > 400] == []


# --- Models ---------------------------------------------------------------------------------------------------------

OURS = [model for model in apps.get_models() if model.__module__.startswith("sprechzeit.")]
# What the classes mean: privacy/periods.py and docs/rules/retention.md.
RETENTION = {one for keeping in KEEPINGS.values() for one in keeping.classes} | set(ELSEWHERE)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_model_says_what_it_holds_about_people_and_how_long(model: type[models.Model]) -> None:
    own = vars(model)
    assert own.get("PERSONAL_DATA", "").endswith(".")
    assert own.get("RETENTION") in RETENTION
    assert (model.__doc__ or "").strip().endswith(".")
    assert not (model.__doc__ or "").startswith(f"{model.__name__}(")


def room_of(model: type[models.Model]) -> str:
    return model.__module__.split(".")[1]


def test_foreign_keys_point_downwards() -> None:
    upwards = [
        f"{model.__name__}.{field.name}"
        for model in OURS
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and ROOMS.index(room_of(field.related_model)) > ROOMS.index(room_of(model))
    ]
    assert upwards == []


def test_every_room_is_known() -> None:
    assert {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()} == set(ROOMS)


# --- Templates ------------------------------------------------------------------------------------------------------

_USES = re.compile(r'{%\s*(?:extends|include)\s+"([^"#]+)')


def templates() -> Iterator[tuple[str, str]]:
    """(room of the file, name of what it extends or includes)."""
    for path in SOURCE.rglob("templates/**/*"):
        if path.is_file():
            for name in _USES.findall(path.read_text()):
                yield path.relative_to(SOURCE).parts[0], name


def test_templates_build_on_lower_rooms() -> None:
    found = list(templates())
    upwards = [
        (room, name)
        for room, name in found
        if ROOMS.index(TEMPLATES_OF.get(name.split("/")[0], name.split("/")[0])) > ROOMS.index(room)
    ]
    assert upwards == []
    assert len(found) > 30


def test_templates_are_named_after_their_room() -> None:
    for path in SOURCE.rglob("templates/*/*"):
        room, _, folder = path.relative_to(SOURCE).parts[:3]
        assert TEMPLATES_OF.get(folder, folder) == room or (room, folder) == ("ui", "django"), path


def test_no_template_marks_what_a_person_typed_as_safe() -> None:
    trusting = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("templates/**/*.html")
        if re.search(r"\|\s*safe\b|autoescape off", path.read_text())
    ]
    # Help texts are the program's own words; that of a password is a list.
    assert trusting == ["ui/templates/ui/field_notes.html"]


def test_every_icon_that_a_template_names_is_there() -> None:
    """A missing one would be an error of the page, and only where it is shown."""
    named = {
        (str(path.relative_to(SOURCE)), name)
        for path in SOURCE.rglob("templates/**/*.html")
        for name in re.findall(r"{%\s*icon\s+[\"']([^\"']+)", path.read_text())
    }
    assert len(named) > 10
    assert [one for one in sorted(named) if not (SOURCE / "ui/icons" / f"{one[1]}.svg").is_file()] == []
