"""The embedded PostgreSQL through starts, crashes and odd places."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from sprechzeit.operations import embedded, leftovers
from sprechzeit.operations.account import server_account
from sprechzeit.operations.binaries import wheel_binaries
from sprechzeit.operations.embedded import Cluster
from sprechzeit.operations.errors import AlreadyRunning, DatabaseFailed, DiskFull, NotOurs, WrongVersion
from tests.operations.program import until

pytestmark = pytest.mark.req("OPS-1")
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

HOLD = """
import sys, time
from pathlib import Path
from sprechzeit.operations.embedded import Cluster
cluster = Cluster(Path(sys.argv[1]))
cluster.start()
print(cluster.process_id, flush=True)
time.sleep(600)
"""


def note(cluster: Cluster, number: int) -> None:
    with psycopg.connect(cluster.url("owner")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (number int)")
        connection.execute("INSERT INTO note VALUES (%s)", [number])


def notes(cluster: Cluster) -> list[int]:
    with psycopg.connect(cluster.url("app")) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM note ORDER BY number")]


def gone(process: psutil.Process) -> bool:
    """Whether it ended, be it that nobody collected it yet."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def supervisor(folder: Path) -> tuple[subprocess.Popen[str], int]:
    """Another process that started the cluster, and the number of the server's main process."""
    return holder(HOLD, folder)


