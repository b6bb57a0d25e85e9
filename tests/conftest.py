"""One PostgreSQL for the whole run, databases for each worker cloned from a migrated template; tests connect as `app`.

A test with the `cast` stands on a database that has everybody already; what it does is rolled back.

A test marked `own_database` gets a database of its own, where it really commits and may use threads and processes.
`SPRECHZEIT_TEST_POSTGRES` names the folder of another server's programs, to run everything on it;
`SPRECHZEIT_TEST_PGBOUNCER=1` puts PgBouncer between, pooling by transaction.
"""

import gc
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.conf import settings
from django.db import connections
from django.utils import translation

from sprechzeit.operations import postgres_setup
from sprechzeit.operations.embedded import Cluster
from tests.support.cast import Cast, make_cast
from tests.support.databases import Databases, stand_on
from tests.support.mailbox import Mailbox, mail_server
from tests.support.marked import Books, marked_books
from tests.support.server import Program, running
from tests.support.templates import fill_template
from tests.tools.pgbouncer import pgbouncer, pooled, wait_for

_shared = ExitStack()

# Compiled once, also where the environment says otherwise: tests start the program hundreds of times.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Commands answer in English, whatever the terminal of the developer speaks.
os.environ["LANGUAGE"] = "en"

settings.STATIC_ROOT = Path(_shared.enter_context(tempfile.TemporaryDirectory()))
settings.DATA_DIR = Path(_shared.enter_context(tempfile.TemporaryDirectory()))
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
    fill_template(databases)
    return databases


def pytest_configure_node(node: Any) -> None:
    """xdist: the controller starts the cluster, its workers are told where it is."""
    config = node.config
    if not hasattr(config, "_databases"):
        config._databases = _start_cluster()
    node.workerinput["urls"] = config._databases.urls


# Files that take longest, by the folders they stand in: begun first, no process waits for another at the end. First of
# all the chain of the log, beside what has no transaction: what is sealed waits for all that are open in the cluster.
LONGEST = (
    "audit/test_chain.py", "test_availability_properties.py", "operations/test_run.py", "laws/test_attacks_reads.py",
    "laws/test_visibility.py", "laws/test_staff_routes.py", "ui/test_browser.py", "walk/",
    "portal/test_embed.py", "portal/test_details_page.py", "operations/", "laws/", "test_plans.py",
    "audit/", "races.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`--no-loadscope-reorder` keeps this order; by itself xdist begins with the files of many quick tests."""

    def rank(item: pytest.Item) -> int:
        return next((number for number, part in enumerate(LONGEST) if part in item.nodeid), len(LONGEST))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: the collector need not go through it again and again."""
    gc.collect()
    gc.freeze()


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
    databases.clone(f"worker_{worker_id}")
    with django_db_blocker.unblock():
        stand_on(databases.url("app", f"worker_{worker_id}"))


class Prepare(Protocol):
    """Makes what many tests stand on, once."""

    def __call__(self, name: str, make: Callable[[], object], template: str = "template") -> bytes: ...


@pytest.fixture(scope="session")
def prepare(databases: Databases, django_db_setup: None, worker_id: str, django_db_blocker: Any) -> Prepare:
    """Makes what many tests stand on once in this worker, and pickles it, so that every test has one of its own.

    `name`_<worker> then is a database to stand on, template_`name`_<worker> one to clone.
    """

    def prepare(name: str, make: Callable[[], object], template: str = "template") -> bytes:
        mould = f"template_{name}_{worker_id}"
        databases.clone(mould, template=template)
        with django_db_blocker.unblock():
            stand_on(databases.url("listen", mould))  # past any pooler, which would stay connected
            made = pickle.dumps(make())
            connections.close_all()
        databases.clone(f"{name}_{worker_id}", template=mould)
        return made

    return prepare


@pytest.fixture(scope="session")
def everybody(prepare: Prepare) -> bytes:
    """The cast, without books."""
    return prepare("cast", lambda: (make_cast(), None))


@pytest.fixture(scope="session")
def marked(prepare: Prepare, everybody: bytes, worker_id: str) -> bytes:
    """The cast and its marked books."""

    def make() -> tuple[Cast, Books]:
        people, _none = _unpickled(everybody)
        return people, marked_books(people)

    return prepare("books", make, f"template_cast_{worker_id}")


@pytest.fixture
def own_database(
    databases: Databases, django_db_setup: None, django_db_blocker: Any, worker_id: str, request: pytest.FixtureRequest
) -> Iterator[Databases]:
    """A fresh database with real commits, the cast in it where the test has one; gone after the test."""
    name = f"own_{worker_id}_{abs(hash(request.node.nodeid)) % 10**10}"
    if "served" in request.fixturenames:
        request.getfixturevalue("served")
        name = f"served_{worker_id}"
        databases.drop(name)
    template = "template"
    if made := _stands_on(request):
        template = f"template_{made}_{worker_id}"
    databases.clone(name, template=template)
    wait_for(databases.url("app", name))
    with django_db_blocker.unblock():
        stand_on(databases.url("app", name))
        try:
            yield Databases(databases.urls, current=name)
        finally:
            connections.close_all()
            if "served" not in request.fixturenames:
                databases.drop(name)


@pytest.fixture(scope="session")
def served(databases: Databases, django_db_setup: None, worker_id: str) -> Iterator[Program]:
    """The pages, served all the time: beneath them each test that asks for them gets its own database.

    They notice as they do when a server was restarted: every connection is looked at before it is used again.
    """
    own = Databases(databases.urls, current=f"served_{worker_id}")
    databases.clone(own.current)
    with running(own, worker=False) as program:
        yield program


@pytest.fixture(autouse=True)
def _right_database(request: pytest.FixtureRequest) -> None:
    """Before anything begins a transaction: a database of the test's own, the one with the cast, or the empty one."""
    names, find = request.fixturenames, request.getfixturevalue
    if request.node.get_closest_marker("own_database"):
        find("own_database")
    elif made := _stands_on(request):
        stand_on(find("databases").url("app", f"{made}_{find('worker_id')}"))
    elif "db" in names:
        find("django_db_setup")
        stand_on(find("databases").url("app", f"worker_{find('worker_id')}"))


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """No test begins in the language in which a page was answered in the one before."""
    translation.deactivate()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A real SMTP server in a process of its own."""
    with mail_server() as box:
        yield box


def _stands_on(request: pytest.FixtureRequest) -> str:
    """What was prepared for such a test: the cast, the cast with marked books, or nothing."""
    names = request.fixturenames
    made = {"books": "marked", "cast": "everybody"}
    wanted = next((name for name in made if name in names), "")
    if wanted:
        request.getfixturevalue(made[wanted])
    return wanted


@pytest.fixture
def _people(request: pytest.FixtureRequest) -> tuple[Cast, Books | None]:
    """Who and what stands in this test's database."""
    if not request.node.get_closest_marker("own_database"):
        request.getfixturevalue("db")
    return _unpickled(request.getfixturevalue("marked" if "books" in request.fixturenames else "everybody"))


@pytest.fixture
def cast(_people: tuple[Cast, Books | None]) -> Cast:
    """Everybody, as they stand in this test's database."""
    return _people[0]


@pytest.fixture
def books(_people: tuple[Cast, Books | None]) -> Books | None:
    """The books of everybody, in which each value is a word of its own."""
    return _people[1]


def _unpickled(made: bytes) -> tuple[Cast, Books | None]:
    unpickled: tuple[Cast, Books | None] = pickle.loads(made)  # noqa: S301 - made by this process
    return unpickled
