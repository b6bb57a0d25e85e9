"""The German catalogue: brought up to the source, and proved complete, right and compiled."""

import re
from collections.abc import Iterator, Sequence

import polib

from tests.tools.translations.extract import SOURCE, Message, Problem, messages, relative

LOCALE = SOURCE / "locale"
GERMAN = LOCALE / "de/LC_MESSAGES/django.po"
COMPILED = GERMAN.with_suffix(".mo")
# What Django, django-allauth and click say, and our catalogue says better: shorter, and never 'du'.
LIBRARIES = LOCALE / "libraries.pot"
HEADER = {
    "Project-Id-Version": "Sprechzeit",
    "Language": "de",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}

# The same word in both languages.
SAME = {
    "Gateway",
    "Authorization: Basic",
    "Authorization: Bearer",
    "X-Api-Key",
    "%(label)s: %(count)s",
    "%(patient)s: %(location)s",
    "Text",
    "%(rhythm)s, %(valid_from)s–%(valid_until)s",
    "Block",
    "Chat",
    "Chat (C)",
    "Code",
    "Passkey %(number)s",
    "Passkeys",
    "Person",
    "TAN:",
    "Team",
    "Token",
    "Browser:",
    "Logo",
    "Name",
    "Navigation",
    "SMS",
    "TAN",
    "Online",
    "Orange",
    "PDF",
    "Patient",
    "Pink",
    "Sprechzeit",
    "System",
    "Video",
    "{day} {times}",
}

NAMED = re.compile(r"(?<!%)(?:%%)*(%\(\w+\)[sd]|%[sd])|(\{\w*(?:![rs])?\})")
MARKUP = re.compile(r"<[^>]+>")
COUNT = re.compile(r"%\((?:n|count|hours|minutes|days|number)\)[sd] [a-z]+s\b")
FAMILIAR = re.compile(
    r"\b(?:[Dd](?:u|ich|ir|ein(?:e[rmns]?)?)|[Bb]itte (?:gib|wähle|versuche|verwende|habe|warte|prüfe))\b"
)
ENGLISH_QUOTES = re.compile(r"(?<!=)\"(?![ >])|”|(?<!\w)'")
BREAKING = re.compile(r"(?:\d|\)[sd]|\}) (?:Min\.|Uhr\b|MB\b|GB\b|km\b|€|%(?!\())")


def problems() -> list[Problem]:
    """Everything that stands between the catalogue and being complete."""
    wanted, found = wanted_messages()
    catalogue = polib.pofile(str(GERMAN))
    entries = {_key(entry): entry for entry in catalogue if not entry.obsolete}
    found += [_problem(f"no German for {_said(one)}; --update brings it in") for one in wanted if one not in entries]
    found += [_problem(f"no longer in the source: {_said(one)}") for one in entries if one not in wanted]
    found += [_problem(f"obsolete: {entry.msgid!r}") for entry in catalogue.obsolete_entries()]
    for message, entry in entries.items():
        found += [Problem(relative(GERMAN), entry.linenum, what) for what in faults(message, entry)]
    found += [_problem(what) for what in _clashes(entries)]
    found += [
        _problem(f"listed as the same in German, but gone: {text!r}")
        for text in SAME - {one.singular for one in wanted}
    ]
    if not COMPILED.exists() or COMPILED.read_bytes() != catalogue.to_binary():
        found.append(Problem(relative(COMPILED), 0, "is not made of this .po; --update compiles it"))
    if catalogue.metadata != HEADER:
        found.append(_problem("another header than --update writes"))
    return found


def update() -> None:
    """Bring the source's msgids into the .po, drop what is gone, compile. Never invents a translation."""
    wanted, _found = wanted_messages()
    old = {_key(entry): entry for entry in polib.pofile(str(GERMAN))} if GERMAN.exists() else {}
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = HEADER
    for message in sorted(wanted, key=lambda one: (wanted[one][0], one.singular.lower(), one.context, one.plural)):
        catalogue.append(_entry(message, wanted[message], old.get(message)))
    GERMAN.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(GERMAN))
    COMPILED.write_bytes(polib.pofile(str(GERMAN)).to_binary())


