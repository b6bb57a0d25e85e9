"""The documentation says what the program does: settings, events, error codes, rights, requirement ids, links.

`check_docs.py` says what is wrong and ends with 1; `--update` writes the parts that are made from the source first;
`--requirements` prints by how many tests each requirement is proved, and by which.
"""

import ast
import json
import os
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
DOCS, SOURCE, TESTS = ROOT / "docs", ROOT / "src/sprechzeit", ROOT / "tests"
BEGIN, END = "<!-- made by tests/tools/check_docs.py --update -->\n", "<!-- end -->"
NUMBERED = re.compile(r"\*\*([A-Z]+-\d+)\*\*")


def table(head: str, rows: list[str]) -> str:
    return "\n".join([head, "|".join([""] + [" --- "] * (head.count("|") - 1) + [""]), *rows]) + "\n"


def events() -> str:
    """Every event: what it means, what it carries, what follows."""
    from dataclasses import fields

    from sprechzeit.config.subscriptions import table as subscriptions
    from sprechzeit.core.events import Event
    from sprechzeit.core.jobs import Job

    follows = subscriptions()
    rows = []
    for event in sorted(descendants(Event), key=lambda one: one.__name__):
        carried = ", ".join(f"`{field.name}`" for field in fields(event))
        jobs = ", ".join(f"`{one.task.name}`" for one in follows.get(event, ()) if isinstance(one, Job))
        rows.append(f"| `{event.__name__}` | {first_line(event)} | {carried} | {jobs} |")
    return table("| event | meaning | carries | what follows |", rows)


def errors() -> str:
    """Every refusal by its code."""
    from sprechzeit.core.errors import DomainError

    found = {one.code: one for one in descendants(DomainError)}
    return table(
        "| code | status | meaning |",
        [f"| `{code}` | {found[code].status} | {first_line(found[code])} |" for code in sorted(found)],
    )


def rights() -> str:
    """The table of who may do what: 'read / write'."""
    from sprechzeit.access.table import TABLE, Area, Role

    words = ("–", "busy", "own", "granted", "all")
    columns = (*(one for one in Role if one is not Role.DELEGATE), *Area)
    return table(
        "| data | " + " | ".join(columns) + " |",
        [
            f"| {data} | " + " | ".join(" / ".join(words[reach] for reach in of[one]) for one in columns) + " |"
            for data, of in TABLE.items()
        ],
    )


def retention() -> str:
    """What is deleted when."""
    from sprechzeit.privacy.periods import ELSEWHERE, KEEPINGS

    rows = []
    for one in KEEPINGS.values():
        hours = round(one.period.total_seconds() / 3600)
        period = f"{hours} hours" if hours <= 24 else f"{one.period.days} days"
        bounds = f"{one.bounds[0]} to {one.bounds[1]} days" if one.bounds else "–"
        rows.append(f"| {', '.join(sorted(one.classes))} | {one.label}: {one.what} | {period} {one.since} | {bounds} |")
    rows += [f"| {name} | | {words} | – |" for name, words in ELSEWHERE.items()]
    return table("| class | what | how long | is set |", rows)


def partner_problems() -> str:
    """What a call of a booking portal may be refused with at the door, in the order in which it is looked at."""
    from sprechzeit.partners.problems import DOOR

    return table(
        "| code | status | meaning |", [f"| `{one.code}` | {one.status} | {first_line(one)} |" for one in DOOR]
    )


def contract() -> str:
    """The interface for booking portals as an OpenAPI document (OTV-10)."""
    from sprechzeit.partners.contract import contract as made

    return json.dumps(made(), indent=2, ensure_ascii=False) + "\n"


def video_contract() -> str:
    """The interface for booking systems that push to the video side, as an OpenAPI document (VID-1)."""
    from sprechzeit.video.contract import contract as made

    return json.dumps(made(), indent=2, ensure_ascii=False) + "\n"


def push_problems() -> str:
    """What a call of a booking system may be refused with, by status."""
    from sprechzeit.video.contract import REFUSALS

    return table(
        "| code | status | meaning |", [f"| `{one.code}` | {one.status} | {first_line(one)} |" for one in REFUSALS]
    )


MADE = {
    "developers/events.md": events,
    "developers/errors.md": errors,
    "developers/partners.md": partner_problems,
    "developers/video-side.md": push_problems,
    "rules/access.md": rights,
    "rules/retention.md": retention,
}
# Made from the source as a whole.
WHOLE = {"api/otv-v1.json": contract, "api/video-v1.json": video_contract}


def descendants(kind: type[T]) -> Iterator[type[T]]:
    """All classes below `kind` that the program has. (A dataclass with slots leaves its first draft behind.)"""
    for one in kind.__subclasses__():
        if getattr(sys.modules[one.__module__], one.__name__, None) is one:
            yield one
            yield from descendants(one)


def import_everything() -> None:
    """What is not imported would not be found."""
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        if not {"migrations", "__main__", "management", "wsgi", "dispatcher"} & set(parts):
            import_module(".".join(parts).removesuffix(".__init__"))


def first_line(thing: type) -> str:
    return (thing.__doc__ or "").strip().splitlines()[0]


