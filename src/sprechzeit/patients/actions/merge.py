"""One record of two, and two again (PAT-4)."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import Moved, NotAllowed, NotFound
from sprechzeit.core.events import publish
from sprechzeit.core.live import announce_practice
from sprechzeit.core.locks import lock
from sprechzeit.core.rows import fetch
from sprechzeit.patients import facts as said
from sprechzeit.patients import joining
from sprechzeit.patients.actions.consents import part_consents, unite_consents
from sprechzeit.patients.attached import Fact, Goes, Stays
from sprechzeit.patients.columns import set_columns
from sprechzeit.patients.errors import NotUndone, RecordsChanged, Relatives
from sprechzeit.patients.events import PatientsShared
from sprechzeit.patients.joining import Side
from sprechzeit.patients.models import ContactKind, Merge, Patient, RelatedPerson, Share
from sprechzeit.patients.moving import Relation, move, move_back, relations, rows_of
from sprechzeit.patients.policy import get_patient, may_change_patient, may_merge, visible_merges
from sprechzeit.patients.queries import facts_of
from sprechzeit.practice.models import PracticeSealedText

# What no form names. Of names and of their keys, the names are said.
CALLED = {
    "created_by_id": _("Belongs to"), "archived_at": _("Archived"), "first_key": _("First name"),
    "last_key": _("Last name"),
}  # fmt: skip
KINDS = tuple(ContactKind.values)
_COLUMNS = ("person_id", "name", "street", "postcode", "town", "country", "phone", "email")
# Both at once: what one of them was is what the other one is, and no row is twice.
_EXCHANGE = f"""
UPDATE patients_relatedperson one SET {", ".join(f"{name} = other.{name}" for name in _COLUMNS)}
  FROM patients_relatedperson other
 WHERE one.practice_id = %s AND other.practice_id = one.practice_id AND one.id = ANY (%s::uuid[])
   AND other.id = ANY (%s::uuid[]) AND other.id <> one.id
