"""Sealing many values of one practice at once: its key is asked for once and not for each row."""

import json
from functools import cached_property
from typing import Any

from django.db import models

from sprechzeit.core.crypto import DataKey
from sprechzeit.practice.models import PracticeSealedText


class Seals:
    """The key of the practice of `row`. It may be used until the transaction ends, which holds it."""

    def __init__(self, row: models.Model) -> None:
        self.row = row

    @cached_property
    def key(self) -> DataKey:
        """Whoever asks for it holds it: nobody retires it meanwhile."""
        return PracticeSealedText().key_for(self.row)

    def sealed(self, row: models.Model, column: str, value: Any) -> bytes | None:
        """A text, or anything else as JSON, sealed for its place; nothing for nothing."""
        if not value:
            return None
        field: Any = row._meta.get_field(column)
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return self.key.seal(text.encode("utf-8", "surrogatepass"), field.identity(row))
