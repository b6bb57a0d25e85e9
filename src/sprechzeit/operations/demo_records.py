"""What is documented in the demo practice: sessions with notes of two practitioners, and two documents."""

import io
from datetime import timedelta
from uuid import UUID

import typst
from django.utils import timezone
from PIL import Image, ImageDraw

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.records.actions.documents import Sent, add_document
from sprechzeit.records.actions.notes import Typed, sign_note, write_note
from sprechzeit.records.actions.sessions import document_appointment, enter_session
from sprechzeit.records.content import SOAP, Content, Field
from sprechzeit.scheduling.models import Appointment, Attendance
from sprechzeit.scheduling.policy import visible_appointments

FIELDS = ("Subjektiv", "Objektiv", "Beurteilung", "Behandlungsplan")
# What was said, seen, thought and agreed; the first of them is the newest.
COURSE = (
    (
        "Schmerzen im unteren Rücken nur noch nach langem Sitzen (NRS 2). Schläft durch.",
        "Flexion fast frei, Finger-Boden-Abstand 8 cm. Kein Druckschmerz mehr über L4/L5.",
        "Deutliche Besserung, Belastbarkeit nimmt zu.",
        "Kräftigung steigern, Pausen am Schreibtisch. Verlauf in zwei Wochen.",
    ),
    (
        "Übungen täglich gemacht, morgens noch steif (NRS 4).",
        "Finger-Boden-Abstand 17 cm, Lasègue beidseits negativ.",
        "Verlauf wie erwartet.",
        "Mobilisation fortführen, Rumpfstabilität neu dazu.",
    ),
    (
        "Seit dem Umzug Schmerzen im unteren Rücken, kein Ausstrahlen (NRS 6).",
        "Druckschmerz paravertebral L4/L5, Flexion eingeschränkt, Kraft und Sensibilität unauffällig.",
        "Unspezifischer Kreuzschmerz, keine Warnzeichen.",
        "Aufklärung, Bewegung im Alltag, Übungsblatt mitgegeben.",
    ),
)
OTHERS = (
    "Verlauf besprochen, Übungen angepasst. Nächster Termin vereinbart.",
    "Gute Mitarbeit, weniger Beschwerden als in der Vorwoche.",
    "Schlaf weiter unruhig; Tagesstruktur durchgegangen, Protokoll für eine Woche vereinbart.",
)
MOST_VISITS = 6
LETTER = """
#set page(paper: "a5", margin: 1.8cm)
#set text(font: "Libertinus Serif", size: 11pt, lang: "de")
#align(right)[Orthopädie am Ring \\ 50668 Köln]
#v(1cm)
*Befundbericht*
#v(0.4cm)
Sehr geehrte Kollegin, sehr geehrter Kollege,

die Röntgenaufnahme der Lendenwirbelsäule in zwei Ebenen zeigt eine regelrechte Stellung, keine Fraktur und
altersentsprechende Zwischenwirbelräume. Kein Hinweis auf eine Listhese.

Empfohlen werden aktive Physiotherapie und eine Verlaufskontrolle nach sechs Wochen.

#v(0.6cm)
Mit kollegialen Grüßen \\ Orthopädie am Ring
"""


def document_visits(practitioners: list[Actor]) -> None:
    """Each documents what took place in the last days; of the first one's newest patient there is a whole course."""
    for place, actor in enumerate(practitioners):
        with acting(actor):
            for number, visit in enumerate(_held(actor)):
                session = document_appointment(actor, visit.pk)
                if place == number == 0:
                    _course(actor, visit, session.pk)
                else:
                    _write(actor, session.pk, Content("free", (Field("Dokumentation", OTHERS[number % len(OTHERS)]),)))


def _held(actor: Actor) -> list[Appointment]:
    """The newest of the actor's own appointments that took place, one of each patient."""
    own = visible_appointments(actor).filter(
        calendar__member_id=actor.identity, attendance__state=Attendance.State.COMPLETED
    )
    found: dict[UUID, Appointment] = {}
    for one in own.order_by("-starts_at", "id")[: MOST_VISITS * 3]:
        found.setdefault(one.patient_id, one)
    return list(found.values())[:MOST_VISITS]


def _course(actor: Actor, visit: Appointment, newest: UUID) -> None:
    """Three sessions of one patient, the earlier ones signed; a letter and a drawing."""
    patient_id: UUID = visit.patient_id
    for weeks, texts in enumerate(COURSE):
        session_id = newest
        if weeks:
            then = visit.starts_at - timedelta(weeks=weeks + 1)
            session_id = enter_session(
                actor, patient_id, actor.identity, then, duration_minutes=25, kind="Folgetermin"
            ).pk
        fields = tuple(Field(name, text) for name, text in zip(FIELDS, texts, strict=True))
        _write(actor, session_id, Content(SOAP, fields))
        if weeks:
            sign_note(actor, session_id, 1)
    day = timezone.localdate() - timedelta(weeks=4)
    letter = bytes(typst.compile(LETTER.encode(), ignore_system_fonts=True))
    add_document(actor, patient_id, Sent(letter, "Befundbericht Orthopädie", day, remark="Röntgen LWS"))
    add_document(actor, patient_id, Sent(_drawing(), "Schmerzzeichnung", day + timedelta(days=7), session_id))


def _write(actor: Actor, session_id: UUID, content: Content) -> None:
    write_note(actor, session_id, Typed(content, pad=new_id()))


def _drawing() -> bytes:
    """A figure seen from behind, on which somebody has marked where it hurts."""
    sheet = Image.new("RGB", (900, 1200), "#fbfaf6")
    pen, ink = ImageDraw.Draw(sheet), "#3b4650"
    pen.ellipse((385, 90, 515, 250), outline=ink, width=6)
    back = [(410, 262), (300, 300), (262, 600), (300, 610), (345, 400), (360, 640), (345, 1100), (420, 1100)]
    back += [(445, 720), (455, 720), (480, 1100), (555, 1100), (540, 640), (555, 400), (600, 610), (638, 600)]
    pen.line([*back, (600, 300), (490, 262)], fill=ink, width=6, joint="curve")
    pen.line([(450, 270), (450, 600)], fill="#a9b1b8", width=3)
    for inset in range(3):
        pen.ellipse(
            (385 + 14 * inset, 520 + 12 * inset, 515 - 14 * inset, 610 - 12 * inset), outline="#c22f2f", width=7
        )
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()
