"""Invented content for every page: what the views will hand to the templates."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.safestring import SafeString

from sprechzeit.scheduling.book_page.columns import Column
from sprechzeit.scheduling.book_page.month import week_of
from sprechzeit.ui.appointments import entry_html

DAY = date(2026, 11, 23)
PRACTICE = {
    "shown_name": "Praxis am Lindenhof",
    "name": "Praxis am Lindenhof",
    "street": "Lindenallee 12",
    "postcode": "50668",
    "town": "Köln",
    "phone": "0221 555 01 20",
    "shown_phone": "0221 555 01 20",
}
NAVIGATION = [{"label": "Terminbuch", "url": "/book/", "icon": "calendar-days", "current": True}]
# Start and length in minutes after 7:00, name, type, colour, state
DAYS_WORK = (
    (60, 50, "Krüger, Thomas", "Einzeltherapie", 3, "completed"),
    (120, 50, "Yıldız, Elif", "Einzeltherapie", 3, "arrived"),
    (180, 50, "Sommer, Paula", "Ersttermin", 1, ""),
    (240, 50, "Brandt, Jens", "Einzeltherapie", 3, ""),
    (360, 25, "Vogt, Katharina", "Folgetermin", 2, "no_show"),
    (390, 20, "Özdemir, Can", "Kontrolle", 4, "cancelled"),
    (420, 10, "Pohl, Ben", "Kontrolle", 4, ""),
    (435, 15, "Engel, Rosa", "Kontrolle", 6, ""),
    (480, 90, "Gruppe Schmerzbewältigung", "Gruppe", 5, ""),
)


class LoginForm(forms.Form):
    """As allauth builds it for sign-in by e-mail address."""

    login = forms.EmailField(label="E-Mail", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(widget=forms.PasswordInput, help_text="link")


class PasswordForm(forms.Form):
    """Two passwords with a hint."""

    password1 = forms.CharField(label="Neues Passwort", widget=forms.PasswordInput, help_text="Mindestens 10 Zeichen")
    password2 = forms.CharField(label="Neues Passwort (noch einmal)", widget=forms.PasswordInput)


class DetailsForm(forms.Form):
    """The patient's details while booking."""

    for_whom = forms.ChoiceField(
        label="Für wen ist der Termin?",
        choices=[("self", "Für mich"), ("child", "Für mein Kind"), ("other", "Für jemand anderen")],
        initial="child",
        widget=forms.RadioSelect,
    )
    insurance = forms.ChoiceField(
        label="Versicherung",
        choices=[("statutory", "Gesetzlich"), ("private", "Privat"), ("self_payer", "Selbstzahler")],
        widget=forms.RadioSelect,
    )
    booker_first_name = forms.CharField(label="Ihr Vorname")
    booker_last_name = forms.CharField(label="Ihr Nachname")
    first_name = forms.CharField(label="Vorname", widget=forms.TextInput(attrs={"autocomplete": "given-name"}))
    last_name = forms.CharField(label="Nachname", widget=forms.TextInput(attrs={"autocomplete": "family-name"}))
    date_of_birth = forms.DateField(label="Geburtsdatum", help_text="TT.MM.JJJJ")
    email = forms.EmailField(
        label="E-Mail", error_messages={"invalid": "Bitte prüfen Sie die Adresse, z. B. name@beispiel.de"}
    )
    mobile = forms.CharField(label="Mobilnummer", required=False)
    remark = forms.CharField(label="Bemerkung", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    privacy = forms.BooleanField(label="Ich habe die Datenschutzhinweise gelesen.")
    key = forms.CharField(widget=forms.HiddenInput, initial="k")


class KitForm(forms.Form):
    """Every kind of control."""

    name = forms.CharField(label="Name")
    colour = forms.ChoiceField(label="Farbe", choices=[("1", "Blau"), ("2", "Grün")])
    kind = forms.ChoiceField(label="Art", choices=[("a", "Neu"), ("b", "Bekannt")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="Einverstanden")
    remark = forms.CharField(label="Bemerkung", widget=forms.Textarea, required=False)


def entries(shift: int) -> list[SafeString]:
    """One column's day, a little different for each `shift`."""
    made = []
    for index, (start, minutes, name, type_name, colour, state) in enumerate(DAYS_WORK):
        begin = start + shift * 5
        made.append(
            entry_html(
                url=f"/book/appointments/{shift}-{index}/",
                kind="appointment",
                title=name,
                time=clock(begin),
                detail=type_name,
                top=begin // 5,
                length=minutes // 5,
                lane=0,
                lanes=1,
                colour=(colour + shift - 1) % 8 + 1,
                state=state,
            )
        )
    plain: dict[str, Any] = {"detail": "", "colour": 1, "state": ""}
    made.append(entry_html(url="", kind="busy", title="Belegt", time="", top=60, length=10, lane=0, lanes=1, **plain))
    made.append(
        entry_html(
            url="/x/", kind="block", title="Teambesprechung", time="17:00", top=120, length=12, lane=0, lanes=2, **plain
        )
    )
    made.append(
        entry_html(url="", kind="hold", title="Gehalten", time="17:15", top=123, length=6, lane=1, lanes=2, **plain)
    )
    return made


def clock(minutes: int) -> str:
    """A time of day from minutes after 7:00."""
    return f"{7 + minutes // 60:02d}:{minutes % 60:02d}"


def book() -> dict[str, Any]:
    """A day with five columns."""
    names = ("Dr. Miriam Albers", "Jonas Petersen", "Dr. Sofia Ramos", "Kai Lehmann", "Amira Haddad")
    off = SafeString("".join(f'<div class="off t{top} d{length}"></div>' for top, length in ((0, 12), (60, 6))))
    away = SafeString('<div class="absence t0 d144"><b>Urlaub bis 27.11.</b></div>')
    columns = [
        Column(
            key=(calendar_id := f"00000000-0000-7000-8000-00000000000{index}"),
            day=DAY,
            hours=(7, 19),
            name=name,
            label=name,
            url=f"/book/calendars/{calendar_id}/?day={DAY}&hours=7-19",
            calendar=calendar_id,
            initials="".join(word[0] for word in name.removeprefix("Dr. ").split()),
            colour=index + 1,
            subtitle=f"Raum {index + 1} · 08–18 Uhr",
            is_chosen=index == 0,
            is_today=True,
            choose_url=f"/book/?calendar={calendar_id}",
            background=away if index == 3 else off,
            entries=SafeString("".join(entries(index))),
        )
        for index, name in enumerate(names)
    ]
    shown = {
        "wish": {"day": DAY, "view": "day", "is_week": False},
        "is_today": True,
        "now_unit": 40,
        "columns": columns,
    }
    hours = {"hours": (7, 19), "hour_marks": [(str(12 * at), f"{at + 7:02}:00") for at in range(12)], "rows": 144}
    links = dict.fromkeys(("today", "day", "rooms", "week", "list", "print"), "/book/") | {"new": "/book/new/"}
    links |= {"previous": f"/book/?day={DAY - timedelta(days=1)}", "next": f"/book/?day={DAY + timedelta(days=1)}"}
    titles = {"title": "Montag, 23. November 2026", "short_title": "Mo, 23. Nov.", "week": 48, "count": 44}
    legend = [
        {"type": {"name": name, "colour": colour}, "url": "/book/?hide=1", "is_hidden": colour == 2}
        for colour, name in enumerate(("Ersttermin", "Folgetermin", "Einzeltherapie"), start=1)
    ]
    shown |= {**hours, **titles, "links": links, "legend": legend, "month": month()}
    return {"book": {**shown, "side": render_to_string("scheduling/book_side.html", {"book": shown})}}


def month() -> dict[str, Any]:
    """The small month."""
    weeks = []
    for number in range(6):
        monday = date(2026, 10, 26) + timedelta(weeks=number)
        days = [(day, f"/book/?day={day}") for day in (monday + timedelta(days=weekday) for weekday in range(7))]
        weeks.append(week_of(monday, days, DAY, DAY, is_week=False))
    names = zip(WEEKDAYS.values(), WEEKDAYS_ABBR.values(), strict=True)
    return {
        "weekdays": list(names),
        "weeks": weeks,
        "previous": "/book/?day=2026-10-23",
        "next": "/book/?day=2026-12-23",
    }


APPOINTMENT = {
    "title": "Brandt, Jens",
    "date_of_birth": date(1979, 8, 2),
    "type_name": "Einzeltherapie 50 Min.",
    "colour": 3,
    "when": "Mo, 23. Nov. · 11:00–11:50",
    "calendar_name": "Dr. Miriam Albers",
    "room_name": "Raum 1",
    "source_label": "Online-Buchung",
    "remark": "Wünscht Sitzplatz nahe der Tür.",
    "contacts": [
        ("phone", "0171 5550119", "tel:+491715550119"),
        ("mail", "jens@beispiel.de", "mailto:jens@beispiel.de"),
    ],
    "history": [
        ("12.11.2026, 14:05", "Online-Buchung", "Gebucht über die Online-Buchung"),
        ("22.11.2026, 17:42", "Jana Albrecht", "Verschoben von 10:00 auf 11:00"),
    ],
    "record": {
        "created": {"who": "Online-Buchung", "at": datetime(2026, 11, 12, 14, 5, tzinfo=UTC)},
        "changed": {"who": "Jana Albrecht", "at": datetime(2026, 11, 22, 17, 42, tzinfo=UTC)},
    },
    "cancel_url": "/cancel/",
    "mail_to": "jens@beispiel.de",
    "cancelled": False,
}
SUMMARY = {
    "type_name": "Prophylaxe",
    "minutes": 40,
    "name": "Amira Haddad",
    "when": "Mi, 25. Nov. 2026, 10:30–11:10 Uhr",
    "starts_at": datetime(2026, 11, 25, 9, 30, tzinfo=UTC),
}


OWN_TIME = {
    "summary": SUMMARY,
    "until": datetime(2026, 11, 25, 9, 12, tzinfo=UTC),
    "details_url": "/details/",
    "give_back_url": "/release/",
}


def times(*labels: str) -> list[dict[str, Any]]:
    """Free times of one day."""
    return [
        {"label": label, "value": f"2026-11-25T{label}", "name": "A. Haddad", "length": "", "when": "Mi, 25. Nov."}
        for label in labels
    ]


def free_times() -> dict[str, Any]:
    """The week and the day of the second step."""
    week = [DAY + timedelta(days=index) for index in range(7)]
    days = [
        {
            "date": day,
            "weekday": ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"][index],
            "count": 0 if index in (0, 5, 6) else 7 - index,
            "url": f"?day={day}",
            "is_selected": index == 2,
            "is_open": index < 5,
        }
        for index, day in enumerate(week)
    ]
    return {
        "type": {"name": "Prophylaxe", "length": "40 Min.", "price": "89\u00a0€"},
        "chips": [
            {"name": "Alle", "url": "?calendar=", "is_chosen": True},
            *(
                {"name": f"Dr. Amira Haddad {number}", "initials": "AH", "colour": 4, "url": "?calendar=ah"}
                for number in range(6)
            ),
        ],
        "week": {"title": "23.–29. November", "previous_url": None, "next_url": "?week=2", "days": days},
        "day_title": "Mittwoch, 25. November",
        "groups": [("Vormittag", times("08:20", "09:40", "10:30")), ("Nachmittag", times("13:00", "14:10", "15:20"))],
        "hold_url": "/hold/",
        "key": "key",
    }


def code(error: str = "") -> dict[str, Any]:
    """The code from the mail, still empty or wrong."""
    return {
        "email": "elif@beispiel.de", "typed": "typed", "error": error, "summary": SUMMARY, "action": "/code/",
        "details_url": "/details/",
    }  # fmt: skip


def details(data: dict[str, str] | None = None) -> dict[str, Any]:
    """The third step, empty or with what was sent."""
    form = DetailsForm(data)
    until = datetime.combine(DAY, time(14, 35), tzinfo=UTC)
    return {"form": form, "summary": SUMMARY, "expires_at": until, "action": "/details/", "times_url": "/times/"}


WRONG_DETAILS = {"first_name": "Elif", "last_name": "Yıldız", "date_of_birth": "14.03.1988", "email": "elif@beispiel"}
ANSWERS = [
    {"words": "Ich war schon hier", "value": "known", "is_chosen": True},
    {"words": "Ich bin neu", "value": "new"},
]
SERVICES = [
    {"name": "Ersttermin", "length": "50 Min.", "url": "/s/1/", "price": "100,55\u00a0€", "for_whom": "neue Patienten"},
    {"name": "Video", "length": "25 Min.", "url": "/s/4/", "where": "per Video", "where_icon": "video"},
    {"name": "Prophylaxe", "length": "40 Min.", "url": "/s/2/"},
    {"name": "Kontrolle", "length": "20 Min.", "url": "/s/3/"},
]