RETURNING one.id, to_jsonb(one)::text
"""  # noqa: S608 – names of columns


@action
def merge_patients(actor: Actor, kept_id: UUID, given_up_id: UUID, choices: Mapping[str, str], *, seen: str) -> Merge:
    """Two records are one: `kept_id` has all that hung on both, and the other one's number and links lead to it.

    `choices`: by the name of a `joining.Comparison`, whose it is; `seen`: the `joining.stamp` of both as they were
    shown. Who sees one of them sees all of it from now on, for good (ACC-5). Raises `NotFound` unless the actor sees
    both by their role, `NotAllowed`, `Moved` where they are one already, `RecordsChanged`, `Relatives`.
    """
    require(may_merge(actor), NotAllowed)
    kept, other = _both(actor, kept_id, given_up_id)
    both = facts_of(actor, kept), facts_of(actor, other)
    require(joining.stamp(*both) == seen, RecordsChanged)
    require(not _relatives(kept, other), Relatives)
    rows = joining.compared(*both, KINDS)
    taken = {row.name: row.taken(choices) for row in rows}
    wanted = both[0] | {row.name: joining.joined(row, taken[row.name]) for row in rows if row.name in both[0]}
    columns = _join(kept, other, wanted)
    exchanged = _exchange_related(kept, other, taken)
    moved = [
        {"table": relation.table, "column": relation.column, "to_kept": to_kept, "rows": dict(found)}
        for relation in relations()
        for to_kept, found in _moved(relation, kept, other, taken)
        if found
    ]
    _unite_shares(actor, other, kept)
    consents = [str(one.pk) for one in unite_consents(actor, other, kept)]
    before = {
        "columns": columns, "archived_at": _text(other.archived_at), "moved": moved, "exchanged": exchanged,
        "consents": consents,
    }  # fmt: skip
    other.merged_into, other.archived_at = kept, other.archived_at or timezone.now()
    other.save(update_fields=["merged_into", "archived_at"])
    merge = Merge.objects.create(
        practice_id=kept.practice_id, patient=kept, given_up=other, merged_by=actor.name, before=json.dumps(before)
    )
    _tell(kept)
    return merge


@action
def undo_merge(actor: Actor, merge_id: UUID) -> Merge:
    """Two records again, each as it was; what came to the one since stays with the one that was kept, and whoever may
    see it now sees both (ACC-5). Undone already, it stays so.

    Raises `NotFound`, `NotAllowed`, and `NotUndone` where it could not be exact.
    """
    require(may_merge(actor), NotAllowed)
    found = visible_merges(actor).filter(pk=merge_id).first()
    if found is None:
        raise NotFound
    _lock(found.practice_id, found.patient_id, found.given_up_id)
    merge = Merge.objects.select_related("patient", "given_up").get(practice_id=found.practice_id, pk=found.pk)
    if merge.undone_at:
        return merge
    kept, other, before = merge.patient, merge.given_up, json.loads(merge.before or "{}")
    _require_as_merged(kept, before)
    other.merged_into, other.archived_at = None, _value(Patient, "archived_at", before["archived_at"])
    other.save(update_fields=["merged_into", "archived_at"])
    by_place = {(one.table, one.column): one for one in relations()}
    for one in reversed(before["moved"]):
        relation = by_place[one["table"], one["column"]]
        way = (kept.pk, other.pk) if one["to_kept"] else (other.pk, kept.pk)
        back = move_back(relation, kept.practice_id, *way, list(one["rows"]))
        if isinstance(relation.how, Fact) and back < len(one["rows"]):
            raise NotUndone([str(relation.how.called)])
    for pair in before["exchanged"]:
        _exchange(kept.practice_id, list(pair))
    for name, (former, _merged) in before["columns"].items():
        setattr(kept, name, _value(Patient, name, former))
    kept.save(update_fields=list(before["columns"]))
    _unite_shares(actor, kept, other)
    part_consents(actor, kept, [UUID(one) for one in before.get("consents", ())])
    merge.before, merge.undone_at, merge.undone_by = None, timezone.now(), actor.name
    merge.save(update_fields=["before", "undone_at", "undone_by"])
    _tell(kept)
    return merge


def _both(actor: Actor, kept_id: UUID, given_up_id: UUID) -> tuple[Patient, Patient]:
    """The two records, held alone until the end: whoever books for one of them waits."""
    role = actor.by_role()
    kept, other = get_patient(role, kept_id), get_patient(role, given_up_id)
    for one in (kept, other):
        require(may_change_patient(role, one), NotAllowed)
    if kept.pk == other.pk:
        raise Moved(given_up_id, kept.pk)
    locked = _lock(kept.practice_id, kept.pk, other.pk)
    for one in locked.values():
        if one.merged_into_id is not None:  # by somebody else, meanwhile
            raise Moved(one.pk, one.merged_into_id)
    return locked[kept.pk], locked[other.pk]


def _lock(practice_id: UUID, *ids: UUID) -> dict[UUID, Patient]:
    """Shares first, as those who share do; then the records, in one order for everybody."""
    lock(f"shares:{practice_id}")
    rows = Patient.objects.select_for_update().filter(practice_id=practice_id, pk__in=ids).order_by("pk")
    return {one.pk: one for one in rows}


def _relatives(kept: Patient, other: Patient) -> bool:
    each = Q(patient=kept, person=other) | Q(patient=other, person=kept)
    return RelatedPerson.objects.filter(each, practice_id=kept.practice_id).exists()


def _join(kept: Patient, other: Patient, wanted: said.Facts) -> dict[str, list[str | None]]:
    """Write the facts that were chosen. Each column that changed, by name: what it was, and what it is."""
    names = [str(one.attname) for one in Patient._meta.concrete_fields]
    former = {name: getattr(kept, name) for name in names}
    set_columns(kept, wanted, [*said.PLAIN, said.DATE_OF_BIRTH])
    kept.created_by_id = kept.created_by_id or other.created_by_id
    kept.made_online = kept.made_online and other.made_online
    kept.archived_at = kept.archived_at and other.archived_at
    columns = [name for name in names if getattr(kept, name) != former[name]]
    if columns:
        kept.save(update_fields=columns)
    return {name: [_text(former[name]), _text(getattr(kept, name))] for name in columns}


def _moved(
    relation: Relation, kept: Patient, other: Patient, taken: Mapping[str, Side]
) -> list[tuple[bool, list[tuple[str, dict[str, Any]]]]]:
    """Move the rows of one relation. Those that the record that is kept gives away for the other one's go first."""
    if relation.how is None:
        raise NotImplementedError(f"{relation.table}.{relation.column} says nothing of merging (ON_MERGE)")
    if isinstance(relation.how, Stays):
        return []
    more, given, away = "", [], []
    if relation.table == "patients_contactpoint":
        sides = {kind: taken.get(f"{joining.CONTACT}{kind}") for kind in KINDS}
        leaves = [kind for kind in KINDS if sides[kind] is Side.GIVEN_UP]
        away = move(relation, kept.practice_id, kept.pk, other.pk, "AND one.kind = ANY (%s)", [leaves])
        # What just came is not sent back.
        more = "AND one.kind <> ALL (%s) AND one.id <> ALL (%s::uuid[])"
        given = [[kind for kind in KINDS if sides[kind] is Side.KEPT], [row_id for row_id, _row in away]]
    came = move(relation, kept.practice_id, other.pk, kept.pk, more, given)
    # Of what goes back however it was changed, it is enough to know which rows they are.
    if isinstance(relation.how, Goes):
        came = [(row_id, {}) for row_id, _row in came]
    return [(False, away), (True, came)]


