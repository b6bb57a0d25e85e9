"""Processes of a PostgreSQL server, found by the folder they work in.

Every process of a server changes into its data folder. That tells ours from a foreign process that got the
same number after a crash, which the number in `postmaster.pid` alone does not.
"""

import contextlib
import signal
from pathlib import Path

import psutil

Progress = tuple[int, float]
PATIENCE = 5.0  # seconds for each way of ending a process


def postmaster(data: Path) -> psutil.Process | None:
    """The main process of the server on the folder `data`, if it lives."""
    try:
        number = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        process = psutil.Process(number)
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
    return process if _works_in(process, data) else None


def server_status(data: Path) -> str:
    """What the server says of itself in `postmaster.pid`: starting, ready, stopping; '' before it says anything."""
    try:
        lines = (data / "postmaster.pid").read_text().split("\n")
    except FileNotFoundError:
        return ""
    return lines[7].strip() if len(lines) > 7 else ""


def progress(data: Path, log: Path) -> Progress:
    """A mark that changes while the server gets on with its recovery: size of its log, work of its processes."""
    main = postmaster(data)
    worked = 0.0
    for child in main.children() if main else []:
        with contextlib.suppress(psutil.Error):
            times = child.cpu_times()
            worked += times.user + times.system
    return log.stat().st_size, worked


def clear(data: Path) -> None:
    """Make the folder of a server that was killed ready for the next: no process left, no stale number.

    A killed main process leaves its children behind for a moment; a new server beside them would destroy data, so
    PostgreSQL refuses to start and we end them first.
    """
    for ending in (None, signal.SIGQUIT, signal.SIGKILL):
        left = [process for process in psutil.process_iter() if _works_in(process, data)]
        for process in left:
            if ending is not None:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(ending)
        _gone, left = psutil.wait_procs(left, timeout=PATIENCE)
        if not left:
            break
    if not left:
        (data / "postmaster.pid").unlink(missing_ok=True)


def _works_in(process: psutil.Process, data: Path) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(data))
    except psutil.Error:
        return False
