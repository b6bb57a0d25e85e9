"""Facts of a record as its columns hold them (PAT-1)."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sprechzeit.patients import facts as said
from sprechzeit.patients import matching
from sprechzeit.patients.facts import Facts
from sprechzeit.patients.models import Patient

SEALED = ("remarks", "warnings")


def set_columns(patient: Patient, wanted: Facts, names: Collection[str]) -> list[str]:
    """Write these facts into a row that is not saved. The columns that hold them; of names their keys too."""
    columns = list(names)
    for name in names:
        value: Any = wanted[name]
        if name == said.DATE_OF_BIRTH:
            value = date.fromisoformat(value) if value else None
        elif name in SEALED:
            value = value or None
        setattr(patient, name, value)
        if name in ("first_name", "last_name"):
            of_name = name.replace("name", "key")
            setattr(patient, of_name, matching.name_key(value))
            columns.append(of_name)
    return columns
