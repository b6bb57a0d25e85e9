"""Migration operations that put a table under the house's promises (architecture §3, §7).

`Protect` after `CreateModel`: forced row security, the log's trigger, and foreign keys that cannot leave the
practice. A test over the catalogue fails for a table with `practice_id` that lacks any of them.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

OWNER, APP, CROSSING, BACKUP = "sprechzeit_owner", "sprechzeit_app", "sprechzeit_crossing", "sprechzeit_backup"

# All ways across practices. A test compares them with the database's catalogue.
CROSSING_FILES = [Path(__file__).parent / name for name in ("crossing.sql", "crossing_communities.sql")]

# In a sub-select, so that it is computed once a statement; after a transaction the setting is '', not NULL.
PRACTICES = "(SELECT string_to_array(NULLIF(current_setting('sprechzeit.practices', true), ''), ',')::uuid[])"


def own_rows(column: str = "practice_id") -> str:
    """The condition that a row belongs to a practice that the actor acts in."""
    return f"{column} = ANY ({PRACTICES}::uuid[])"


def row_security(table: str, *, app: str | None = None, check: str | None = None) -> list[str]:
    """Statements that force row security: `app` by condition, `owner` everything (else its migrations see no row)."""
    condition = app or own_rows()
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY app ON "{table}" TO {APP} USING ({condition}) WITH CHECK ({check or condition})',
        f'CREATE POLICY owner ON "{table}" TO {OWNER} USING (true) WITH CHECK (true)',
    ]


def crosses(table: str, rights: str, columns: Sequence[str] = ()) -> list[str]:
    """Let the functions of `crossing` do `rights` on a table, of these columns only where named."""
    of = f" ({', '.join(columns)})" if columns else ""
    command = "ALL" if "," in rights else rights.upper()
    return [
        f'GRANT {rights}{of} ON "{table}" TO {CROSSING}',
        f'CREATE POLICY crossing_{rights.split(",")[0].strip().lower()} ON "{table}" FOR {command} TO {CROSSING} '
        + ("WITH CHECK (true)" if command == "INSERT" else "USING (true)"),
    ]


def logged(table: str, practice_column: str, sealed: Sequence[str] = ()) -> str:
    """The trigger that logs each change; of `sealed` columns the log keeps a digest only."""
    arguments = ", ".join(f"'{one}'" for one in (practice_column, *sealed))
    return (
        f'CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
        f"FOR EACH ROW EXECUTE FUNCTION log_change({arguments})"
    )


class _Sql(Operation):
    """Statements on the way forward; the table's own removal takes them away again."""

    reversible = True
    reduces_to_sql = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """No change of state: Django knows nothing of these."""

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Gone with the table."""


class Protect(_Sql):
    """Row security, log and composite foreign keys for models with `practice`. What is derived is not logged."""

    def __init__(self, *models: str, derived: bool = False) -> None:
        self.models = models
        self.derived = derived

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        protected = [to_state.apps.get_model(app_label, name)._meta for name in self.models]
        for meta in protected:
            schema_editor.execute(f'ALTER TABLE "{meta.db_table}" ADD CONSTRAINT "{meta.db_table}_row" '
                                  "UNIQUE (practice_id, id)")  # fmt: skip
        for meta in protected:
            sealed = [str(field.column) for field in meta.local_fields if isinstance(field, models.BinaryField)]
            keys = [composite_key(field) for field in meta.local_fields if stays_in_practice(field)]
            log = [] if self.derived else [logged(meta.db_table, "practice_id", sealed)]
            for statement in (*row_security(meta.db_table), *keys, *log):
                schema_editor.execute(statement)

    def describe(self) -> str:
        return f"Protect {', '.join(self.models)}: row security, log, composite foreign keys"


def stays_in_practice(field: Any) -> bool:
    """Whether a field refers to a row that belongs to a practice."""
    return bool(
        field.remote_field
        and field.name != "practice"
        and any(other.name == "practice" for other in field.related_model._meta.local_fields)
    )


def composite_key(field: Any) -> str:
    """Foreign keys ignore row security, so they carry the practice: a row of another one cannot be referred to."""
    table, other = field.model._meta.db_table, field.related_model._meta.db_table
    return (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{field.column}_within" '
        f'FOREIGN KEY (practice_id, "{field.column}") REFERENCES "{other}" (practice_id, id)'
    )


class InstallCrossing(_Sql):
    """(Re-)create the functions of `crossing` from their files. Run it again in a migration when one changes."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for file in CROSSING_FILES:
            schema_editor.execute(file.read_text(), params=None)

    def describe(self) -> str:
        return "Install the functions that look across practices or write the log"
