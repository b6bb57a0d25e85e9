"""Every page with invented content, rendered without a database."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.template import Context, engines
from django.template.loader import get_template
from django.test import RequestFactory

from tests.ui import samples, sign_in

Content = Callable[[], dict[str, Any]]
Page = tuple[str, Content]


KIT = "kit.html"
TEMPLATES = Path(__file__).parent / "templates"


class Visitor:
    """Stands for the signed-in user."""

    is_authenticated = True
    email = "jana.albrecht@praxis-lindenhof.example"

    def get_full_name(self) -> str:
        """First and last name."""
        return "Jana Albrecht"


def staff(**content: Any) -> dict[str, Any]:
    """What the staff's frame needs."""
    return {"navigation": samples.NAVIGATION, "practice_name": "Praxis am Lindenhof", "user": Visitor(), **content}


def patient(**content: Any) -> dict[str, Any]:
    """What the patients' frame needs."""
    return {"practice": samples.PRACTICE, **content}


def _again(**content: Any) -> dict[str, Any]:
    times = [time | {"number": number} for number, time in enumerate(samples.times("11:10", "13:00"), 1)]
    days = [{"title": "Mittwoch, 25. November", "same_day": True, "times": times}]
    return patient(
        **samples.free_times(),
        what="10:30 wurde gerade vergeben.",
        days=days,
        times_url="/times/",
        typed="x",
        **content,
    )


PAGES: dict[str, Page] = {
    "kit": (
        KIT,
        lambda: staff(form=samples.KitForm({"name": "", "kind": "b"}), colours=range(1, 9), messages=["Gesichert."]),
    ),
    "book": ("scheduling/book.html", lambda: staff(**samples.book())),
    "book-empty": (
        "scheduling/book.html",
        lambda: staff(**samples.book() | {"book": {**samples.book()["book"], "columns": []}}),
    ),
    "services": ("portal/services.html", lambda: patient(types=samples.SERVICES, answers=samples.ANSWERS)),
    "services-none": ("portal/services.html", lambda: patient(types=[])),
    "times": ("portal/times.html", lambda: patient(**samples.free_times())),
    "times-own": ("portal/times.html", lambda: patient(**samples.free_times(), own=samples.OWN_TIME, typed="x")),
    "times-none": ("portal/times.html", lambda: patient(**samples.free_times() | {"groups": []}, next_url="/n/")),
    "again": ("portal/again.html", lambda: _again(books=True)),
    "details": ("portal/details.html", lambda: patient(**samples.details())),
    "code": ("portal/code.html", lambda: patient(**samples.code())),
    "code-wrong": ("portal/code.html", lambda: patient(**samples.code("Das ist nicht der Code."))),
    "details-wrong": ("portal/details.html", lambda: patient(**samples.details(samples.WRONG_DETAILS))),
    "done": (
        "portal/done.html",
        lambda: patient(summary=samples.SUMMARY, manage_url="/m/", ics_url="/i/", email="elif@beispiel.de"),
    ),
    "again-none": ("portal/again.html", lambda: patient(**samples.free_times(), what="10:30 ist vergeben.", days=[])),
    "refused": ("portal/refused.html", lambda: patient(status=429, services_url="/s/")),
    "manage": (
        "portal/manage.html",
        lambda: patient(
            appointment=samples.SUMMARY,
            cancel_url="/c/",
            manage_url="/m/",
            deadline=samples.SUMMARY["starts_at"],
            may_change=True,
            times_url="/t/",
            suggestions=[{"when": "Do 26.11., 09:40", "url": "/p/"}, {"when": "Fr 27.11., 14:10", "url": "/p/"}],
            ics_url="/i/",
        ),
    ),
    "manage-late": (
        "portal/manage.html",
        lambda: patient(appointment=samples.SUMMARY, deadline=samples.SUMMARY["starts_at"], ics_url="/i/"),
    ),
    "other-times": (
        "portal/other_times.html",
        lambda: patient(**samples.free_times(), appointment=samples.SUMMARY, manage_url="/m/", place_url="/p/"),
    ),
    "move": (
        "portal/place.html",
        lambda: patient(
            appointment=samples.SUMMARY,
            new="Donnerstag, 26. November 2026, 09:40",
            new_name="Dr. Pablo Ramos",
            place_url="/p/",
            times_url="/t/",
            manage_url="/m/",
        ),
    ),
    "move-again": (
        "portal/place_again.html",
        lambda: patient(
            appointment=samples.SUMMARY,
            what="09:40 ist vergeben.",
            days=_again(books=False)["days"],
            place_url="/p/",
            times_url="/t/",
            manage_url="/m/",
        ),
    ),
    "manage-cancelled": (
        "portal/manage.html",
        lambda: patient(appointment=samples.SUMMARY, cancelled=True, services_url="/s/"),
    ),
    "signin": ("account/login.html", lambda: {"form": samples.LoginForm()}),
    "signin-wrong": ("account/login.html", lambda: {"form": samples.LoginForm({"login": "nobody", "password": ""})}),
    "signout": ("account/logout.html", dict),
    "password-reset": ("account/password_reset.html", lambda: {"form": samples.LoginForm()}),
    "password-reset-done": ("account/password_reset_done.html", dict),
    "password-choose": (
        "account/password_reset_from_key.html",
        lambda: {"form": samples.PasswordForm(), "action_url": "."},
    ),
    "password-expired": ("account/password_reset_from_key.html", lambda: {"token_fail": True}),
    "password-chosen": ("account/password_reset_from_key_done.html", dict),
    "password-change": ("account/password_change.html", lambda: {"form": samples.PasswordForm()}),
    "password-set": ("account/password_set.html", lambda: {"form": samples.PasswordForm()}),
    "reauthenticate": ("account/reauthenticate.html", lambda: {"form": samples.PasswordForm()}),
    "inactive": ("account/account_inactive.html", dict),
    "verification-sent": ("account/verification_sent.html", dict),
    "email-confirm": ("account/email_confirm.html", dict),
    "email": ("account/email.html", lambda: {"user": Visitor(), "form": samples.LoginForm()}),
    **{f"sign-in-{name}": page for name, page in sign_in.PAGES.items()},
    "signup-closed": ("account/signup_closed.html", dict),
    **{f"error-{status}": (f"ui/errors/{status}.html", dict) for status in (400, 403, 404, 409, 413, 429, 500, 503)},
}


def render(name: str, *, theme: str = "") -> str:
    """The page called `name`."""
    template, content = PAGES[name]
    return render_template(template, request(theme), **content())


def request(theme: str = "") -> HttpRequest:
    """A visit, with or without a theme chosen."""
    visit = RequestFactory().get("/book/")
    if theme:
        visit.COOKIES["theme"] = theme
    return visit


def render_template(template: str, visit: HttpRequest, **content: Any) -> str:
    """Without context processors: they would need a session and the database."""
    context = {"request": visit, "csrf_token": "token", "messages": [], **content}
    own = TEMPLATES / template
    loaded = engines["django"].from_string(own.read_text()) if own.is_file() else get_template(template)
    return str(loaded.template.render(Context(context)))  # type: ignore[attr-defined]  # the Django backend has it
