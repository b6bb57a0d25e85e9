"""`SealedText`: a text that the database never sees in the clear (PRI-1)."""

from typing import Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute

from sprechzeit.core.crypto import DataKey


class _SealedAttribute(DeferredAttribute):
    """Reads decrypt, writes keep the plain text until the row is saved."""

    field: "SealedText"

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if instance is None or not isinstance(value, bytes | memoryview):
            return value
        return self.field.opened(instance, bytes(value))

    def __set__(self, instance: models.Model, value: str | bytes | memoryview | None) -> None:
        instance.__dict__[self.field.attname] = value


class SealedText(models.BinaryField):  # type: ignore[type-arg]  # the stub is not generic at run time
    """Text, encrypted with the key that `key_for` gives, bound to its row and column.

    Set a `str`; read a `str`. It cannot be searched, and stands in the log as a digest only.
    """

    descriptor_class = _SealedAttribute

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def key_for(self, instance: models.Model) -> DataKey:
        """The key that seals this row's value."""
        raise NotImplementedError

    def key_that_sealed(self, instance: models.Model, sealed: bytes) -> DataKey:
        """The key that opens `sealed`."""
        raise NotImplementedError

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _SealedAttribute(self))

    def identity(self, instance: models.Model) -> str:
        """What binds the value to its place: copied into another row or column it does not open."""
        return f"{instance._meta.db_table}.{self.column}:{instance.pk}"

    def opened(self, instance: models.Model, sealed: bytes) -> str:
        """Decrypt. Raises `Unreadable`."""
        return self.key_that_sealed(instance, sealed).open(sealed, self.identity(instance)).decode()

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, str):
            return self.key_for(model_instance).seal(value.encode(), self.identity(model_instance))
        return value
