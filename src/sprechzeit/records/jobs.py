"""What is done with documents by the clock: files that no document names are removed."""

from django.db import close_old_connections, connection
from procrastinate.contrib.django import app

from sprechzeit.access.actor import system
from sprechzeit.audit.jobs import all_practices
from sprechzeit.core.acting import acting
from sprechzeit.records.files import old_files, unnamed
from sprechzeit.records.queries import known_documents

# A backup copies the files of the rows that it has; while one is made nothing is taken away (operations/backup).
NO_BACKUP = "SELECT pg_try_advisory_xact_lock(hashtext('sprechzeit backup'))"


@app.periodic(cron="37 4 * * *")
@app.task(name="records.remove_leftovers", queueing_lock="remove_leftovers")
def remove_leftovers(timestamp: int) -> None:
    """Every night: what a crash or a deleted row has left in the folders of documents."""
    try:
        remove_unnamed_files()
    finally:
        if not connection.in_atomic_block:
            close_old_connections()


def remove_unnamed_files() -> int:
    """Remove files older than a day whose document there is not, in each practice; how many."""
    count = 0
    for practice_id in all_practices():
        # The files first: a document that is added after that has none among them.
        files = list(old_files(practice_id))
        actor = system(practice_id)
        with acting(actor), connection.cursor() as cursor:
            cursor.execute(NO_BACKUP)
            if cursor.fetchone() != (True,):
                continue
            gone = unnamed(files, known_documents(actor))
            for file in gone:
                file.unlink(missing_ok=True)
        count += len(gone)
    return count
