"""`sprechzeit run`: starts, heals, stops; real processes, really killed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from sprechzeit.operations import leftovers
from sprechzeit.operations.embedded import Cluster
from tests.operations.conftest import short_folder
from tests.operations.program import Program, command, ended, free_port, until

pytestmark = pytest.mark.req("OPS-1")

# Where what is in the database does not matter; `running` begins as everybody does, with the demo practice.
EMPTY = {"SPRECHZEIT_DEMO": "0"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    data = tmp_path_factory.mktemp("data") / "of the practice"
    try:
        with Program(data) as program:
            program.wait_until_ready()
            yield program
    finally:
        Cluster(data / "postgres").remove()


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder that several tests start on, one after another: making a database is most of a first start."""
    with short_folder() as folder:
        yield folder / "data"


def data_dir(program: Program) -> Path:
    return Path(program.part("worker").environ()["SPRECHZEIT_DATA_DIR"])


def test_it_says_where_it_is_and_how_to_sign_in(running: Program) -> None:
    status, body, headers = running.health()
    assert (status, body["status"]) == (200, "ready")
    assert headers is not None
    assert "Set-Cookie" not in headers
    assert f"http://127.0.0.1:{running.port}" in running.output


def test_the_keys_are_made_once_and_for_us_alone(running: Program) -> None:
    keys = sorted((data_dir(running) / "keys").iterdir())
    assert [key.name for key in keys] == ["master_key", "secret_key"]
    assert {key.stat().st_mode & 0o777 for key in keys} == {0o600}
    assert len({key.read_text() for key in keys}) == 2


def test_a_taken_port_is_said_with_the_way_out(running: Program, folder: Path) -> None:
    answer = command("run", PORT=str(running.port), SPRECHZEIT_DATA_DIR=str(folder / "other"))
    assert answer.returncode == 1
    assert f"PORT={running.port + 1}" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_second_start_with_the_same_data_is_refused(running: Program) -> None:
    answer = command("run", PORT=str(free_port()), SPRECHZEIT_DATA_DIR=str(data_dir(running)))
    assert answer.returncode == 1
    assert str(running.process.pid) in answer.stderr
    assert running.health()[0] == 200


@pytest.mark.long
@pytest.mark.req("OPS-3")
@pytest.mark.parametrize("name", ["web", "page", "worker", "postgres"])
def test_what_is_killed_comes_back_and_nothing_acknowledged_is_lost(running: Program, name: str) -> None:
    owner = running.part("worker").environ()["SPRECHZEIT_DATABASE_OWNER_URL"]
    with psycopg.connect(owner) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (name text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [name])
    victim = running.part(name)
    victim.kill()

    def back() -> bool:
        try:
            return running.part(name) != victim and running.health()[0] == 200
        except (LookupError, psutil.Error):
            return False

    until(back)
    with psycopg.connect(owner) as connection:
        assert connection.execute("SELECT name FROM kept WHERE name = %s", [name]).fetchone() == (name,)


def check_that_it_stops(program: Program, number: signal.Signals) -> None:
    """Asked twice, as impatient people do, it leaves no process and says so."""
    all_of_it = program.processes()
    program.process.send_signal(number)
    assert program.stop(number) == 0
    assert ended(all_of_it)
    assert program.output.rstrip().endswith("Stopped.")
    assert "Traceback" not in program.output


@pytest.mark.long
def test_killed_itself_only_the_database_stays_and_the_next_start_goes_on_with_it(data: Path) -> None:
    with Program(data, **EMPTY) as program:
        program.wait_until_ready()
        key = (data / "keys/secret_key").read_text()
        server, others = program.part("postgres"), [program.part(name) for name in ("web", "page", "worker")]
        program.process.kill()
        until(lambda: ended(others))
        assert server.is_running()
    with Program(data, **EMPTY) as again:
        again.wait_until_ready()
        assert leftovers.postmaster(data / "postgres/data") == server
        assert (data / "keys/secret_key").read_text() == key
        assert again.health()[0] == 200
        check_that_it_stops(again, signal.SIGTERM)
        assert ended([server])


@pytest.mark.long
def test_asked_to_stop_it_leaves_no_process_and_starts_again(data: Path) -> None:
    """SIGTERM: in the test above, after which it starts here. Meanwhile it can write where it lies."""
    for number in (signal.SIGINT, signal.SIGHUP):
        with Program(data, **EMPTY) as program:
            program.wait_until_ready()
            check_that_it_can_write(data)
            check_that_it_stops(program, number)


def check_that_it_can_write(data: Path) -> None:
    """A checkpoint opens files by their whole path: the data folder must let PostgreSQL's own user through."""
    cluster = Cluster(data / "postgres")
    cluster.attach()
    with psycopg.connect(cluster.url("superuser"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    assert (data / "keys").stat().st_mode & 0o777 == 0o700


def test_ctrl_c_during_the_start_leaves_no_process(folder: Path) -> None:
    with Program(folder / "data") as program:
        until(lambda: program.output.count("…") > 1)
        all_of_it = program.processes()
        assert program.stop(signal.SIGINT) == 0
        assert ended(all_of_it)


@pytest.mark.long
@pytest.mark.req("OPS-2")
def test_it_runs_on_a_server_of_ones_own_and_says_503_while_that_is_away(server: Cluster, folder: Path) -> None:
    urls = {"SPRECHZEIT_DATABASE_URL": server.url("app"), "SPRECHZEIT_DATABASE_OWNER_URL": server.url("owner")}
    with Program(folder / "data", **urls) as program:
        program.wait_until_ready()
        assert not (folder / "data/postgres").exists()
        os.kill(server.process_id, signal.SIGKILL)
        until(lambda: program.health()[0] == 503)
        _status, body, headers = program.health()
        assert headers is not None
        assert int(headers["Retry-After"]) > 0
        assert body["status"] == "database away"
        server.revive()
        until(lambda: program.health()[0] == 200)
        assert program.stop() == 0
    with psycopg.connect(server.url("owner")) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM django_migrations").fetchone() == (True,)


@pytest.mark.long
@pytest.mark.req("OPS-2")
@pytest.mark.parametrize("doing", ["run", "web", "worker", "check"])
@pytest.mark.parametrize("role", ["superuser", "backup"])
def test_a_role_that_row_security_does_not_bind_is_refused(
    server: Cluster, folder: Path, role: str, doing: str
) -> None:
    answer = command(
        doing, PORT=str(free_port()), SPRECHZEIT_DATA_DIR=str(folder / "data"),
        SPRECHZEIT_DATABASE_URL=server.url(role), SPRECHZEIT_DATABASE_OWNER_URL=server.url("owner"),
    )  # fmt: skip
    assert answer.returncode == 1
    assert "sprechzeit database sql" in answer.stderr
    assert "sprechzeit_app" in answer.stderr
