"""Facts about patients."""

from sprechzeit.patients.models.consents import Consent, HandedChange
from sprechzeit.patients.models.imports import ImportPart, PatientImport
from sprechzeit.patients.models.master_data import ContactKind, ContactPoint, Patient, PatientTag, RelatedPerson, Tag
from sprechzeit.patients.models.merging import Merge, PossibleDuplicate, ToCompare
from sprechzeit.patients.models.proposals import ContactProposal
from sprechzeit.patients.models.search import SearchEntry
from sprechzeit.patients.models.shares import Share

__all__ = [
    "Consent",
    "ContactKind",
    "ContactPoint",
    "ContactProposal",
    "HandedChange",
    "ImportPart",
    "Merge",
    "Patient",
    "PatientImport",
    "PatientTag",
    "PossibleDuplicate",
    "RelatedPerson",
    "SearchEntry",
    "Share",
    "Tag",
    "ToCompare",
]
