"""A text by mail to who wrote it, with the data of a patient who does not exist (NOT-2)."""

from uuid import UUID

from django.utils.translation import gettext as _

from sprechzeit.access.actor import system
from sprechzeit.core.acting import run_as
from sprechzeit.core.jobs import job
from sprechzeit.messages.delivered import Words
from sprechzeit.messages.handing import post
from sprechzeit.messages.models import MessageTemplate
from sprechzeit.messages.placeholders import suppresses
from sprechzeit.messages.policy import visible_templates
from sprechzeit.messages.samples import is_by_video, sample_of
from sprechzeit.messages.template_events import TemplateKey
from sprechzeit.messages.texts import Text, in_language, mail
from sprechzeit.messages.values import values_of
from sprechzeit.practice.models import Practice
from sprechzeit.practice.policy import visible_members
from sprechzeit.practice.queries import practice_of


@job(subject="template_id")
def send_sample(attempts: int, *, practice_id: str, template_id: str, member_id: str, sample_id: str) -> None:
    """The mail, as it would arrive. A text that was taken back meanwhile, or says that nothing is sent, is not."""
    actor = system(UUID(practice_id))

    def prepare() -> tuple[str, Text, Practice] | None:
        template = visible_templates(actor).select_related("type").filter(pk=template_id).first()
        member = visible_members(actor).select_related("user").filter(pk=member_id, user__is_active=True).first()
        if template is None or member is None or suppresses(template.subject, template.text):
            return None
        practice = practice_of(actor)
        return member.user.email, _composed(practice, template), practice

    prepared = run_as(actor, prepare)
    if prepared is None:
        return
    address, text, practice = prepared
    post(f"sample-{sample_id}", address, text, practice)


def _composed(practice: Practice, template: MessageTemplate) -> Text:
    type_ = template.type
    key = TemplateKey(template.event, template.channel, template.language, template.type_id)
    with in_language(template.language):
        which = "video" if is_by_video(practice, type_) else "practice"
        facts = sample_of(system(practice.id), practice, which, type_, template.event)
        words = Words(_("Sample: %(subject)s") % {"subject": template.subject}, template.text)
        return mail(practice, key, words, values_of(practice, facts))