def holder(program: str, folder: Path) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen([sys.executable, "-c", program, folder], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process.stdout:
        return process, int(process.stdout.readline())


def test_started_again_it_goes_on_with_the_same_data(folder: Path) -> None:
    for number in (1, 2):
        with Cluster(folder / "postgres") as cluster:
            note(cluster, number)
            main = psutil.Process(cluster.process_id)
        assert gone(main)
    with Cluster(folder / "postgres") as cluster:
        assert notes(cluster) == [1, 2]


def test_only_the_account_can_read_it_and_it_listens_on_no_port(folder: Path) -> None:
    with Cluster(folder / "postgres") as cluster:
        main = psutil.Process(cluster.process_id)
        assert main.uids().effective == server_account().uid != 0
        assert not main.net_connections("inet")
        modes = {path.name: path.stat().st_mode & 0o777 for path in cluster.home.iterdir()}
        assert modes["passwords.json"] == 0o600
        assert modes["data"] == modes["socket"] == cluster.home.stat().st_mode & 0o777 == 0o700
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(cluster.url("app").replace(cluster._passwords["app"], "guess"))


def test_a_server_left_by_a_killed_supervisor_is_adopted(folder: Path) -> None:
    process, server = supervisor(folder / "postgres")
    process.kill()
    process.wait()
    with Cluster(folder / "postgres") as cluster:
        assert cluster.process_id == server
        note(cluster, 1)
        assert cluster.alive
    assert not psutil.pid_exists(server)
    with Cluster(folder / "postgres") as cluster:
        assert notes(cluster) == [1]
        assert cluster.process_id != server


def test_a_second_starter_is_told_that_it_runs_already(folder: Path) -> None:
    process, server = supervisor(folder / "postgres")
    with pytest.raises(AlreadyRunning, match=str(process.pid)):
        Cluster(folder / "postgres").start()
    assert psutil.pid_exists(server)
    process.kill()
    process.wait()


def test_killed_while_writing_nothing_acknowledged_is_lost(folder: Path) -> None:
    acknowledged: list[int] = []

    def write(url: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            for number in range(1, 100_000):
                try:
                    connection.execute("INSERT INTO note VALUES (%s)", [number])
                except psycopg.OperationalError:
                    return
                acknowledged.append(number)

    with Cluster(folder / "postgres") as cluster:
        note(cluster, 0)
        writer = threading.Thread(target=write, args=[cluster.url("owner")])
        writer.start()
        while len(acknowledged) < 50:
            time.sleep(0.01)
        os.kill(cluster.process_id, signal.SIGKILL)
        writer.join(20)
        until(lambda: not cluster.alive)
        cluster.revive()
        assert set(notes(cluster)) >= {0, *acknowledged}


def test_children_of_a_killed_server_are_ended_before_the_next_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped child cannot notice by itself that its server is gone."""
    monkeypatch.setattr(leftovers, "PATIENCE", 0.3)
    with Cluster(folder / "postgres") as cluster:
        note(cluster, 1)
        with psycopg.connect(cluster.url("app")) as connection:
            child = psutil.Process(connection.info.backend_pid)
            child.suspend()
            os.kill(cluster.process_id, signal.SIGKILL)
            cluster.revive()
            assert gone(child)
            assert notes(cluster) == [1]


def test_a_stale_number_that_a_foreign_process_got_does_no_harm(folder: Path) -> None:
    with Cluster(folder / "postgres") as cluster:
        note(cluster, 1)
        stale = (cluster.data / "postmaster.pid").read_text().split("\n")
        os.kill(cluster.process_id, signal.SIGKILL)
    stale[0] = str(os.getpid())
    (cluster.data / "postmaster.pid").write_text("\n".join(stale))
    with Cluster(folder / "postgres") as again:
        assert notes(again) == [1]


@pytest.mark.parametrize("name", ["with spaces, a comma", 'ümläut "quoted" 100%', "deep/" + "/".join(["folder"] * 25)])
def test_any_path_will_do(folder: Path, name: str) -> None:
    with Cluster(folder / name) as cluster:
        note(cluster, 1)
        assert cluster.home == folder / name
    with Cluster(folder / name) as cluster:
        assert notes(cluster) == [1]
        cluster.remove()


@root_only
def test_below_a_private_home_of_root_the_data_lies_elsewhere_and_is_found_again(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    with Cluster(home / "postgres") as cluster:
        note(cluster, 1)
        assert home not in cluster.home.parents
    with Cluster(home / "postgres") as cluster:
        assert notes(cluster) == [1]
        cluster.remove()
    assert not cluster.home.exists()


@pytest.mark.long
def test_recovery_may_take_longer_than_any_patience_as_long_as_it_gets_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Cluster(folder / "postgres") as cluster:
        note(cluster, 0)
        with psycopg.connect(cluster.url("owner")) as connection:
            connection.execute("INSERT INTO note SELECT generate_series(1, 3000000)")
        os.kill(cluster.process_id, signal.SIGKILL)
        monkeypatch.setattr(embedded, "PATIENCE", 0.7)
        began = time.monotonic()
        cluster.revive()
        assert time.monotonic() - began > embedded.PATIENCE
        assert len(notes(cluster)) == 3_000_001


def test_a_recovery_that_stands_still_is_given_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Cluster(folder / "postgres") as cluster:
        note(cluster, 0)
        os.kill(cluster.process_id, signal.SIGKILL)
        monkeypatch.setattr(embedded, "PATIENCE", 0.3)
        monkeypatch.setattr(leftovers, "server_status", lambda _data: "starting")
        with pytest.raises(DatabaseFailed, match=r"server\.log"):
            cluster.revive()


def test_an_interrupted_first_start_heals(folder: Path) -> None:
    half = folder / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with Cluster(folder / "postgres") as cluster:
        note(cluster, 1)
        assert not half.exists()


def test_data_of_another_version_is_left_alone(folder: Path) -> None:
    with Cluster(folder / "postgres") as cluster:
        version = cluster.data / "PG_VERSION"
    version.write_text("14\n")
    with pytest.raises(WrongVersion, match="14"):
        Cluster(folder / "postgres").start()


def test_lost_passwords_are_named(folder: Path) -> None:
    with Cluster(folder / "postgres") as cluster:
        passwords = cluster.home / "passwords.json"
    passwords.unlink()
    with pytest.raises(DatabaseFailed, match=r"passwords\.json"):
        Cluster(folder / "postgres").start()


@root_only
def test_a_folder_of_somebody_else_is_refused(folder: Path) -> None:
    (folder / "postgres").mkdir()
    os.chown(folder / "postgres", 65534, 65534)
    with pytest.raises(NotOurs, match="another user"):
        Cluster(folder / "postgres").start()


def test_a_file_in_the_way_is_refused(folder: Path) -> None:
    (folder / "postgres").write_text("")
    with pytest.raises(NotOurs, match="postgres"):
        Cluster(folder / "postgres").start()


@root_only
def test_a_full_disk_is_called_that_and_room_heals_it(folder: Path) -> None:
    small = folder / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", str(small)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine mounts nothing")
    try:
        with pytest.raises(DiskFull):
            Cluster(small / "postgres").start()
        subprocess.run(["mount", "-o", "remount,size=200m", small], check=True)
        with Cluster(small / "postgres") as cluster:
            note(cluster, 1)
    finally:
        subprocess.run(["umount", small], check=True)


def test_a_server_for_tests_ends_with_the_tests(folder: Path) -> None:
    program = HOLD.replace("Path(sys.argv[1])", "Path(sys.argv[1]), durable=False")
    process, number = holder(program, folder / "it")
    server = psutil.Process(number)
    process.kill()
    process.wait()
    psutil.wait_procs([server], timeout=10)
    assert gone(server)


def test_programs_are_copied_only_for_another_account() -> None:
    account = server_account()
    program = wheel_binaries(account) / "postgres"
    assert shutil.which(program)
    assert (Path(sys.prefix) in program.parents) is not account.other


@pytest.mark.req("PRI-20")
def test_what_fails_says_no_name_in_the_servers_log(folder: Path) -> None:
    """Neither the statement nor the row that it failed for; that it failed, and why, stays."""
    with Cluster(folder / "postgres") as cluster:
        with psycopg.connect(cluster.url("owner"), autocommit=True) as connection:
            connection.execute("CREATE TABLE person (name text PRIMARY KEY CHECK (name <> 'Zqvera'))")
            connection.execute("INSERT INTO person VALUES ('Paulazq')")
            for failing in ("VALUES ('Paulazq')", "VALUES ('Zqvera')", "SELECT 'Paulazq' || 1/0"):
                with pytest.raises(psycopg.Error):
                    connection.execute(f"INSERT INTO person {failing}".encode())
        said = cluster.log.read_text()
    assert "person_pkey" in said and "division by zero" in said
    assert "Paulazq" not in said and "Zqvera" not in said
