"""The `sprechzeit` command apart from `run`."""

import subprocess
import sys
from pathlib import Path

import pytest

from sprechzeit.operations.embedded import Cluster
from sprechzeit.operations.errors import Misconfigured
from sprechzeit.operations.installation import Installation
from sprechzeit.operations.postgres_setup import setup_script
from tests.operations.program import command, free_port

pytestmark = pytest.mark.req("OPS-1")


def test_help_loads_nothing_heavy() -> None:
    program = "import sys, sprechzeit.cli.main; print({'django', 'psycopg', 'psutil'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
    assert "database" in command("--help").stdout


@pytest.mark.req("OPS-2")
def test_the_set_up_is_printed() -> None:
    assert command("database", "sql").stdout == setup_script()
    assert "CREATE DATABASE clinic " in command("database", "sql", "--name", "clinic").stdout
    assert command("database", "sql", "--name", "a b").returncode == 2


def test_psql_opens_whether_it_runs_or_not(folder: Path) -> None:
    where = {"SPRECHZEIT_DATA_DIR": str(folder / "data")}
    question = "SELECT 'I am ' || current_user;"
    assert "I am sprechzeit_app" in command("database", "shell", stdin=question, **where).stdout
    with Cluster(folder / "data" / "postgres") as cluster:
        answer = command("database", "shell", "--role", "owner", stdin=question, **where)
        assert "I am sprechzeit_owner" in answer.stdout
        assert cluster.alive


def test_check_says_that_migrations_are_missing(folder: Path) -> None:
    where = {"SPRECHZEIT_DATA_DIR": str(folder / "data")}
    assert "migrate" in command("check", **where).stderr
    assert command("migrate", **where).returncode == 0
    checked = command("check", **where)
    assert checked.returncode == 0, checked.stderr


def test_web_alone_wants_an_address(folder: Path) -> None:
    answer = command("web", SPRECHZEIT_DATA_DIR=str(folder), SPRECHZEIT_DATABASE_URL="", PORT=str(free_port()))
    assert answer.returncode == 1
    assert "SPRECHZEIT_DATABASE_URL" in answer.stderr


def test_an_address_where_nobody_answers_is_said(folder: Path) -> None:
    where = {"SPRECHZEIT_DATA_DIR": str(folder), "PORT": str(free_port())}
    answer = command("web", SPRECHZEIT_DATABASE_URL=f"postgresql://a@/b?host={folder}", **where)
    assert answer.returncode == 1
    assert "cannot be reached" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(Misconfigured, match="PORT"):
        Installation.from_environment({"PORT": port})


def test_the_demo_stays_out_of_a_database_of_ones_own() -> None:
    assert Installation.from_environment({}).demo
    assert not Installation.from_environment({"SPRECHZEIT_DEMO": "0"}).demo
    assert not Installation.from_environment({"SPRECHZEIT_DATABASE_URL": "postgresql://a@b/c"}).demo
