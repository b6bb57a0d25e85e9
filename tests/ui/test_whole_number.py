"""Numbers are refused in the product's own words."""

from collections.abc import Iterator

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.urls import get_resolver
from django.utils import translation

from sprechzeit.ui.forms import WholeNumber


def descendants(form: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    """All forms that are made of it."""
    for one in form.__subclasses__():
        yield one
        yield from descendants(one)


@pytest.mark.parametrize("typed", ["4", "1441", "-1", "five", "5.5", "9" * 400])
def test_what_is_out_of_bounds_names_both(typed: str) -> None:
    with translation.override("en"), pytest.raises(ValidationError) as refused:
        WholeNumber(min_value=5, max_value=1440).clean(typed)
    with translation.override("en"):
        assert refused.value.messages[0] == "Please enter a number from 5 to 1440."


def test_every_number_of_ours_is_one() -> None:
    assert get_resolver().url_patterns, "so that all views and their forms are there"
    found = [
        (form.__name__, name, isinstance(field, WholeNumber))
        for form in descendants(forms.BaseForm)
        if form.__module__.startswith("sprechzeit.")
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.IntegerField)
    ]
    assert len(found) > 5 and [one for one in found if not one[2]] == []
