"""Whether this process can serve, for load balancers and the supervisor."""

from importlib.metadata import version

from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sprechzeit.operations.backup.late import state

RETRY_AFTER_SECONDS = 5
VERSION = version("sprechzeit")
_migrated = False


@require_safe
@never_cache
def health(_request: HttpRequest) -> JsonResponse:
    """200 when the database answers and has every migration of this version; else 503 with what is missing (OPS-4).

    How it stands with the backups is said beside it: a process that serves goes on serving without one.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        ready = _every_migration_applied()
    except Error:
        return _unavailable("database away")
    if not ready:
        return _unavailable("migrations missing")
    return JsonResponse({"status": "ready", "version": VERSION, "backup": state(timezone.now())})


def _every_migration_applied() -> bool:
    """Asked until it is so; no migration is ever taken back under a running process."""
    global _migrated
    if not _migrated:
        loader = MigrationLoader(connection)
        _migrated = loader.disk_migrations.keys() <= loader.applied_migrations.keys()
    return _migrated


def _unavailable(status: str) -> JsonResponse:
    return JsonResponse({"status": status}, status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
