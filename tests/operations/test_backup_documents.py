"""Documents in a backup: each opens again where it is restored, and the proof misses one that is not there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from sprechzeit.core.acting import acting
from sprechzeit.operations import postgres_setup
from sprechzeit.operations.backup.folder import Folder
from sprechzeit.operations.backup.make import make_backup
from sprechzeit.records.queries import open_file
from tests.operations.conftest import installation, short_folder
from tests.operations.program import command
from tests.support.cast import Cast
from tests.support.databases import Databases, stand_on
from tests.support.documents import filed
from tests.support.treated import treated

pytestmark = [pytest.mark.own_database, pytest.mark.req("OPS-21", "DOC-3")]


@pytest.fixture
def folder(own_database: Databases, settings: Any) -> Iterator[Path]:
    """The data folder of an installation, beside where its backups go."""
    with short_folder() as found:
        settings.DATABASE_BACKUP_URL = own_database.url("backup")
        settings.DATA_DIR = found / "data"
        yield found


def test_documents_are_restored_and_a_missing_one_is_noticed(
    cast: Cast, own_database: Databases, databases: Databases, folder: Path, worker_id: str, settings: Any
) -> None:
    name, jonas = f"restored_{worker_id}", cast.albers.actor("jonas")
    patient = treated(cast.albers).patient_id
    kept, lost = (filed(cast.albers, patient) for _one in range(2))
    place = folder / "data/documents" / str(cast.albers.practice.pk)
    (place / ".half.part").write_bytes(b"being written")
    whole = make_backup(Folder(folder / "backups"))
    assert whole.manifest.files == 4
    postgres_setup.create_database(databases.url("superuser", "postgres"), name)
    try:
        there = installation(databases, name, folder / "new")
        done = command("restore", whole.where, **there)
        assert done.returncode == 0, done.stdout + done.stderr
        stand_on(databases.url("listen", name))
        settings.DATA_DIR = folder / "new"
        with acting(jonas):
            assert open_file(jonas, kept.pk).content.startswith(b"\x89PNG")
    finally:
        stand_on(own_database.url("listen"))
        databases.drop(name)
    django_settings.DATA_DIR = folder / "data"
    (place / str(lost.pk)).unlink()
    missing = make_backup(Folder(folder / "backups"))
    good, bad = (command("backup", "verify", one.where, **there) for one in (whole, missing))
    assert good.returncode == 0, good.stdout + good.stderr
    assert "Documents: 2; all of them open." in good.stdout
    assert bad.returncode == 1
    assert f"not to be opened: 1. The first of them: {lost.pk}" in bad.stderr
