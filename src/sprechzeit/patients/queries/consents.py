"""What patients said to booking partners (PAT-20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet

from sprechzeit.access.actor import Actor
from sprechzeit.audit.queries import log_list
from sprechzeit.patients import search
from sprechzeit.patients.asked import LONGEST
from sprechzeit.patients.models import Consent, Patient
from sprechzeit.patients.policy import patients_by_role, patients_who_said, visible_consents
from sprechzeit.patients.queries.find import MOST_COUNTED, PAGE, following
from sprechzeit.practice.models import Partner
from sprechzeit.practice.policy import visible_partners
from sprechzeit.practice.queries import people_of


class ConsentState(StrEnum):
    """Whom a list shows: everybody, or those of one value. As it stands in an address."""

    ALL = ""
    OPEN = "open"
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A patient and a partner: what the patient said last, or None where that is open from the start."""

    patient: Patient
    partner: Partner
    newest: Consent | None

    @property
    def value(self) -> str:
        """Open, yes or no."""
        return self.newest.value if self.newest else str(ConsentState.OPEN)


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """A page of a partner's list, by name. `counts`: of all whom the actor sees, by state; `later`: the number of the
    last patient, if more follow.
    """

    rows: Sequence[Spoken]
    counts: dict[ConsentState, int]
    later: int | None


def consents_about(actor: Actor, patient: Patient) -> list[Spoken]:
    """What a patient said to each partner that is not ended, and to those that are, where they said anything."""
    said = visible_consents(actor).filter(practice_id=patient.practice_id, patient=patient).order_by("number")
    newest = {one.partner_id: one for one in said}
    partners = visible_partners(actor).filter(practice_id=patient.practice_id).order_by("name", "pk")
    shown = (one for one in partners if one.ended_at is None or one.pk in newest)
    return [Spoken(patient, one, newest.get(one.pk)) for one in shown]


def history_of_consents(actor: Actor, patient: Patient) -> list[tuple[Consent, str, str]]:
    """Everything that a patient ever said, newest first (PAT-22): with what it was before, and who wrote it down."""
    said = visible_consents(actor).filter(practice_id=patient.practice_id, patient=patient)
    found = list(said.select_related("partner").order_by("recorded_at", "number", "pk"))
    names = people_of(actor, {one.recorded_by for one in found})
    values = {(one.partner_id, one.number): one.get_value_display() for one in found}
    first = str(Consent.Choice.OPEN.label)
    return [
        (one, values.get((one.partner_id, one.number - 1), first), names[one.recorded_by]) for one in reversed(found)
    ]


def consent_page(
    actor: Actor, partner: Partner, state: ConsentState, typed: str = "", after: int | None = None, limit: int = PAGE
) -> ConsentPage:
    """The patients whom the actor sees by their role, active ones, with what each said to a partner last.

    `typed`: a search, the best first and on one page; `after`: the number of the patient after whom the page begins.
    It is a list (AUD-2).
    """
    visible = patients_by_role(actor).filter(archived_at=None)
    wanted = _of_state(visible, partner, state)
    asked = typed[:LONGEST].replace("\x00", " ").strip()
    if asked:
        hits = search.find(actor, patients_by_role, asked, MOST_COUNTED).patients
        fitting = set(wanted.filter(pk__in=[one.pk for one in hits]).values_list("pk", flat=True))
        found = [one for one in hits if one.pk in fitting][: limit + 1]
    else:
        found = list(wanted.filter(following(actor, after)).order_by("last_key", "first_key", "number")[: limit + 1])
    shown = found[:limit]
    said = visible_consents(actor).filter(patient__in=[one.pk for one in shown], partner=partner).order_by("number")
    newest = {one.patient_id: one for one in said}
    log_list(actor, "patients_patient", f"consents {partner.pk} {state} {asked} {after}", [one.pk for one in shown])
    rows = [Spoken(one, partner, newest.get(one.pk)) for one in shown]
    later = shown[-1].number if len(found) > limit and not asked else None
    return ConsentPage(rows, _counts(visible, partner), later)


def _of_state(visible: QuerySet[Patient], partner: Partner, state: ConsentState) -> QuerySet[Patient]:
    match state:
        case ConsentState.ALL:
            return visible
        case ConsentState.OPEN:
            decided = [patients_who_said(partner.pk, one) for one in (Consent.Choice.YES, Consent.Choice.NO)]
            return visible.exclude(pk__in=decided[0]).exclude(pk__in=decided[1])
        case _:
            return visible.filter(pk__in=patients_who_said(partner.pk, state))


def _counts(visible: QuerySet[Patient], partner: Partner) -> dict[ConsentState, int]:
    """Open are all but those who said yes or no: they are counted, not looked for."""
    everybody = visible.count()
    yes, no = (_of_state(visible, partner, one).count() for one in (ConsentState.YES, ConsentState.NO))
    found = (everybody, everybody - yes - no, yes, no)
    return dict(zip((ConsentState.ALL, ConsentState.OPEN, ConsentState.YES, ConsentState.NO), found, strict=True))
