"""What stands around each page of a record: whose it is, what to be warned of, and the tabs (PAT-3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.access.fields import shown
from sprechzeit.access.table import Data
from sprechzeit.audit.queries import log_read
from sprechzeit.core.acting import require
from sprechzeit.core.errors import Moved, NotFound
from sprechzeit.patients.models import ContactKind, Patient
from sprechzeit.patients.policy import fields_seen, get_patient, has_consents, may_change_patient, opens
from sprechzeit.patients.queries import contacts_of
from sprechzeit.practice.queries import practice_of
from sprechzeit.ui.initials import initials


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of the record: the name of its address, which takes the patient's id, and the data that it shows.

    `exists`: whether the record has such a page at all; without it every record has.
    """

    url_name: str
    label: str | Promise
    data: Data
    exists: Callable[[Actor, Patient], bool] | None = None


# A room adds its page here by its address, and its view asks `record_frame` for what stands around it.
TABS = (
    Tab("patients:record", _("Master data"), Data.MASTER_DATA),
    Tab("scheduling:record_appointments", _("Appointments"), Data.APPOINTMENTS),
    Tab("records:sessions", _("Sessions"), Data.SESSIONS),
    Tab("records:reports", _("Reports"), Data.REPORTS),
    Tab("records:documents", _("Documents"), Data.DOCUMENTS),
    Tab("patients:consents", _("Consents"), Data.MASTER_DATA, has_consents),
    Tab("record_messages", _("Messages"), Data.MESSAGES),
    Tab("record_log", _("Log"), Data.LOG),
)
PHONES = (ContactKind.MOBILE, ContactKind.PHONE, ContactKind.WORK)


def record_frame(actor: Actor, patient_id: UUID, url_name: str) -> dict[str, Any]:
    """The head of a record and its tabs, for the page that `url_name` names. The opening is logged (AUD-2).

    Raises NotFound also where the record is visible and that page of it is not (ACC-6), and Moved for one that was
    merged into another (PAT-4).
    """
    patient = get_patient(actor, patient_id)
    if patient.pk != patient_id:
        raise Moved(patient_id, patient.pk)
    tabs = _tabs(actor, patient, url_name)
    require(any(one["current"] for one in tabs), NotFound)
    log_read(actor, patient.practice_id, "patients_patient", patient.pk)
    return {"record": head_of(actor, patient), "tabs": tabs, "patient": patient}


def head_of(actor: Actor, patient: Patient) -> dict[str, Any]:
    """The head, with the fields alone that the actor sees (ACC-21)."""
    fields = fields_seen(actor, patient)
    contacts = contacts_of(actor, patient)
    by_kind = {one.kind: one.value for one in reversed(contacts)}
    whole = fields is None
    return {
        "id": patient.pk,
        "name": patient.full_name,
        "initials": initials(patient.first_name, patient.last_name),
        "colour": patient.number % 8 + 1,
        "born": patient.date_of_birth,
        "age": age_of(actor, patient.date_of_birth),
        "gender": patient.get_gender_display() if shown("gender", fields) else "",
        "number": patient.number if shown("number", fields) else None,
        "insurance": " · ".join(filter(None, (patient.get_insurance_display(), patient.insurer))) if whole else "",
        "warnings": patient.warning_lines if shown("warnings", fields) else [],
        "tags": list(patient.tags.order_by("tag__key").values_list("tag__name", flat=True)) if whole else [],
        "phone": next((by_kind[kind] for kind in PHONES if kind in by_kind), ""),
        "email": by_kind.get(ContactKind.EMAIL, ""),
        "is_archived": patient.archived_at is not None,
        "may_change": may_change_patient(actor, patient),
        "whole": whole,
    }


def age_of(actor: Actor, born: date | None) -> int | None:
    """Completed years, today on the practice's clock."""
    if born is None:
        return None
    day = timezone.now().astimezone(practice_of(actor).zone).date()
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _tabs(actor: Actor, patient: Patient, url_name: str) -> list[dict[str, Any]]:
    open_to = opens(actor, patient, *(tab.data for tab in TABS))
    return [
        {"label": tab.label, "url": reverse(tab.url_name, args=[patient.pk]), "current": tab.url_name == url_name}
        for tab in TABS
        if open_to[tab.data] and (tab.exists is None or tab.exists(actor, patient))
    ]
