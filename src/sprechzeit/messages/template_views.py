"""The texts of messages: their page, with a preview of what is typed (NOT-2, NOT-3)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sprechzeit.access.table import Data, Reach
from sprechzeit.core.acting import require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.messages.actions import ask_for_sample, reset_template, save_template
from sprechzeit.messages.delivered import Words, delivered
from sprechzeit.messages.errors import PlaceholderUnknown, TextMissing
from sprechzeit.messages.models.templates import MOST_SUBJECT, MOST_TEXT
from sprechzeit.messages.template_events import EVENTS
from sprechzeit.messages.template_forms import TemplateForm
from sprechzeit.messages.template_page import Chosen, chosen_of, kept_words, page_context, preview_context
from sprechzeit.practice.policy import may_change_practice
from sprechzeit.practice.queries import practice_of
from sprechzeit.practice.visitors import ActorRequest, Staff, visitor
from sprechzeit.ui.settings import saved

UNPROCESSABLE = 422


@require_safe
@visitor(Staff)
def templates(request: ActorRequest) -> HttpResponse:
    """All texts of messages, and the first one."""
    chosen = _chosen(request, next(iter(EVENTS)))
    return _page(request, chosen, _form(request, chosen), is_list=True)


@require_http_methods(["GET", "HEAD", "POST"])
@visitor(Staff)
def template(request: ActorRequest, event: str) -> HttpResponse:
    """One text: of an event, by a channel, in a language, of a type of appointments or all. `example`: with the words
    that the program brings along, to be saved or not.
    """
    chosen = _chosen(request, event)
    form = _form(request, chosen)
    if request.method == "POST":
        require(may_change_practice(request.actor), NotAllowed)
        if form.is_valid():
            words = form.words()
            try:
                save_template(request.actor, chosen.key, words.subject, words.text)
                return saved(request, chosen.url)
            except PlaceholderUnknown:
                form.add_error(None, _("It is saved once every placeholder is known."))
            except TextMissing:
                is_empty = "subject" in form.fields and not words.subject.strip()
                form.add_error("subject" if is_empty else "text", _("Please write something here."))
    return _page(request, chosen, form)


@require_POST
@visitor(Staff)
def template_reset(request: ActorRequest, event: str) -> HttpResponse:
    """Say of it again what is said of all types, or what the program brings along."""
    chosen = _chosen(request, event)
    reset_template(request.actor, chosen.key)
    return saved(request, chosen.url, _("Back to the usual text."))


@require_POST
@visitor(Staff)
def template_sample(request: ActorRequest, event: str) -> HttpResponse:
    """The practice's own text by mail to who asks, with the data of nobody."""
    chosen = _chosen(request, event)
    ask_for_sample(request.actor, chosen.key)
    return saved(request, chosen.url, _("The sample is on its way to your own address."))


@require_POST
@visitor(Staff)
def template_preview(request: ActorRequest, event: str) -> HttpResponse:
    """What the typed words give for a patient who does not exist. Nothing is kept."""
    chosen = _chosen(request, event)
    words = Words(request.POST.get("subject", "")[:MOST_SUBJECT], request.POST.get("text", "")[:MOST_TEXT])
    return render(request, "messages/template.html#answer", _preview(request, chosen, words) | {"answer": True})


def _chosen(request: ActorRequest, event: str) -> Chosen:
    require(request.actor.reach(Data.MESSAGES) is not Reach.NONE, NotAllowed)
    return chosen_of(request.actor, practice_of(request.actor), event, request.GET)


def _form(request: ActorRequest, chosen: Chosen) -> TemplateForm:
    may_change = may_change_practice(request.actor)
    words = kept_words(request.actor, chosen.key)
    if may_change and "example" in request.GET:
        words = delivered(chosen.key.event, chosen.key.channel, chosen.key.language, video=chosen.by_video)
    sent = request.POST if request.method == "POST" else None
    return TemplateForm(sent, channel=chosen.key.channel, words=words, may_change=may_change)


def _preview(request: ActorRequest, chosen: Chosen, words: Words) -> dict[str, object]:
    sample = request.POST.get("sample", "")
    return dict(preview_context(request.actor, practice_of(request.actor), chosen, words, sample))


def _page(request: ActorRequest, chosen: Chosen, form: TemplateForm, *, is_list: bool = False) -> HttpResponse:
    typed = {name: str(form[name].value() or "") for name in form.fields}
    words = Words(typed.get("subject", "")[:MOST_SUBJECT], typed.get("text", "")[:MOST_TEXT])
    context = page_context(request.actor, chosen) | _preview(request, chosen, words)
    context |= {
        "form": form,
        "is_list": is_list,
        "may_change": may_change_practice(request.actor),
        "is_example": "example" in request.GET,
    }
    return render(request, "messages/template.html", context, status=UNPROCESSABLE if form.errors else 200)
