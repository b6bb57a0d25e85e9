"""A practice's own templates of notes: whose they are, and that one that was opened stays so (DOC-2, ACC-4, ACC-5)."""

import pytest
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.records.models import NoteTemplate
from sprechzeit.records.queries import shapes
from tests.support.cast import Cast
from tests.support.routes import client_of
from tests.support.treated import treated

FIELDS = "Anlass\r\n\r\n  Verlauf \r\nNächster Schritt"


@pytest.mark.req("DOC-2", "ACC-4", "ACC-5")
def test_a_template_from_the_settings_to_a_note(cast: Cast) -> None:
    """Jonas makes one; Miriam's colleague sees it when it is open; retired it is offered no more."""
    house, client = cast.albers, client_of(cast, "practitioner")
    new = reverse("records_settings:new_template")
    sent = {"name": "Verlauf", "fields_text": FIELDS, "key": "k" * 24}
    twice = client.post(new, sent | {"fields_text": "Anlass\nAnlass"})
    assert twice.status_code == 422
    saved = client.post(new, sent)
    assert saved.status_code == 303
    with acting(house.system):
        template = NoteTemplate.objects.get()
    assert (template.fields, template.opened_at) == (["Anlass", "Verlauf", "Nächster Schritt"], None)
    session = treated(house)
    page = client.get(reverse("records:session", args=[session.pk]), {"template": str(template.pk)}).content.decode()
    assert page.count('name="field"') == 3
    url = reverse("records_settings:template", args=[template.pk])
    assert client.post(url, sent | {"for_everyone": "on"}).status_code == 303
    assert client.post(url, sent | {"name": "Verlauf 2"}).status_code == 303  # what is open stays open
    with acting(house.system):
        template.refresh_from_db()
    assert (template.name, template.opened_at is None) == ("Verlauf 2", False)
    assert client.post(reverse("records_settings:template_retirement", args=[template.pk])).status_code == 303
    with acting(house.actor("jonas")):
        assert [one.key for one in shapes(house.actor("jonas"))] == ["free", "soap"]
