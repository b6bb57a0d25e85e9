"""What every row of a practice has: an id, the practice, and foreign keys that cannot leave it."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from sprechzeit.core import crypto
from sprechzeit.core.fields import SealedText
from sprechzeit.core.ids import new_id


class PracticeModel(models.Model):
    """A row that belongs to exactly one practice. Its migration puts it under `Protect`.

    Each model says in `PERSONAL_DATA` what it holds about people, and in `RETENTION` which class of keeping it has.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    practice = models.ForeignKey("practice.Practice", models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class PracticeForeignKey(models.ForeignKey):  # type: ignore[type-arg]  # generic in the stub only
    """A foreign key within the practice: the database's constraint is the composite one that `Protect` makes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(*args, **kwargs)


class PracticeOneToOne(models.OneToOneField):  # type: ignore[type-arg]  # generic in the stub only
    """A one-to-one within the practice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(*args, **kwargs)


# Who seals holds the lock with all others who seal, until it is committed; who retires a key holds it alone.
_NEWEST_KEY = """
SELECT key.id, key.wrapped
  FROM practice_datakey AS key, (SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))) AS held
 WHERE key.practice_id = %s AND key.retired_at IS NULL ORDER BY key.id DESC LIMIT 1
"""


def key_lock(practice_id: UUID) -> str:
    """The name of the lock under which a practice's values are sealed."""
    return f"datakey:{practice_id}"


class PracticeSealedText(SealedText):
    """A text sealed with the practice's data key."""

    def key_for(self, instance: models.Model) -> crypto.DataKey:
        practice_id = _practice_of(instance)
        with connection.cursor() as cursor:
            cursor.execute(_NEWEST_KEY, [key_lock(practice_id), practice_id])
            row = cursor.fetchone()
        if row is None:
            raise apps.get_model("practice", "DataKey").DoesNotExist
        return crypto.unwrap(row[0], bytes(row[1]))

    def key_that_sealed(self, instance: models.Model, sealed: bytes) -> crypto.DataKey:
        keys = apps.get_model("practice", "DataKey")
        wanted = keys._default_manager.filter(practice_id=_practice_of(instance), id=crypto.key_id_of(sealed))
        row = wanted.first()
        if row is None:
            raise crypto.Unreadable("sealed with a key that this practice does not have")
        return crypto.unwrap(row.id, bytes(row.wrapped))


def _practice_of(instance: models.Model) -> UUID:
    practice_id: UUID = instance.practice_id  # type: ignore[attr-defined]  # every protected model has it
    return practice_id
