"""The one search of patients (PAT-2): Ctrl+K, the patient of an appointment, the list and the log all ask it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.rows import Part, fetch, seen
from sprechzeit.patients.asked import INSIDE, Asked, fit, read
from sprechzeit.patients.folding import fold, slips, slips_of_begin, without_particles
from sprechzeit.patients.models import Patient
from sprechzeit.patients.policy import seen_whole

FEW = 8  # where fewer fit, names that are only like it are shown too
CANDIDATES = 60  # of like names, of which the nearest are taken
LAST_LETTER = "\U0010ffff"
_PATIENT = Part(Patient, "p.")
Policy = Callable[[Actor], QuerySet[Patient]]
SlipsOf = Callable[[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Found:
    """Records, the best first. `like`: how many at the end are only like what was asked for."""

    patients: list[Patient]
    like: int = 0


@dataclass(frozen=True, slots=True)
class _Hit:
    patient: Patient
    order: tuple[int, int, str, str, int]


def find(actor: Actor, policy: Policy, typed: str, limit: int) -> Found:
    """Active records that `policy` lets the actor see and that fit all that was typed, at most `limit`: who is called
    exactly so, then whose names begin so, then words inside of them; where these are few, who is called alike.
    """
    asked = read(typed, timezone.localdate())
    if not asked:
        return Found([])
    hits: dict[UUID, _Hit] = {}
    for way in (_numbered, _beginning, _dialled, _fitting):
        if len(hits) < limit:
            for hit in way(actor, policy, asked, limit):
                hits.setdefault(hit.patient.pk, hit)
    best = _sorted(hits)[:limit]
    wanted = min(limit, FEW) - len(best)
    if not asked.words or wanted <= 0:
        return Found(best)
    like: dict[UUID, _Hit] = {}
    for slips_of in _ways_to_slip(asked.words):
        if len(like) < wanted:
            found = _like(actor, policy, asked, slips_of)
            like |= {one.patient.pk: one for one in found if one.patient.pk not in hits}
    alike = _sorted(like)[:wanted]
    return Found(best + alike, len(alike))


def count(actor: Actor, policy: Policy, typed: str, most: int) -> int:
    """How many records fit what was typed, counted no further than `most`."""
    asked = read(typed, timezone.localdate())
    visible, parameters = seen(policy, actor)
    statements, given = [], []
    for practice in actor.practices:
        statements.append(
            f"(SELECT 1 FROM find_patients(%s, %s) AS found (id) JOIN {visible} p ON p.id = found.id "  # noqa: S608
            "WHERE p.archived_at IS NULL LIMIT %s)"
        )
        given += [practice, asked.query(_near(practice)), *parameters, most]
    ((number,),) = fetch(f"SELECT count(*) FROM ({' UNION ALL '.join(statements)}) counted", given)  # noqa: S608
    return int(number)


def _sorted(hits: dict[UUID, _Hit]) -> list[Patient]:
    return [one.patient for one in sorted(hits.values(), key=lambda hit: hit.order)]


def _near(practice_id: UUID) -> str:
    """What the practice's lexemes begin with."""
    return str(practice_id)[-6:]


# --- Ways to find ----------------------------------------------------------------------------------------------------


def _numbered(actor: Actor, policy: Policy, asked: Asked, _limit: int) -> Iterator[_Hit]:
    """The record of this number, or the one that was kept in its place (PAT-4), for who may see numbers."""
    if asked.number is not None:
        seen_numbers = policy(actor).filter(seen_whole(actor), archived_at=None)
        own = list(seen_numbers.filter(number=asked.number))
        for one in own or seen_numbers.filter(merged__number=asked.number):
            yield _Hit(one, (-1, 0, "", "", one.number))


def _beginning(actor: Actor, policy: Policy, asked: Asked, limit: int) -> Iterator[_Hit]:
    """By the begin of their names in either order: the bounds of an index, which ends where enough are found."""
    if not asked.words or asked.others:
        return
    ways = []
    for last, first in _cuts(asked.words):
        begins = [f"e.{name} >= %s AND e.{name} < %s" for name, text in (("last", last), ("first", first)) if text]
        order = "e.last, e.first" if last else "e.first, e.last"
        bounds = [bound for text in (last, first) if text for bound in (text, text + LAST_LETTER)]
        ways.append((f"AND {' AND '.join(begins)} ORDER BY {order}", bounds))
    yield from _ask(actor, policy, asked, ways, limit)


