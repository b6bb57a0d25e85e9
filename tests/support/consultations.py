"""Appointments by video that are held here, and what a patient and a practitioner do at them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.scheduling.actions.block import add_block
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.models import Appointment, Block, VideoAppointment
from sprechzeit.scheduling.video_links import link_of, tan_of
from sprechzeit.video.actions.seats import take_seat
from tests.support.cast import House, at, book


@dataclass(frozen=True)
class Held:
    """A video appointment, and how one comes in."""

    video: VideoAppointment
    of: Appointment | Block

    @property
    def id(self) -> UUID:
        return self.video.pk

    @property
    def link(self) -> str:
        return link_of(self.video.pk)

    @property
    def tan(self) -> str:
        return tan_of(self.video.pk)

    @property
    def wrong(self) -> str:
        """No TAN of this one."""
        return f"{(int(self.tan) + 1) % 10**6:06}"

    @property
    def page(self) -> str:
        return reverse("video:join", args=[self.link])

    @property
    def patient(self) -> Actor:
        """Who has the link."""
        return Actor(ActorKind.LINK, (self.video.practice_id,), Role.LINK, self.video.pk)

    def address(self, name: str) -> str:
        """Of the practice's side."""
        return reverse(f"video:{name}", args=[self.id])


def held(of: Appointment | Block, house: House) -> Held:
    """It is held by video, here."""
    known: dict[str, Any] = {"block" if isinstance(of, Block) else "appointment": of}
    with acting(house.system):
        video = VideoAppointment.here(practice_id=of.practice_id, **known)
        video.save()
    return Held(video, of)


@contextmanager
def beforehand() -> Iterator[None]:
    """The real clock, whatever a test has set: appointments are booked before their day."""
    if not time_machine.escape_hatch.is_travelling():
        yield
    else:
        with time_machine.travel(time_machine.escape_hatch.datetime.datetime.now(UTC)):
            yield


def by_video(house: House, clock: str = "09:00", *, who: str = "jonas", **person: Any) -> Held:
    """Somebody's appointment on the week's first day."""
    with beforehand():
        return held(book(house, clock, who=who, **person), house)


def pushed(house: House, clock: str = "16:00", *, who: str = "jonas", title: str = "Mona R.") -> Held:
    """What another booking system brought: a block."""
    with beforehand(), acting(house.system):
        place = Place(house.calendars[who], at(clock), at(clock) + timedelta(minutes=50))
        return held(add_block(house.system, place, title, key=str(new_id())), house)


def now_by_video(
    house: House, clock: str = "09:00", *, who: str = "jonas", begins: timedelta = timedelta(minutes=5), **person: Any
) -> Held:
    """The same, put where the clock of every process is: it begins in so long. `clock`: where its time is taken."""
    one = by_video(house, clock, who=who, **person)
    starts_at = timezone.now().replace(microsecond=0) + begins
    with acting(house.system):
        Appointment.objects.filter(pk=one.of.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=50))
    return one


def came_in(one: Held) -> Client:
    """The patient's browser, with the TAN typed."""
    client = Client()
    answer = client.post(reverse("video:tan", args=[one.link]), {"tan": one.tan})
    assert answer.status_code == 303, answer.content.decode()
    return client


def sits(one: Held, actor: Actor, state: str = "waiting") -> UUID:
    """Somebody's page is open: its seat."""
    with acting(actor):
        return take_seat(actor, one.id, state).pk