def wanted_messages() -> tuple[dict[Message, list[str]], list[Problem]]:
    """What the catalogue has to hold: the source's msgids and those of libraries that we say in our own way."""
    found, problems = messages()
    for entry in polib.pofile(str(LIBRARIES)):
        found.setdefault(_key(entry), []).append(relative(LIBRARIES))
    return found, problems


def faults(message: Message, entry: polib.POEntry) -> Iterator[str]:
    """What is wrong with one entry."""
    german = [entry.msgstr_plural.get(0, ""), entry.msgstr_plural.get(1, "")] if message.plural else [entry.msgstr]
    if entry.fuzzy:
        yield f"fuzzy: {_said(message)}"
    if not all(german):
        yield f"no German for {_said(message)}"
        return
    english = [message.singular, message.plural] if message.plural else [message.singular]
    if message.singular not in SAME and german[0] == message.singular:
        yield f"German as English: {_said(message)}"
    yield from _placeholders(message, english, german)
    yield from (what for text in german for what in _manners(text))
    if not message.plural and COUNT.search(message.singular):
        yield f"counts without a plural form: {_said(message)}"
    for text, of in zip(german, english, strict=True):
        if sorted(MARKUP.findall(text)) != sorted(MARKUP.findall(of)):
            yield f"other markup than the English: {text!r}"
        if text[:1].isspace() != of[:1].isspace() or text[-1:].isspace() != of[-1:].isspace():
            yield f"space at an end where the English has none, or the other way: {text!r}"


def _placeholders(message: Message, english: Sequence[str], german: Sequence[str]) -> Iterator[str]:
    """The last form needs all of them; a singular may leave out its number."""
    everything = names(english[-1])
    if names(german[-1]) != everything or (not message.plural and names(english[0]) != names(german[0])):
        yield f"other placeholders than the English: {german[-1]!r}"
    elif message.plural and not set(names(german[0])) <= {*everything, *names(english[0])}:
        yield f"unknown placeholder: {german[0]!r}"


def names(text: str) -> list[str]:
    """The placeholders of a text, in order of the alphabet."""
    return sorted("".join(match) for match in NAMED.findall(text))


def _manners(text: str) -> Iterator[str]:
    """How a practice writes: Sie, German quotation marks, no line break between a number and its unit."""
    plain = MARKUP.sub("", text)
    if FAMILIAR.search(plain):
        yield f"not in the polite form: {text!r}"
    if ENGLISH_QUOTES.search(plain):
        yield f"quotation marks are „…“: {text!r}"
    if BREAKING.search(plain):
        yield f"a number stands apart from its unit (no-break space): {text!r}"
    if "..." in plain:
        yield f"three dots are …: {text!r}"


def _clashes(entries: dict[Message, polib.POEntry]) -> Iterator[str]:
    """Gettext knows a msgid once, with or without plural."""
    seen: set[tuple[str, str]] = set()
    for message in entries:
        if (message.context, message.singular) in seen:
            yield f"stands with and without plural: {_said(message)}"
        seen.add((message.context, message.singular))


def _entry(message: Message, paths: Sequence[str], old: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(
        msgctxt=message.context or None, msgid=message.singular, occurrences=[(path, "") for path in sorted(paths)]
    )
    if message.plural:
        entry.msgid_plural = message.plural
        entry.msgstr_plural = dict(old.msgstr_plural) if old else {0: "", 1: ""}
    else:
        entry.msgstr = old.msgstr if old else ""
    if any(name.startswith("%") for name in names(message.singular + message.plural)):
        entry.flags.append("python-format")
    return entry


def _key(entry: polib.POEntry) -> Message:
    return Message(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")


def _said(message: Message) -> str:
    return repr(message.singular) + (f" ({message.context})" if message.context else "")


def _problem(text: str) -> Problem:
    return Problem(relative(GERMAN), 0, text)
