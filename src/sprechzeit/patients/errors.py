"""What can go wrong with patients' records."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError
from sprechzeit.patients.importing.tables import BadFile, Problem


class RecordChanged(DomainError):
    """Somebody else changed the record since the actor looked: `fields` of it, as they are in `current`."""

    code = "record_changed"
    status = 409
    message = _("Somebody else has changed this record meanwhile. Please look at it again.")

    def __init__(self, fields: Sequence[str], current: Mapping[str, Any]) -> None:
        self.fields = fields
        self.current = current
        super().__init__(fields=list(fields))


class LikelyDuplicate(DomainError):
    """A new record that may be of somebody whom the practice knows (PAT-14); `alike`: those records, by id."""

    code = "likely_duplicate"
    status = 409
    message = _("There may be a record of this person already.")

    def __init__(self, alike: Sequence[str]) -> None:
        self.alike = alike
        super().__init__(alike=list(alike))


class RecordsChanged(DomainError):
    """Two records that were compared are not as they were shown (PAT-4)."""

    code = "records_changed"
    status = 409
    message = _("Somebody else has changed one of the two records meanwhile. Please look at them again.")


class Relatives(DomainError):
    """Two records that shall become one, and one of them is named as the other one's guardian or payer (PAT-4)."""

    code = "relatives"
    status = 409
    message = _(
        "One of the two is the other one's guardian or payer, so they are two persons. If that is wrong, remove it "
        "from the record first."
    )


class NotUndone(DomainError):
    """A merge cannot be undone exactly any more; `what`: what was changed since (PAT-4)."""

    code = "not_undone"
    status = 409
    message = _("This cannot be undone exactly any more.")

    def __init__(self, what: Sequence[str]) -> None:
        self.what = what
        text = _("This cannot be undone exactly any more, as it was changed since: %(what)s. Nothing was changed now.")
        super().__init__(text % {"what": ", ".join(what)}, what=list(what))


class UnusableList(DomainError):
    """Nothing of a file of patients can be taken; the message says why, and what to do."""

    code = "unusable_list"
    _WORDS: Mapping[Problem, Any] = {
        Problem.EMPTY: _("The file is empty. Please export the patients once more and choose that file."),
        Problem.SPREADSHEET: _(
            "This is a spreadsheet. Please open it and save it as CSV (“CSV UTF-8”), then choose that file."
        ),
        Problem.PACKED: _("This file is packed. Please unpack it and choose the list in it (CSV or VCF)."),
        Problem.NO_TEXT: _("This file is no list. Please choose a CSV file or address cards (VCF)."),
        Problem.TOO_LARGE: _("The file is larger than 32 MB. Please divide it, or leave out columns."),
        Problem.TOO_MANY_LINES: _("The file has more than 100,000 lines. Please divide it."),
        Problem.TOO_MANY_CARDS: _("The file has more than 10,000 address cards. Please divide it."),
        Problem.TOO_MANY_COLUMNS: _("Line %(line)s has more than 200 columns. Is the right character between them?"),
        Problem.CELL_TOO_LONG: _(
            "Near line %(line)s a cell does not end. Perhaps a closing quotation mark is missing there."
        ),
        Problem.ONLY_TITLES: _("The file has titles but no patients below them."),
        Problem.NO_CARD: _("No whole address card is in the file. Please export the contacts once more."),
    }

    def __init__(self, bad: BadFile) -> None:
        super().__init__(str(self._WORDS[bad.problem]) % {"line": bad.line})


class ImportBegun(DomainError):
    """The import is past the step at which this can be chosen."""

    code = "import_begun"
    status = 409
    message = _("This import has begun or ended meanwhile. Please look at it again.")


class BadLines(DomainError):
    """None was to be entered if one line is bad, and one is."""

    code = "bad_lines"
    status = 409
    message = _("Lines of the file cannot be entered. Please correct them, or enter the others without them.")


class ConsentInFuture(DomainError):
    """A consent is said to have been given on a day that has not come yet."""

    code = "consent_in_future"
    status = 422
    message = _("The day on which it was given cannot lie in the future.")
