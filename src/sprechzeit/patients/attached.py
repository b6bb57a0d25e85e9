"""How what hangs on a record moves when two are merged (PAT-4). A model says so beside its foreign key:

    ON_MERGE = {"patient": Goes()}

A foreign key to `Patient` of which nothing is said fails a test. A row of which the record that is kept has the same
already, by a unique constraint of its table, stays with the other one.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Goes:
    """It moves to the record that is kept; undone, it goes back, with what was done to it since.

    `counted`: '%(count)s appointments', lazily and with its plural, for the page on which two are compared.
    """

    counted: Any = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A part of the master data: it moves; changed since, the merge cannot be undone. `called`: what people call it."""

    called: str | Promise


@dataclass(frozen=True, slots=True)
class Stays:
    """It stays where it is, for this reason."""

    why: str


OnMerge = Goes | Fact | Stays


def refuses_merged(table: str, column: str = "patient_id") -> str:
    """For a migration: the trigger that lets no row come to a record that was merged into another (merges.sql)."""
    return (
        f'CREATE TRIGGER {column}_not_merged BEFORE INSERT OR UPDATE OF "{column}" ON "{table}" '
        f"FOR EACH ROW EXECUTE FUNCTION refuse_merged('{column}')"
    )
