"""`demo_practice`: a practice to try things out with; there already, it is left as it is."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from sprechzeit.access.table import Role
from sprechzeit.operations.demo import PASSWORD, SLUG, make_demo_practice
from sprechzeit.operations.demo_people import PEOPLE
from sprechzeit.operations.licence import have_licence
from sprechzeit.operations.terminal import _

SIGN_INS = 3  # one of each role


class Command(BaseCommand):
    help = "Make the demo practice, once; with --sign-ins print how to get in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sign-ins", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["sign_ins"]:
            make_demo_practice()
            have_licence(_("Demo practice"))
            return
        roles = {
            Role.ADMINISTRATOR: _("Group administrator"),
            Role.PRACTITIONER: _("Group member"),
            Role.SECRETARY: _("Secretary's office"),
        }
        self._address(_("Appointment book"), reverse("scheduling:book"))
        for person in PEOPLE[:SIGN_INS]:
            self.stdout.write(f"  {person.email:<28} {PASSWORD}   ({roles[person.role]})")
        self._address(_("Booking page"), reverse("portal:services", args=[SLUG]))

    def _address(self, what: str, path: str) -> None:
        self.stdout.write(f"{what + ':':<18} {settings.PUBLIC_URL}{path}")
