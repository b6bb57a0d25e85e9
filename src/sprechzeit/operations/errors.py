"""What can stand in the way of running. Every message says what to do; the `sprechzeit` command prints it alone."""


class CannotRun(RuntimeError):
    """Something in the surroundings must be changed by a person first."""


class NoAccount(CannotRun):
    """The system user is missing and could not be made."""


class NotOurs(CannotRun):
    """A folder is not writable or belongs to somebody else."""


class AlreadyRunning(CannotRun):
    """Another supervisor holds this folder."""


class WrongVersion(CannotRun):
    """The data was made by another major version of PostgreSQL."""


class DiskFull(CannotRun):
    """No space left where the data lies."""


class DatabaseFailed(CannotRun):
    """The embedded PostgreSQL does not start."""
