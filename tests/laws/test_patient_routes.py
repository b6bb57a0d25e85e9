"""Every address of patients as every visitor: the secret decides; elsewhere it never was (ACC-6, BOO-1, BOO-6)."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.core.ids import new_id, new_reference
from sprechzeit.portal.visitors import Link
from sprechzeit.practice.visitors import Public
from sprechzeit.scheduling.actions.book import manage_token
from sprechzeit.scheduling.actions.hold import hold_token
from tests.support.cast import Cast, book, hold, monday
from tests.support.routes import PEOPLE, VIEWS, client_of


@pytest.mark.req("BOO-6", "ACC-6")
class TestLinks:
    """Whoever has a link has its one appointment; a link that is none of ours is a 404 like any other."""

    ROUTES: Mapping[str, Callable[..., Any]] = {
        "portal:manage": Client.get,
        "portal:calendar_file": Client.get,
        "portal:other_times": Client.get,
        "portal:place": Client.post,
        "portal:cancellation": Client.post,
    }

    def test_all_routes_of_links_are_walked(self) -> None:
        assert {name for name, view in VIEWS.items() if getattr(view, "visitor", None) is Link} == set(self.ROUTES)

    @pytest.mark.parametrize("person", PEOPLE)
    def test_the_secret_decides_and_nothing_else(self, cast: Cast, person: str) -> None:
        """A place that names no time is not found."""
        client, token = client_of(cast, person), manage_token(book(cast.albers, "09:00", last_name="Sommer").pk)
        assert [call(client, reverse(name, args=[token])).status_code for name, call in self.ROUTES.items()] == [
            200, 200, 200, 404, 303,
        ]  # fmt: skip

    def test_what_is_no_link_is_not_found(self, cast: Cast) -> None:
        appointment = book(cast.albers, "09:00")
        token = manage_token(appointment.pk)
        wrong = [
            token[:-1], token + "a", token.swapcase(), manage_token(new_id()), str(appointment.pk),
            hold_token(appointment.pk), "ä🌧", "9" * 5000,
        ]  # fmt: skip
        for name, call in self.ROUTES.items():
            answers = {(a.status_code, a.content) for a in (call(Client(), reverse(name, args=[one])) for one in wrong)}
            assert {status for status, _ in answers} == {404}
            assert len(answers) == 1

    def test_a_link_shows_its_one_appointment(self, cast: Cast) -> None:
        one = book(cast.albers, "09:00", who="jonas", first_name="Anna", last_name="Eins", email="e@example.org")
        other = {"first_name": "Berta", "last_name": "Zwei", "email": "z@example.org"}
        book(cast.albers, "10:00", who="jonas", day=monday(3), **other)
        page = Client().get(reverse("portal:manage", args=[manage_token(one.pk)])).content.decode()
        assert "Jonas Petersen" in page
        assert not [word for word in ("Zwei", "Berta", f" {monday(3).day}. ", "Eins", "e@example.org") if word in page]


@pytest.mark.req("BOO-1", "ACC-6")
class TestPublicPages:
    """Holds and types are found at the address of their own practice alone."""

    def test_all_public_routes_are_walked(self) -> None:
        public = {name for name, view in VIEWS.items() if getattr(view, "visitor", None) is Public}
        assert public == {
            "portal:services",
            "portal:logo",
            "portal:times",
            "portal:hold",
            "portal:details",
            "portal:code",
            "portal:give_back",
            "portal:done",
        }

    def test_at_the_own_practice(self, cast: Cast) -> None:
        assert self.statuses(cast, "albers") == {
            "services": 200, "times": 200, "hold": 404, "details": 200, "code": 303, "give_back": 303, "done": 302,
        }  # fmt: skip

    @pytest.mark.parametrize("slug", ["brandt", "nobody", "ALBERS"])
    def test_elsewhere_it_never_was(self, cast: Cast, slug: str) -> None:
        found = self.statuses(cast, slug)
        assert found.pop("services") == (200 if slug == "brandt" else 404)
        assert set(found.values()) == {404}

    @pytest.mark.usefixtures("cast")
    def test_a_reference_that_never_was(self) -> None:
        for name in ("times", "details", "code", "done"):
            for reference in (new_reference(), "ä🌧", "9" * 5000):
                assert Client().get(reverse(f"portal:{name}", args=["albers", reference])).status_code == 404

    @staticmethod
    def statuses(cast: Cast, slug: str) -> dict[str, int]:
        kind, token = cast.albers.types["talk"].reference, hold_token(hold(cast.albers, "09:00").pk)
        client = Client()
        return {
            "services": client.get(reverse("portal:services", args=[slug])).status_code,
            "times": client.get(reverse("portal:times", args=[slug, kind])).status_code,
            "hold": client.post(reverse("portal:hold", args=[slug, kind]), {"start": "x"}).status_code,
            "details": client.get(reverse("portal:details", args=[slug, token])).status_code,
            "code": client.post(reverse("portal:code", args=[slug, token]), {"code": "123456"}).status_code,
            "give_back": client.post(reverse("portal:give_back", args=[slug, token])).status_code,
            "done": client.get(reverse("portal:done", args=[slug, token])).status_code,
        }
