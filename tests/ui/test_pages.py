"""What every page keeps: both languages, the content security policy, sound structure."""

import re
from collections import Counter

import pytest
from django.utils import translation

from tests.ui import pages

NAMES = sorted(pages.PAGES)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_renders_in_each_language(name: str, language: str) -> None:
    with translation.override(language):
        html = pages.render(name)
    assert f'<html lang="{language}"' in html
    assert re.search(r"<title>\s*\S.+ – \S.+</title>", html)
    assert html.count("<h1") == 1
    assert html.count("<main") == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_page_obeys_the_strict_policy(name: str) -> None:
    """No style attribute, no inline script or handler, nothing from elsewhere."""
    html = pages.render(name)
    assert not re.search(r"<[^>]+\sstyle\s*=", html)
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"<[^>]+\son[a-z]+\s*=", html)
    assert "javascript:" not in html
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', html)


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_unique_and_references_resolve(name: str) -> None:
    html = pages.render(name)
    ids = Counter(re.findall(r'\sid="([^"]+)"', html))
    assert [found for found, count in ids.items() if count > 1] == []
    referenced = re.findall(r'\s(?:for|aria-describedby|popovertarget|form|data-reveal)="([^"]+)"', html)
    assert {one for many in referenced for one in many.split()} <= set(ids)


@pytest.mark.parametrize("name", NAMES)
def test_no_link_leads_nowhere(name: str) -> None:
    html = pages.render(name)
    assert 'href="#"' not in html
    assert 'href=""' not in html
    targets = set(re.findall(r'href="#([^"]+)"', html))
    assert targets <= set(re.findall(r'\sid="([^"]+)"', html))


@pytest.mark.parametrize("name", NAMES)
def test_staff_forms_carry_the_token_and_patients_pages_set_no_cookie(name: str) -> None:
    """The choice of a language is nobody's right; on pages for patients a token would only set a cookie."""
    html = pages.render(name)
    forms = [form for form in re.findall(r"<form\b.*?</form>", html, re.DOTALL) if 'method="post"' in form]
    for_patients = 'class="booking"' in html
    for form in forms:
        without = for_patients or 'name="language"' in form
        assert ("csrfmiddlewaretoken" in form) != without, form


@pytest.mark.parametrize("name", NAMES)
def test_there_is_at_most_one_primary_button(name: str) -> None:
    assert len(re.findall(r'class="button[^"]*\bprimary\b', pages.render(name))) <= 1


@pytest.mark.parametrize(("cookie", "attribute"), [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"')])
def test_the_chosen_theme_is_rendered_by_the_server(cookie: str, attribute: str) -> None:
    assert attribute in pages.render("signin", theme=cookie)


@pytest.mark.parametrize("cookie", ["", "blue", '"><script>'])
def test_any_other_theme_is_the_systems(cookie: str) -> None:
    assert " data-theme=" not in pages.render("signin", theme=cookie).partition("<head>")[0]
