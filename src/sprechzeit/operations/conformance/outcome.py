"""What became of each situation, and how a person or a program reads it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from sprechzeit.operations.terminal import _

T = TypeVar("T")


class Result(StrEnum):
    """Of one situation."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Failed(Exception):
    """The other side did something else than the contract says; the message says what."""


class Skipped(Exception):
    """It could not be played; the message says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of the report. `name` is stable, for programs; `title` and `why` are for people."""

    part: str
    name: str
    title: str
    result: Result
    why: str = ""


@dataclass(frozen=True, slots=True)
class Situation(Generic[T]):
    """Something to play against the other side; `play` returns what is worth saying of a success, if anything."""

    part: str
    name: str
    title: str
    play: Callable[[T], str | None]

    def outcome(self, other: T) -> Outcome:
        """Play it. Nothing that the other side does ends the report."""
        try:
            said, result = self.play(other) or "", Result.PASSED
        except Skipped as reason:
            said, result = str(reason), Result.SKIPPED
        except Failed as reason:
            said, result = str(reason), Result.FAILED
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            # An answer of a shape that nobody expected must not end the report.
            said, result = f"{type(error).__name__}: {error}", Result.FAILED
        return Outcome(self.part, self.name, self.title, result, said)


class Part(Generic[T]):
    """The situations of one chapter, in their order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.situations: list[Situation[T]] = []

    def plays(self, name: str, title: str) -> Callable[[Callable[[T], str | None]], Callable[[T], str | None]]:
        """Beside a function: it plays this situation."""

        def take(play: Callable[[T], str | None]) -> Callable[[T], str | None]:
            self.situations.append(Situation(self.name, name, title, play))
            return play

        return take

    def outcomes(self, other: T) -> Iterator[Outcome]:
        """One after the other."""
        for one in self.situations:
            yield one.outcome(other)


def expect(fact: object, otherwise: str) -> None:
    """Raises `Failed` unless it is so."""
    if not fact:
        raise Failed(otherwise)


MARKS = {Result.PASSED: "✓", Result.FAILED: "✗", Result.SKIPPED: "–"}


def line(one: Outcome) -> str:
    """For the terminal; what the other side said cannot move its cursor."""
    why = "".join(each if each.isprintable() else "�" for each in one.why)
    return f"  {MARKS[one.result]} {one.title}" + (f": {why}" if why else "")


def summary(outcomes: list[Outcome]) -> str:
    """How many of each."""
    count = {str(result): sum(one.result is result for one in outcomes) for result in Result}
    return _("%(passed)s passed, %(failed)s failed, %(skipped)s skipped.") % count


def as_json(outcomes: list[Outcome]) -> str:
    """For programs: `passed`, and each situation."""
    ok = all(one.result is not Result.FAILED for one in outcomes)
    return json.dumps({"passed": ok, "situations": [asdict(one) for one in outcomes]}, ensure_ascii=False, indent=2)
