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


class PortTaken(CannotRun):
    """Another program listens where the pages should be served."""


class Misconfigured(CannotRun):
    """A setting is missing or cannot be right."""


class StepFailed(CannotRun):
    """A step of the start, such as the migrations, ended with an error that stands above in the output."""


class BackupFailed(CannotRun):
    """No backup was made; nothing half done is left."""


class StorageFailed(CannotRun):
    """The storage of the backups is away, refuses the key, or cannot do it now."""


class BackupUnreadable(CannotRun):
    """A backup that was changed, cut short or made with another key."""


class Differs(CannotRun):
    """A backup whose contents are not what it says of itself."""


class NotTheSandbox(CannotRun):
    """A practice of this name is not the one that `sprechzeit partner sandbox` made."""


class NotRestored(CannotRun):
    """The installation is not empty, is in use, or is older than the backup."""
