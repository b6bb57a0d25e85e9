"""Proving a backup: restored into a scratch server, its rows counted, its log checked; then all of it is gone again."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from sprechzeit.operations.account import Account
from sprechzeit.operations.backup import DATABASE, DIGESTS, MANIFEST
from sprechzeit.operations.backup.archive import Backup
from sprechzeit.operations.backup.files import put_file
from sprechzeit.operations.backup.load import load
from sprechzeit.operations.backup.make import counts
from sprechzeit.operations.backup.restore import compare, home, require_not_newer
from sprechzeit.operations.embedded import Cluster
from sprechzeit.operations.errors import Differs
from sprechzeit.operations.installation import URLS
from sprechzeit.operations.postgres_setup import create_database, drop_database
from sprechzeit.operations.supervisor import manage, say
from sprechzeit.operations.terminal import _

SCRATCH = "scratch"


def prove(backup: Backup, master: str) -> None:
    """Restore it to a scratch server of its own and compare. Says what it finds; raises `CannotRun` at the first fault.

    The scratch server stands in the data folder, so that what a killed proof leaves is found and removed by the next.
    """
    say(_("The backup is whole and opens with this key. Restoring it to a scratch database …"))
    is_older = require_not_newer(backup.manifest)
    with _scratch() as cluster, tempfile.TemporaryDirectory(dir=cluster.home) as folder:
        owner = cluster.url("owner", SCRATCH)
        files = _restore(backup, owner, Path(folder))
        with psycopg.connect(owner) as connection:
            compare(backup.manifest.rows, counts(connection))
            # The log goes on by another server's count of transactions.
            connection.execute("UPDATE audit_head SET upto = 0, upto_entry = 0")
        # Files that came while it was made are in it too: their rows are not, and nobody misses them.
        if files < backup.manifest.files:
            raise Differs(
                _("Files in the backup: %(found)s; it says: %(said)s.")
                % {"said": backup.manifest.files, "found": files}
            )
        rows = sum(backup.manifest.rows.values())
        say(
            _("All rows are there. Rows: %(rows)s; tables: %(tables)s.")
            % {"rows": rows, "tables": len(backup.manifest.rows)}
        )
        variables = _variables(cluster, Path(folder), master)
        myself = Account(os.geteuid(), os.getegid(), other=False)
        if is_older:
            manage(["migrate", "--no-input", "--verbosity", "0"], {**variables, URLS["app"]: owner}, myself)
        say(_("Opening every document …"))
        manage(["check_documents"], variables, myself)
        manage(["seal_log"], variables, myself)
        say(_("Checking the log …"))
        checked = subprocess.run(
            [sys.executable, "-m", "sprechzeit.cli", "audit", "verify"], env=variables, check=False
        )
        if checked.returncode != 0:
            raise Differs(_("The log in the backup is not whole; what is wrong stands above."))


def _restore(backup: Backup, owner: str, folder: Path) -> int:
    """Load database and files; how many files there are but the heads of the log."""
    files = 0
    for name, frames in backup.parts():
        if name == DATABASE:
            load(owner, frames)
        elif name not in (MANIFEST, DIGESTS):
            files += put_file(folder, name, frames) and not name.startswith("log/")
    return files


@contextmanager
def _scratch() -> Iterator[Cluster]:
    cluster = Cluster(home() / "verify", durable=False)
    try:
        with cluster:
            superuser = cluster.url("superuser", "postgres")
            drop_database(superuser, SCRATCH)
            create_database(superuser, SCRATCH)
            yield cluster
    finally:
        cluster.remove()


def _variables(cluster: Cluster, folder: Path, master: str) -> Mapping[str, str]:
    urls = {name: cluster.url(role, SCRATCH) for role, name in URLS.items()}
    return {
        **os.environ, **urls,
        "SPRECHZEIT_DATABASE_LISTEN_URL": urls[URLS["app"]],
        "SPRECHZEIT_DATA_DIR": str(folder),
        "SPRECHZEIT_MASTER_KEY": master,
    }  # fmt: skip