def _cuts(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Every way to cut words into the begins of last and first name; '' is any."""
    yield " ".join(words), ""
    yield "", " ".join(words)
    for cut in range(1, len(words)):
        one, other = " ".join(words[:cut]), " ".join(words[cut:])
        yield one, other
        yield other, one


def _dialled(actor: Actor, policy: Policy, asked: Asked, limit: int) -> Iterator[_Hit]:
    """By the begin of a phone number alone, which thousands may share: the bounds of an index, as of names."""
    if asked.words or len(asked.others) != 1:
        return
    lexemes = [lexeme for reading in asked.others[0] for lexeme in reading]
    keys = ["+" + lexeme.text for lexeme in lexemes if lexeme.kind == "f"]
    if keys and {lexeme.kind for lexeme in lexemes} <= {"f", "r"}:
        ways = [("AND c.key >= %s AND c.key < %s ORDER BY c.key", [key, key + LAST_LETTER]) for key in keys]
        yield from _ask(actor, policy, asked, ways, limit, entry="patients_contactpoint c")


def _fitting(actor: Actor, policy: Policy, asked: Asked, limit: int) -> Iterator[_Hit]:
    """All that fit, by the index of everything that a record is found by."""
    if asked.words or asked.others:
        yield from _ask(actor, policy, asked, [("ORDER BY p.last_key, p.first_key", [])], limit, found_by=asked.query)


def _ways_to_slip(words: Sequence[str]) -> list[SlipsOf]:
    """Words typed to their end first: ten thousand may begin like a mistyped one, few are nearly it."""
    return [slips] if all(slips(word) == slips_of_begin(word) for word in words) else [slips, slips_of_begin]


def _like(actor: Actor, policy: Policy, asked: Asked, slips_of: SlipsOf) -> Iterator[_Hit]:
    """Names with typing errors, the nearest first."""
    order = "ORDER BY similarity(p.first_key || ' ' || p.last_key, %s) DESC, p.last_key, p.first_key"
    ways = [(order, [" ".join(asked.words)])]
    found_by = partial(asked.query, slips_of=slips_of)
    yield from _ask(actor, policy, asked, ways, CANDIDATES, found_by=found_by, is_like=True)


def _ask(
    actor: Actor,
    policy: Policy,
    asked: Asked,
    ways: Sequence[tuple[str, Sequence[Any]]],
    limit: int,
    found_by: Callable[[str], str] | None = None,
    *,
    entry: str = "patients_searchentry e",
    is_like: bool = False,
) -> Iterator[_Hit]:
    """One statement for all ways: a condition with its order, and their parameters. `entry`: the table that they are
    on, and its one letter there.
    """
    visible, parameters = seen(policy, actor)
    statements, given = [], []
    for practice in actor.practices:
        for condition, bounds in ways:
            if found_by:
                source, where = "find_patients(%s, %s) AS found (id)", "p.id = found.id WHERE"
                before, after = [practice, found_by(_near(practice))], list(bounds)
            else:
                name = entry[-1]
                source, where = entry, f"p.id = {name}.patient_id WHERE {name}.practice_id = %s AND"
                before, after = [], [practice, *bounds]
            statements.append(
                f"(SELECT {_PATIENT.columns} FROM {source} JOIN {visible} p ON {where} "  # noqa: S608
                f"p.archived_at IS NULL {condition}, p.number LIMIT %s)"
            )
            given += [*before, *parameters, *after, limit]
    for row in fetch(" UNION ALL ".join(statements), given):
        patient = _PATIENT.take(iter(row))
        how = fit(asked.words, patient.first_name, patient.last_name)
        if how is None and not is_like:
            how = INSIDE
        if how is not None:
            last = without_particles(fold(patient.last_name))
            yield _Hit(patient, (*how, last, fold(patient.first_name), patient.number))