def update() -> None:
    """Write the parts that are made from the source."""
    for name, make in MADE.items():
        text = (DOCS / name).read_text()
        before, _, rest = text.partition(BEGIN)
        (DOCS / name).write_text(before + BEGIN + make() + END + rest.partition(END)[2])
    for name, make in WHOLE.items():
        (DOCS / name).parent.mkdir(exist_ok=True)
        (DOCS / name).write_text(make())


def made_problems() -> Iterator[str]:
    for name, make in MADE.items():
        made = (DOCS / name).read_text().partition(BEGIN)[2].partition(END)[0]
        if made != make():
            yield f"docs/{name} is not what the source says: run tests/tools/check_docs.py --update"
    for name, make in WHOLE.items():
        if not (DOCS / name).exists() or (DOCS / name).read_text() != make():
            yield f"docs/{name} is not what the source says: run tests/tools/check_docs.py --update"


def event_problems() -> Iterator[str]:
    """Every event has a line in the one table, if an empty one."""
    from sprechzeit.config.subscriptions import table as subscriptions
    from sprechzeit.core.events import Event

    for event in descendants(Event):
        if event not in subscriptions():
            yield f"{event.__name__} is not in config/subscriptions.py"


def error_problems() -> Iterator[str]:
    """A code names one situation."""
    from sprechzeit.core.errors import DomainError

    seen: dict[str, type] = {}
    for error in descendants(DomainError):
        code = vars(error).get("code", "")
        if not code or code in seen:
            yield f"{error.__name__} has no code of its own"
        seen[code] = error


def setting_problems() -> Iterator[str]:
    """Every variable that is read is documented, and none that is not."""
    read = {
        name
        for path in SOURCE.rglob("*.py")
        for name in re.findall(r"""["'](SPRECHZEIT_[A-Z_]+)["']""", path.read_text())
    }
    documented = set(re.findall(r"^\| `(SPRECHZEIT_[A-Z_]+)`", (DOCS / "operators/settings.md").read_text(), re.M))
    for name in sorted(read - documented):
        yield f"{name} is read and not in docs/operators/settings.md"
    for name in sorted(documented - read):
        yield f"{name} is in docs/operators/settings.md and read nowhere"


# What is finished stays proved: an id without a test is a problem. Others have tests as they are built.
FINISHED = [f"CAL-{number}" for number in (*range(1, 12), 13, 14, 15, 16, 20, 22, 23)]


def requirements() -> dict[str, list[str]]:
    """The tests that prove each requirement: marked themselves, or by their class or their file."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        tree = ast.parse(path.read_text())
        whole = [node.value for node in tree.body if isinstance(node, ast.Assign) and "pytestmark" in ast.unparse(node)]
        for test, ids in marked(tree, marks(whole)):
            for one in ids:
                found.setdefault(one, []).append(f"{path.relative_to(ROOT)}::{test}")
    return found


def marked(tree: ast.Module | ast.ClassDef, ids: set[str], inside: str = "") -> Iterator[tuple[str, set[str]]]:
    """Each test with the ids that its own, its class's and its file's marks name."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from marked(node, ids | marks(node.decorator_list), f"{node.name}::")
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield inside + node.name, ids | marks(node.decorator_list)


def marks(expressions: list[ast.expr]) -> set[str]:
    """The ids in `pytest.mark.req(…)`, wherever it stands in them."""
    return {
        ast.literal_eval(one)
        for expression in expressions
        for node in ast.walk(expression)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.req"
        for one in node.args
    }


def by_number(name: str) -> tuple[str, int]:
    """CAL-9 comes before CAL-10."""
    area, _, number = name.partition("-")
    return area, int(number)


def requirement_problems() -> Iterator[str]:
    """An id that a test or the source names explains itself in docs/requirements."""
    known = {one for path in (DOCS / "requirements").glob("*.md") for one in NUMBERED.findall(path.read_text())}
    proved = requirements()
    for name, where in proved.items():
        if name not in known:
            yield f"{where[0]}: {name} is not in docs/requirements"
    for name in FINISHED:
        if name not in proved:
            yield f"{name} is proved by no test"
    areas = "|".join(sorted({one.partition("-")[0] for one in known}))
    for path in SOURCE.rglob("*.py"):
        for name in re.findall(rf"\b(?:{areas})-\d+\b", path.read_text()):
            if name not in known:
                yield f"{path.relative_to(ROOT)}: {name} is not in docs/requirements"


def link_problems() -> Iterator[str]:
    """Every relative link leads to a file."""
    for path in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text()):
            if not re.match(r"[a-z]+:", target) and not (path.parent / target).exists():
                yield f"{path.relative_to(ROOT)}: {target} leads nowhere"


def main(arguments: list[str]) -> int:
    """The number of the exit: 0 when all is true."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprechzeit.config.settings")
    import django

    django.setup()
    import_everything()
    if "--requirements" in arguments:
        proved = requirements()
        for name in sorted(proved, key=by_number):
            print(f"{name:8} {len(proved[name]):4}  {' '.join(proved[name])}")
        return 0
    if "--update" in arguments:
        update()
    checks = (made_problems, event_problems, error_problems, setting_problems, requirement_problems, link_problems)
    found = [problem for check in checks for problem in check()]
    for problem in found:
        print(problem, file=sys.stderr)
    print(f"Documentation: {len(found)} problems." if found else "Documentation: true.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
