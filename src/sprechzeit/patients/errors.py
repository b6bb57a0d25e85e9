"""What can go wrong with patients' records."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError


class RecordChanged(DomainError):
    """Somebody else changed the record since the actor looked: `fields` of it, as they are in `current`."""

    code = "record_changed"
    status = 409
    message = _("Somebody else has changed this record meanwhile. Please look at it again.")

    def __init__(self, fields: Sequence[str], current: Mapping[str, Any]) -> None:
        self.fields = fields
        self.current = current
        super().__init__(fields=list(fields))


class LikelyDuplicate(DomainError):
    """A new record that may be of somebody whom the practice knows (PAT-14); `alike`: those records, by id."""

    code = "likely_duplicate"
    status = 409
    message = _("There may be a record of this person already.")

    def __init__(self, alike: Sequence[str]) -> None:
        self.alike = alike
        super().__init__(alike=list(alike))
