"""`check_documents`: open the file of every document. A part of the proof of a backup."""

from typing import Any
from uuid import UUID

from sprechzeit.access.actor import system
from sprechzeit.audit.jobs import all_practices
from sprechzeit.core.acting import acting
from sprechzeit.operations.errors import Differs
from sprechzeit.operations.management.plain import PlainCommand
from sprechzeit.operations.terminal import _
from sprechzeit.records.queries import check_files

MOST_NAMED = 10


class Command(PlainCommand):
    help = "Open the file of every document."

    def work(self, **options: Any) -> None:
        count = 0
        wrong: list[UUID] = []
        for practice_id in all_practices():
            actor = system(practice_id)
            with acting(actor):
                found, missing = check_files(actor)
            count, wrong = count + found, wrong + missing
        if wrong:
            raise Differs(
                _("Documents: %(count)s; not there or not to be opened: %(wrong)s. The first of them: %(ids)s")
                % {"count": count, "wrong": len(wrong), "ids": ", ".join(map(str, wrong[:MOST_NAMED]))}
            )
        self.stdout.write(_("Documents: %(count)s; all of them open.") % {"count": count})
