"""Make or complete the virtual environment `.venv`: `python3 setup/environment.py run|dev`.

Does nothing when it is complete. Whatever was interrupted is done again, since the stamp is written last.
Runs on any Python 3, to say plainly when it is too old.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(HERE, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
LEAST = (3, 11)


def main(kind: str) -> None:
    """Install what `kind` needs: run, or dev with everything for tests and checks."""
    wanted = fingerprint(kind)
    # The locks agree, so what is complete for development is complete for running.
    if wanted == stamped(kind) or (kind == "run" and fingerprint("dev") == stamped("dev")):
        return
    check_python()
    if not usable():
        say("Making the virtual environment .venv …")
        shutil.rmtree(VENV, ignore_errors=True)
        run([sys.executable, "-m", "venv", VENV], "The virtual environment could not be made.")
    for each in ("run", "dev"):
        if os.path.exists(stamp(each)):
            os.remove(stamp(each))
    say("Installing the locked dependencies …")
    pip = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    lock = os.path.join(HERE, "requirements", kind + ".lock")
    failed = "The dependencies could not be installed. Is the package index reachable? Run the same command again."
    run([*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", lock], failed)
    run([*pip, "--no-deps", "--no-build-isolation", "--editable", HERE], failed)
    with open(stamp(kind), "w") as out:
        out.write(wanted)


def fingerprint(kind: str) -> str:
    """Changes when something has to be installed anew."""
    digest = hashlib.sha256(sys.version.encode() + HERE.encode())
    for name in ("requirements/" + kind + ".lock", "pyproject.toml"):
        with open(os.path.join(HERE, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def stamp(kind: str) -> str:
    return os.path.join(VENV, "installed-" + kind)


def stamped(kind: str) -> str:
    if not os.path.exists(stamp(kind)) or not os.path.exists(PYTHON):
        return ""
    with open(stamp(kind)) as file:
        return file.read()


def usable() -> bool:
    """Whether `.venv` is whole, made by this version of Python, and still where it was made."""
    question = f"import pip, sys; print(sys.version_info[:2] == {tuple(sys.version_info[:2])!r} and sys.prefix)"
    try:
        answer = subprocess.run(
            [PYTHON, "-c", question], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
        )
    except OSError:
        return False
    return answer.stdout.decode().strip() == VENV


def check_python() -> None:
    if sys.version_info < LEAST:
        stop(
            f"Python 3.11 or later is needed, this is {sys.version.split()[0]}. Name another: make PYTHON=python3.11 …"
        )
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
            stop(f"Python's module {module} is missing. On Debian or Ubuntu: apt-get install {package}")


def run(command: list, failed: str) -> None:
    # A name for another index belongs to the machine (pip.conf, PIP_INDEX_URL), never to this repository.
    if subprocess.run(command, check=False).returncode != 0:
        stop(failed)


def say(text: str) -> None:
    print(text, flush=True)


def stop(text: str) -> None:
    sys.exit(text)


if __name__ == "__main__":
    main(sys.argv[1])
