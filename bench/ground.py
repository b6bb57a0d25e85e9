"""What everything is measured on: a durable PostgreSQL of its own, migrated, and the real program before it."""

# The models below need Django set up.
from . import configured as configured

# isort: split
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.db import connections

from sprechzeit.config.environment import database
from sprechzeit.operations.embedded import Cluster
from tests.support.databases import Databases
from tests.support.mailbox import free_port
from tests.support.server import Program, collect_static
from tests.support.templates import migrate

WORKERS = 2


@dataclass
class Ground:
    """The cluster, and its one database as each role reaches it."""

    cluster: Cluster
    databases: Databases

    def ask(self, query: str, *parameters: object) -> int:
        """One number, seen by the superuser over all practices."""
        with psycopg.connect(self.databases.url("superuser"), autocommit=True) as connection:
            row = connection.execute(query.encode(), parameters).fetchone()
        return int(row[0]) if row else 0

    def tell(self, statement: str) -> None:
        """Do something as the superuser."""
        with psycopg.connect(self.databases.url("superuser"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def ground() -> Iterator[Ground]:
    """A durable cluster (fsync, full pages, synchronous commit), gone afterwards; this process connects as `app`."""
    folder = Path(tempfile.mkdtemp(prefix="sprechzeit-bench-"))
    folder.chmod(0o755)
    cluster = Cluster(folder / "postgres")
    try:
        with cluster:
            roles = ("superuser", "owner", "app", "backup")
            databases = Databases({role: cluster.url(role, "{database}") for role in roles}, current="sprechzeit")
            migrate(databases.url("owner"))
            connections["default"].settings_dict.update(database(databases.url("app")))
            yield Ground(cluster, databases)
            connections.close_all()
    finally:
        cluster.remove()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(databases: Databases, *, worker: bool = False, workers: int = WORKERS) -> Iterator[Program]:
    """The program as it is run, with two processes for pages. Each client's address is the one it says it has."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        variables = {
            **os.environ,
            "SPRECHZEIT_DATABASE_URL": databases.url("app"),
            "SPRECHZEIT_DATA_DIR": folder,
            "SPRECHZEIT_LOG_LEVEL": "ERROR",
            "SPRECHZEIT_PORT": str(port),
            "SPRECHZEIT_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SPRECHZEIT_HOLDS_PER_HOUR": "1000000",
            "SPRECHZEIT_TRUSTED_PROXIES": "127.0.0.1",
        }
        collect_static(Path(folder), variables)
        program = Program(f"http://127.0.0.1:{port}", variables)
        try:
            program.start_web(workers)
            if worker:
                program.start_worker()
            program.wait_until_ready()
            yield program
        finally:
            program.stop()