def _exchange_related(kept: Patient, other: Patient, taken: Mapping[str, Side]) -> list[dict[str, Any]]:
    """Of a guardian or payer that both have, the other one's is chosen: the two rows say it the other way round."""
    exchanged = []
    for kind in said.RELATED:
        if taken.get(kind) is Side.GIVEN_UP:
            rows = RelatedPerson.objects.filter(practice_id=kept.practice_id, kind=kind, patient__in=(kept, other))
            exchanged.append(_exchange(kept.practice_id, [str(one) for one in rows.values_list("pk", flat=True)]))
    return exchanged


def _exchange(practice_id: UUID, ids: Sequence[str]) -> dict[str, Any]:
    rows = fetch(_EXCHANGE, [practice_id, list(ids), list(ids)])
    return {str(row_id): json.loads(text) for row_id, text in rows}


def _unite_shares(actor: Actor, of: Patient, to: Patient) -> None:
    """Whoever sees a record, as its owner or by a share, sees the other one too."""
    given = Share.objects.filter(practice_id=to.practice_id)
    there = set(given.filter(patient=to).values_list("member_id", flat=True))
    if None in there:
        return
    wanted = {*given.filter(patient=of).values_list("member_id", flat=True)}
    wanted |= {of.created_by_id} if of.created_by_id else set()
    Share.objects.bulk_create(
        Share(practice_id=to.practice_id, patient=to, member_id=member, shared_by_id=actor.identity)
        for member in sorted(wanted - there - ({to.created_by_id} if to.created_by_id else set()), key=str)
    )


def _require_as_merged(kept: Patient, before: Mapping[str, Any]) -> None:
    """What undoing writes over is as the merge left it. Raises `NotUndone` with what is not."""
    what = [_called(name) for name, (_former, now) in before["columns"].items() if _text(getattr(kept, name)) != now]
    by_place = {(one.table, one.column): one for one in relations()}
    watched = [(by_place[one["table"], one["column"]], one["rows"]) for one in before["moved"]]
    related = next(one for one in relations() if one.model is RelatedPerson and one.name == "patient")
    watched += [(related, pair) for pair in before["exchanged"]]
    for relation, rows in watched:
        if isinstance(relation.how, Fact):
            now = rows_of(relation, kept.practice_id, list(rows))
            # A column that came with a newer version is in none of what was noted.
            if any(row_id not in now or not row.items() <= now[row_id].items() for row_id, row in rows.items()):
                what.append(str(relation.how.called))
    if what:
        raise NotUndone(list(dict.fromkeys(what)))


def _called(name: str) -> str:
    """A column as people call it."""
    field: Any = next(one for one in Patient._meta.concrete_fields if one.attname == name)
    is_named = isinstance(field.verbose_name, Promise)
    return str(field.verbose_name if is_named else CALLED.get(name, _("Master data")))


def _text(value: Any) -> str | None:
    """A column's value as JSON holds it."""
    if value is None or isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _value(model: type[Patient], name: str, text: str | None) -> Any:
    """And back."""
    field: Any = next(one for one in model._meta.concrete_fields if one.attname == name)
    return text if text is None or isinstance(field, PracticeSealedText) else field.to_python(text)


def _tell(kept: Patient) -> None:
    """Open books, whose appointments have another patient now; and who sees them may be others."""
    publish(PatientsShared(kept.practice_id))
    announce_practice(kept.practice_id)
