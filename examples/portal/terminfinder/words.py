"""What patients read, in both languages, and how moments are written."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LANGUAGES = ("de", "en")
_DAYS = {
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "de": (
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
}  # fmt: skip
_WORDS = {
    "choose": ("Wofür möchten Sie einen Termin?", "What do you need an appointment for?"),
    "who": ("Bei wem?", "With whom?"),
    "anybody": ("Egal, der nächste freie Termin", "Anybody, the next free time"),
    "when": ("Wann passt es Ihnen?", "When does it suit you?"),
    "minutes": ("Minuten", "minutes"),
    "new": ("für neue Patientinnen und Patienten", "for new patients"),
    "known": ("für bekannte Patientinnen und Patienten", "for known patients"),
    "video": ("per Video", "by video"),
    "phone": ("am Telefon", "by phone"),
    "home": ("Hausbesuch", "home visit"),
    "earlier": ("Frühere", "Earlier"),
    "later": ("Spätere", "Later"),
    "none": ("In dieser Woche ist nichts frei.", "Nothing is free in this week."),
    "next": ("Die nächsten freien Termine", "The next free times"),
    "nothing": ("Zurzeit ist nichts frei. Bitte rufen Sie an: ", "Nothing is free at the moment. Please call: "),
    "nothing_offered": ("Zurzeit kann hier nichts gebucht werden.", "Nothing can be booked here at the moment."),
    "taken": ("Dieser Termin wurde gerade vergeben.", "This time was taken just now."),
    "details": ("Ihre Angaben", "Your details"),
    "kept": ("Für Sie reserviert bis {time} Uhr", "Kept for you until {time}"),
    "first_name": ("Vorname", "First name"),
    "last_name": ("Nachname", "Last name"),
    "date_of_birth": ("Geburtsdatum", "Date of birth"),
    "email": ("E-Mail", "E-mail"),
    "mobile": ("Mobilnummer (freiwillig)", "Mobile number (optional)"),
    "remark": ("Anmerkung (freiwillig)", "Remark (optional)"),
    "insurance": ("Versicherung", "Insurance"),
    "statutory": ("Gesetzlich", "Statutory"),
    "private": ("Privat", "Private"),
    "self_payer": ("Selbstzahler", "Self-payer"),
    "handed_on": (
        "Ihre Angaben gehen an die Praxis. Wir behalten nur, wann Ihr Termin ist, und Ihre E-Mail-Adresse, falls es "
        "an uns ist, Ihnen zu schreiben.",
        "Your details go to the practice. We keep only when your appointment is, and your e-mail address if it is us "
        "who write to you.",
    ),
    "book": ("Termin buchen", "Book appointment"),
    "is_booked": ("Ihr Termin ist gebucht.", "Your appointment is booked."),
    "is_cancelled": ("Dieser Termin ist abgesagt.", "This appointment is cancelled."),
    "is_over": ("Dieser Termin ist vorbei.", "This appointment is over."),
    "mail_booked": ("Ihr Termin", "Your appointment"),
    "mail_cancelled": ("Ihr Termin ist abgesagt", "Your appointment is cancelled"),
    "yours": ("Ihr Termin", "Your appointment"),
    "keep_link": (
        "Heben Sie diese Seite als Lesezeichen auf: Nur mit ihrem Link kann der Termin geändert werden.",
        "Keep this page as a bookmark: only its link can change the appointment.",
    ),
    "moving": ("Verschieben", "Move"),
    "cancelling": ("Absagen", "Cancel"),
    "really": ("Ja, jetzt absagen", "Yes, cancel it now"),
    "another": ("Neuen Termin suchen", "Find another time"),
    "back": ("Zurück", "Back"),
    "waiting": (
        "Wir fragen die Praxis. Diese Seite sieht gleich von selbst wieder nach.",
        "We are asking the practice. This page looks again by itself.",
    ),
    "expired": ("Die Reservierung ist abgelaufen.", "The reservation has run out."),
    "away": (
        "Die Praxis ist gerade nicht zu erreichen. Bitte versuchen Sie es in einigen Minuten.",
        "The practice cannot be reached just now. Please try again in a few minutes.",
    ),
    "not_found": ("Diese Seite gibt es nicht.", "There is no such page."),
    "again": ("Bitte beginnen Sie noch einmal.", "Please start again."),
    "wrong": ("Bitte prüfen.", "Please check."),
    "missing": ("Bitte ausfüllen.", "Please fill in."),
    "a_contact": ("Bitte E-Mail oder Mobilnummer angeben.", "Please give an e-mail address or a mobile number."),
    "language": ("English", "Deutsch"),
}


def say(language: str, name: str, **values: str) -> str:
    """A text in a language."""
    return _WORDS[name][LANGUAGES.index(language)].format(**values)


def language_of(accepted: str) -> str:
    """German or English, whichever the browser names first; German if neither."""
    for part in accepted.split(","):
        if part.strip()[:2].lower() in LANGUAGES:
            return part.strip()[:2].lower()
    return "de"


def day(of: date, language: str) -> str:
    """'Montag, 7. Dezember' or 'Monday, 7 December'."""
    point = "." if language == "de" else ""
    return f"{_DAYS[language][of.weekday()]}, {of.day}{point} {_MONTHS[language][of.month - 1]}"


def local(instant: str, zone: str) -> datetime:
    """An instant on the practice's clock."""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))


def moment(instant: str, zone: str, language: str) -> str:
    """Day and time of an instant on the practice's clock."""
    at = local(instant, zone)
    return f"{day(at, language)} {at.year}, {at:%H:%M}" + (" Uhr" if language == "de" else "")
