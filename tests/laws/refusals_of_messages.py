"""For every action on messages and the way they go: somebody whom it refuses."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.messages import actions as messages
from sprechzeit.messages.actions import reminders
from sprechzeit.messages.errors import PlaceholderUnknown, ReminderThere, TextMissing
from sprechzeit.messages.template_events import TemplateKey
from sprechzeit.practice.actions import sms
from sprechzeit.practice.errors import NoGateway, NoWebAddress
from tests.support.scene import Scene

R = TypeVar("R")
WANTED = reminders.Wanted(24, "email")
SAID = TemplateKey("reminder", "email", "de")


def of_messages(scene: Scene, make: Callable[..., R]) -> list[R]:
    """Each as `make` has it."""
    house, message = scene.cast.albers, scene.message
    jonas, jana, miriam = house.actor("jonas"), house.actor("jana"), house.actor("miriam")
    berta = scene.cast.brandt.actor("berta")
    with acting(miriam):
        reminder = reminders.add_reminder(miriam, WANTED)
    return [
        make(NotAllowed, jana, sms.set_gateway, {"url": "https://sms.example.org/"}),
        make(NoWebAddress, miriam, sms.set_gateway, {"url": "https://10.0.0.1/"}),
        make(NotAllowed, jana, sms.ask_for_test, "+491712345678"),
        make(NoGateway, miriam, sms.ask_for_test, "+491712345678"),
        make(NotAllowed, jana, sms.mark_test, new_id(), "taken"),
        make(NotAllowed, jana, reminders.add_reminder, WANTED),
        make(NotFound, miriam, reminders.add_reminder, replace(WANTED, type_id=new_id())),
        make(ReminderThere, miriam, reminders.add_reminder, WANTED),
        make(NotAllowed, jana, reminders.change_reminder, reminder.pk, 2, "email"),
        make(NotFound, miriam, reminders.change_reminder, new_id(), 2, "email"),
        make(NotAllowed, jana, reminders.switch_reminder, reminder.pk, on=False),
        make(NotAllowed, jana, reminders.remove_reminder, reminder.pk),
        make(NotFound, berta, reminders.remove_reminder, reminder.pk),
        make(NotAllowed, jana, reminders.switch_messages, to_patients=False, to_practitioners=False),
        make(NotAllowed, jonas, reminders.plan_reminders),
        make(NotAllowed, jonas, reminders.still_reminds, message, scene.taken),
        make(NotAllowed, jonas, messages.give_up, scene.taken, "booked"),
        make(NotAllowed, jonas, messages.message_due, scene.taken, "booked"),
        make(NotAllowed, jonas, messages.send_again, message.pk),
        make(NotFound, berta, messages.send_again, message.pk),
        make(NotAllowed, jana, messages.save_template, SAID, "Subject", "Text"),
        make(NotFound, miriam, messages.save_template, SAID._replace(event="birthday"), "Subject", "Text"),
        make(PlaceholderUnknown, miriam, messages.save_template, SAID, "%NAMEN%", "Text"),
        make(TextMissing, miriam, messages.save_template, SAID, "Subject", " "),
        make(NotAllowed, jana, messages.reset_template, SAID),
        make(NotAllowed, jana, messages.ask_for_sample, SAID),
        make(NotFound, house.actor("miriam"), messages.ask_for_sample, SAID),
        make(NotAllowed, jonas, messages.withdraw, message),
        make(NotAllowed, jonas, messages.link_message_due, scene.taken),
        make(NotAllowed, jonas, messages.hold_for_link, message),
        make(NotAllowed, jonas, messages.note_link, message, scene.taken),
        make(NotAllowed, jonas, messages.mark_sent, message, "subject", "text"),
        make(NotAllowed, jonas, messages.mark_attempt, message, "error", final=True),
    ]
