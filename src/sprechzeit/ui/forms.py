"""How forms look: `FORM_RENDERER`. `{{ field.as_field_group }}` gives label, hint, control and error."""

import re
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.formats import number_format
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

COLOURS = (
    (1, _("Blue")),
    (2, _("Green")),
    (3, _("Violet")),
    (4, _("Orange")),
    (5, _("Pink")),
    (6, _("Olive")),
    (7, _("Turquoise")),
    (8, _("Brown")),
)
_EUROS = re.compile(r"(?P<whole>[0-9]{1,7}|[0-9]{1,3}(?:\.[0-9]{3}){1,2})(?:,(?P<cents>[0-9]{1,2}))?")
_EUROS_WITH_POINT = re.compile(r"(?P<whole>[0-9]{1,7})\.(?P<cents>[0-9]{1,2})")


class FormRenderer(TemplatesSetting):
    """Renders every field through `ui/field.html` and whole forms through `ui/form.html`."""

    field_template_name = "ui/field.html"
    form_template_name = "ui/form.html"


class ChangeForm(forms.BaseForm):
    """A form that carries what it showed, so that what somebody else changed meanwhile is not written over."""

    def __init__(self, *args: Any, may_change: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True
            field.disabled = field.disabled or not may_change

    def facts(self) -> dict[str, Any]:
        """Everything that was typed, by field."""
        return dict(self.cleaned_data)

    def changes(self) -> dict[str, Any]:
        """What is not as the form showed it, by field."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


class ColourSelect(forms.RadioSelect):
    """The eight colours as patches."""

    template_name = "ui/widgets/colours.html"


class ColourChoice(forms.TypedChoiceField):
    """One of the eight colours whose contrast holds by construction."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=COLOURS, coerce=int, widget=ColourSelect, label=_("Colour"), **kwargs)


class WholeNumber(forms.IntegerField):
    """A number from `min_value` to `max_value`; anything else is refused by naming both."""

    def __init__(self, *, min_value: int, max_value: int, **kwargs: Any) -> None:
        bounds = format_lazy(_("Please enter a number from {least} to {most}."), least=min_value, most=max_value)
        messages = dict.fromkeys(("invalid", "min_value", "max_value"), bounds) | kwargs.pop("error_messages", {})
        super().__init__(min_value=min_value, max_value=max_value, error_messages=messages, **kwargs)


class CentsField(forms.CharField):
    """An amount of euros as people type it ('100,55 €'), in cents; None when empty."""

    default_error_messages = {"invalid": _("Please enter an amount in euros, for example 100,55.")}

    def to_python(self, value: Any) -> int | None:  # type: ignore[override]  # a text field that gives a number
        """Cents. A comma separates them; points group thousands, or stand for the comma."""
        text = re.sub(r"\s|€|EUR", "", str(value or ""))
        if not text:
            return None
        found = _EUROS.fullmatch(text) or _EUROS_WITH_POINT.fullmatch(text)
        if found is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return int(found["whole"].replace(".", "")) * 100 + int((found["cents"] or "0").ljust(2, "0"))

    def prepare_value(self, value: Any) -> Any:
        """What the control shows: typed text as it was typed."""
        return f"{number_format(value / 100, 2)}" if isinstance(value, int) else value

    def run_validators(self, value: Any) -> None:
        """None: those of a text do not fit a number."""
