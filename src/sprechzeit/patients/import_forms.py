"""Forms of an import: the file, what its columns hold, what becomes of its lines (PAT-5)."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from sprechzeit.access.actor import Actor
from sprechzeit.patients.actions.imports import ALL_OR_NONE, ENTER, KEEP_GOOD, SKIP
from sprechzeit.patients.import_words import FIELD_WORDS
from sprechzeit.patients.importing.dates import DAY_FIRST, MONTH_FIRST, YEAR_FIRST
from sprechzeit.patients.importing.fields import FIELDS, FULL_NAME, SEVERAL, guess
from sprechzeit.patients.queries import owners
from sprechzeit.practice.models import Member


class FileForm(forms.Form):
    """A list or address cards."""

    file = forms.FileField(
        label=_("File"), allow_empty_file=True,
        widget=forms.ClearableFileInput({"accept": ".csv,.txt,.tsv,.vcf,text/csv,text/vcard"}),
        help_text=_("CSV or VCF, at most 32 MB and 100,000 lines (10,000 address cards)."),
        error_messages={"required": _("Please choose a file.")},
    )  # fmt: skip


class ColumnsForm(forms.Form):
    """Of each column what it holds, as its title says until somebody says otherwise."""

    order = forms.ChoiceField(
        label=_("Dates are written"),
        choices=[
            (DAY_FIRST, _("day, month, year: 24.03.1985")),
            (MONTH_FIRST, _("month, day, year: 03/24/1985")),
            (YEAR_FIRST, _("year, month, day: 1985-03-24")),
        ],
        error_messages={"required": _("The dates in this file do not tell. Please choose.")},
    )
    titled = forms.BooleanField(label=_("The first line holds titles, no patient"), required=False)

    def __init__(self, data: Any, *, head: Mapping[str, Any], choices: Mapping[str, Any]) -> None:
        self.titles: list[str] = head["titles"]
        self.samples: list[list[str]] = head["samples"]
        chosen = choices.get("columns") or {str(place): field for place, field in guess(self.titles).items()}
        only = head["orders"][0] if len(head["orders"]) == 1 else ""
        begun = {"order": choices.get("order", only), "titled": choices.get("titled", bool(head["title_line"]))}
        super().__init__(data, initial=begun)
        if len(head["orders"]) > 1:
            self.fields["order"].choices = [("", _("Please choose")), *self.fields["order"].choices]  # type: ignore[attr-defined]  # a ChoiceField
        if not head["title_line"]:
            del self.fields["titled"]
        for place, title in enumerate(self.titles):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=title or _("Column %(number)s") % {"number": place + 1},
                choices=[("", _("– leave out –")), *((name, FIELD_WORDS[name]) for name in FIELDS)],
                initial=chosen.get(str(place), ""),
                required=False,
            )

    def columns(self) -> dict[int, str]:
        """What was chosen."""
        given = self.cleaned_data
        chosen = {place: given.get(f"column-{place}", "") for place in range(len(self.titles))}
        return {place: field for place, field in chosen.items() if field}

    def clean(self) -> dict[str, Any]:
        """A name there must be; and what stands once in a record comes from one column."""
        given: dict[str, Any] = super().clean() or {}
        met: set[str] = set()
        for place, name in self.columns().items():
            if name in met and name not in SEVERAL:
                self.add_error(f"column-{place}", _("Another column holds this already."))
            met.add(name)
        if FULL_NAME not in met and not {"first_name", "last_name"} <= met:
            self.add_error(None, _("Please say which columns hold first and last name."))
        return given

    def rows(self) -> Iterator[tuple[BoundField, list[str]]]:
        """Each column's field, and its first values."""
        for place in range(len(self.titles)):
            yield self[f"column-{place}"], self.samples[place]


class StartForm(forms.Form):
    """Whose the records are, and what becomes of lines that are not plain."""

    belongs_to: "forms.ModelChoiceField[Member]" = forms.ModelChoiceField(
        queryset=None, label=_("Belongs to"), required=False, empty_label=_("nobody yet")
    )
    alike = forms.ChoiceField(
        label=_("Who may be there already"),
        choices=[(SKIP, _("Leave out")), (ENTER, _("Enter as new records"))],
        widget=forms.RadioSelect, initial=SKIP,
    )  # fmt: skip
    bad_lines = forms.ChoiceField(
        label=_("If a line cannot be entered"),
        choices=[(KEEP_GOOD, _("Enter the others")), (ALL_OR_NONE, _("Enter none at all"))],
        widget=forms.RadioSelect, initial=KEEP_GOOD,
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["belongs_to"]
        owner.queryset = owners(actor)
        owner.label_from_instance = lambda member: member.name

    def decided(self) -> dict[int, str]:
        """What was said of single lines, by their number."""
        found = {}
        for name, value in self.data.items():
            line = name.removeprefix("line-")
            if name.startswith("line-") and line.isascii() and line.isdigit() and len(line) < 10:
                found[int(line)] = str(value)
        return {line: what for line, what in found.items() if what in (SKIP, ENTER)}
