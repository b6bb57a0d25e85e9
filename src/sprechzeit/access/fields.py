"""Which fields of data somebody sees who may not see all of them (ACC-21, ACC-22). Pure.

Where the table lets somebody in and nothing stands here, they see the whole row. A field that is not named is not
there for them: not in pages, search, exports or APIs.
"""

from sprechzeit.access.table import Area, Column, Data, Role, Use

BOOKING = frozenset({"first_name", "last_name", "date_of_birth", "phone", "mobile", "email"})
"""What booking takes of a patient (ACC-21)."""

HANDED = BOOKING
"""What a booking partner is handed of a patient who consented (OTV-5), its own id beside."""

_READ: dict[tuple[Data, Column], frozenset[str]] = {
    (Data.MASTER_DATA, Area.SCHEDULING): BOOKING,
    (Data.MASTER_DATA, Role.PARTNER): HANDED,
    (Data.SESSIONS, Role.SECRETARY): frozenset({"date", "starts_at", "duration_minutes", "services", "price_cents"}),
    (Data.SESSIONS, Area.INVOICING): frozenset({"date", "services", "price_cents"}),
    (Data.INVOICES, Area.FINANCE): frozenset({"number", "date", "payer", "net_cents", "tax_cents", "total_cents"}),
}

_WRITE: dict[tuple[Data, Column], frozenset[str]] = {
    (Data.MASTER_DATA, Area.SCHEDULING): BOOKING,
    (Data.MASTER_DATA, Role.PARTNER): HANDED,
    # They change what a session is billed by; they add none (ACC-1).
    (Data.SESSIONS, Role.SECRETARY): frozenset({"date", "duration_minutes", "price_cents"}),
}


def fields_of(who: Column, data: Data, use: Use) -> frozenset[str] | None:
    """The fields that `who` may see or change where the table lets them; None for all of them."""
    return (_READ if use is Use.READ else _WRITE).get((data, who))


def shown(field: str, fields: frozenset[str] | None) -> bool:
    """Whether a field is among those that somebody sees."""
    return fields is None or field in fields
