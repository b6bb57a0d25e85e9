"""`demo_practice`: a practice to try things out with; there already, it is left as it is."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from sprechzeit.operations.demo import PASSWORD, PEOPLE, SLUG, make_demo_practice


class Command(BaseCommand):
    help = "Make the demo practice, once; with --sign-ins print how to get in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sign-ins", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["sign_ins"]:
            make_demo_practice()
            return
        self.stdout.write(f"Appointment book:  {settings.PUBLIC_URL}{reverse('scheduling:book')}")
        for person in PEOPLE:
            self.stdout.write(f"  {person.email:<28} {PASSWORD}   ({person.role})")
        self.stdout.write(f"Booking page:      {settings.PUBLIC_URL}{reverse('portal:services', args=[SLUG])}")
