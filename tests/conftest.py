"""One PostgreSQL for the whole run, one database a worker cloned from a migrated template; tests connect as `app`.

A test marked `own_database` gets a database of its own, where it really commits and may use threads and processes.
`SPRECHZEIT_TEST_POSTGRES` names the folder of another server's programs, to run everything on it;
`SPRECHZEIT_TEST_PGBOUNCER=1` puts PgBouncer between, pooling by transaction.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from sprechzeit.config.environment import database
from sprechzeit.operations import postgres_setup
from sprechzeit.operations.embedded import Cluster
from tests.support.cast import Cast, make_cast
from tests.support.databases import Databases, migrate
from tests.support.mailbox import Mailbox, mail_server
from tests.tools.pgbouncer import pgbouncer, pooled

_shared = ExitStack()

# Commands answer in English, whatever the terminal of the developer speaks.
os.environ["LANGUAGE"] = "en"

settings.STATIC_ROOT = Path(_shared.enter_context(tempfile.TemporaryDirectory()))
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.MASTER_KEY = settings.SECRET_KEY = "only-for-tests-0123456789abcdef0123456789"
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]


def _start_cluster() -> Databases:
    """The cluster of this run with its template, all in one process: the controller's, or the only one's."""
    chosen = os.environ.get("SPRECHZEIT_TEST_POSTGRES")
    cluster = _shared.enter_context(Cluster.temporary(binaries=Path(chosen) if chosen else None))
    urls = {role: cluster.url(role, "{database}") for role in ("superuser", "owner", "app", "backup")}
    urls["listen"] = urls["app"]
    if os.environ.get("SPRECHZEIT_TEST_PGBOUNCER"):
        urls["app"] = pooled(urls["app"], _shared.enter_context(pgbouncer(cluster)))
    databases = Databases(urls)
    postgres_setup.create_database(databases.url("superuser", "postgres"), "template")
    migrate(databases.url("owner", "template"))
    return databases


def pytest_configure_node(node: Any) -> None:
    """xdist: the controller starts the cluster, its workers are told where it is."""
    config = node.config
    if not hasattr(config, "_databases"):
        config._databases = _start_cluster()
    node.workerinput["urls"] = config._databases.urls


def pytest_unconfigure() -> None:
    _shared.close()


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases:
    """Where the databases of this run are."""
    given = getattr(request.config, "workerinput", None)
    return Databases(given["urls"]) if given else _start_cluster()


@pytest.fixture(scope="session")
def django_db_setup(databases: Databases, worker_id: str, django_db_blocker: Any) -> None:
    """This worker's own copy of the template, reached as the application's role."""
    name = f"worker_{worker_id}"
    databases.clone(name)
    with django_db_blocker.unblock():
        connections["default"].settings_dict.update(database(databases.url("app", name)))


@pytest.fixture
def own_database(
    databases: Databases, django_db_setup: None, django_db_blocker: Any, worker_id: str, request: pytest.FixtureRequest
) -> Iterator[Databases]:
    """A fresh database with real commits; gone after the test."""
    name = f"own_{worker_id}_{abs(hash(request.node.nodeid)) % 10**10}"
    databases.clone(name)
    connection = connections["default"]
    former = dict(connection.settings_dict)
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict.update(database(databases.url("app", name)))
        try:
            yield Databases(databases.urls, current=name)
        finally:
            connections.close_all()
            connection.settings_dict.clear()
            connection.settings_dict.update(former)
            databases.drop(name)


@pytest.fixture(autouse=True)
def _database_where_marked(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("own_database"):
        request.getfixturevalue("own_database")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A real SMTP server in a process of its own."""
    with mail_server() as box:
        yield box


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> Cast:
    """Everybody, in this test's database."""
    if not request.node.get_closest_marker("own_database"):
        request.getfixturevalue("db")
    return make_cast()
