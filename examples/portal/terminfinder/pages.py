"""The pages: HTML without scripts. What a page shows is escaped here, where it is put in."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from html import escape
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from terminfinder.desk import new_key
from terminfinder.practice import Json
from terminfinder.words import LANGUAGES, day, local, moment, say

Fields = Mapping[str, str]


class Pages:
    """Pages of one practice in one language."""

    def __init__(self, practice: Json, language: str) -> None:
        self.practice, self.language = practice, language

    def say(self, name: str, **values: str) -> str:
        """A text, escaped."""
        return escape(say(self.language, name, **values))

    def frame(self, title: str, *parts: str, again: int = 0) -> str:
        """A whole page; `again`: seconds after which it asks anew."""
        other = LANGUAGES[self.language == "de"]
        refresh = f'<meta http-equiv="refresh" content="{again}">' if again else ""
        phone = escape(self.practice.get("phone") or "")
        call = f'<a href="tel:{phone.replace(" ", "")}">{phone}</a>' if phone else ""
        return (
            f'<!doctype html><html lang="{self.language}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">{refresh}'
            f'<title>{escape(title)} · TerminFinder</title><link rel="stylesheet" href="/style.css"></head><body>'
            f'<header><a class="brand" href="/">TerminFinder</a>'
            f'<a href="?lang={other}" hreflang="{other}" lang="{other}">{self.say("language")}</a></header>'
            f"<main><p class=place>{escape(self.practice['name'])}</p><h1>{escape(title)}</h1>{''.join(parts)}</main>"
            f"<footer>{escape(self.practice['name'])} {call}</footer></body></html>"
        )

    def types(self, types: Iterable[Json]) -> str:
        """What for?"""
        cards = "".join(
            f'<li><a class=card href="/type/{one["type"]}"><strong>{escape(one["name"])}</strong>'
            f"<span>{escape(self._about(one))}</span></a></li>"
            for one in types
        )
        return self.frame(
            say(self.language, "choose"),
            f"<ul class=cards>{cards}</ul>" if cards else f"<p>{self.say('nothing_offered')}</p>",
        )

    def who(self, kind: Json, calendars: Mapping[str, str]) -> str:
        """With whom?"""
        choices = {"": say(self.language, "anybody"), **calendars}
        cards = "".join(
            f'<li><a class=card href="/times?{urlencode({"type": kind["type"], "who": one})}">'
            f"<strong>{escape(name)}</strong></a></li>"
            for one, name in choices.items()
        )
        return self.frame(say(self.language, "who"), self.chosen(kind), f"<ul class=cards>{cards}</ul>")

    def chosen(self, kind: Json, *more: str) -> str:
        """What was chosen so far."""
        return (
            f"<p class=chosen>{' · '.join(escape(one) for one in (kind['name'], self._about(kind), *more) if one)}</p>"
        )

    def times(
        self,
        action: str,
        hidden: Fields,
        first: date,
        found: tuple[list[Json], list[Json]],
        names: Mapping[str, str],
        summary: str,
        problem: str = "",
    ) -> str:
        """When? Each time is a button that takes it; `action` gets it with `hidden`."""
        free, following = found
        step = timedelta(days=7)
        here = {name: one for name, one in hidden.items() if name in ("type", "who") and one}
        look = "" if action.startswith("/b/") else "/times"
        turn = "".join(
            f'<a href="{look}?{urlencode({**here, "from": to.isoformat()})}">{self.say(word)}</a>'
            for word, to in (("earlier", first - step), ("later", first + step))
            if to + step > self.today()
        )
        if free:
            shown = self._days(action, hidden, free, names)
        elif following:
            shown = f"<p>{self.say('none')}</p><h2>{self.say('next')}</h2>" + self._days(
                action, hidden, following, names
            )
        else:
            shown = f"<p>{self.say('nothing')}{escape(self.practice.get('phone') or '')}</p>"
        return self.frame(say(self.language, "when"), self.alert(problem), summary, shown, f"<nav>{turn}</nav>")

    def today(self) -> date:
        """On the practice's clock."""
        return local(datetime.now(UTC).isoformat(), self.practice["time_zone"]).date()

    def details(
        self,
        secret: str,
        booking: Mapping[str, Any],
        kind: Json,
        name: str,
        typed: Fields,
        wrong: Mapping[str, str],
    ) -> str:
        """Who comes?"""
        until = local(booking["expires_at"], self.practice["time_zone"])
        fields = [
            self._field("first_name", typed, wrong, "text", 'required autocomplete="given-name"'),
            self._field("last_name", typed, wrong, "text", 'required autocomplete="family-name"'),
            self._field("date_of_birth", typed, wrong, "date", 'required autocomplete="bday"'),
            self._field("email", typed, wrong, "email", 'autocomplete="email"'),
            self._field("mobile", typed, wrong, "tel", 'autocomplete="tel"'),
            self._insurance(kind.get("insurances") or ["statutory", "private", "self_payer"], typed),
            self._field("remark", typed, wrong, "text", 'maxlength="300"'),
        ]
        return self.frame(
            say(self.language, "details"),
            self.alert(booking["problem"]),
            self.chosen(kind, name),
            self.time(booking),
            f"<p class=quiet>{self.say('kept', time=f'{until:%H:%M}')}</p>",
            f'<form method=post action="/b/{secret}/book">{self._key()}{"".join(fields)}'
            f"<p class=quiet>{self.say('handed_on')}</p><button>{self.say('book')}</button></form>",
        )

    def booked(self, secret: str, booking: Mapping[str, Any], kind: str, name: str, *, over: bool) -> str:
        """What became of it; with move and cancel while it stands."""
        state = booking["state"]
        word = "is_cancelled" if state == "cancelled" else "is_over" if over else "is_booked"
        may = ""
        if word == "is_booked":
            may = (
                f"<p class=quiet>{self.say('keep_link')}</p>"
                f'<p><a class=button href="/b/{secret}/move">{self.say("moving")}</a></p>'
                f"<details><summary>{self.say('cancelling')}</summary>"
                f'<form method=post action="/b/{secret}/cancel">{self._key()}'
                f"<button class=quiet>{self.say('really')}</button></form></details>"
            )
        else:
            may = f'<p><a class=button href="/">{self.say("another")}</a></p>'
        return self.frame(
            say(self.language, "yours"),
            self.alert(booking["problem"]),
            f'<p role=status class="{word}">{self.say(word)}</p>',
            self.time(booking),
            f"<p class=chosen>{' · '.join(escape(one) for one in (kind, name) if one)}</p>",
            may,
        )

    def waits(self) -> str:
        """Nobody answered yet."""
        return self.frame(say(self.language, "yours"), f"<p role=status>{self.say('waiting')}</p>", again=3)

    def lost(self, word: str, problem: str = "") -> str:
        """A dead end, and the way out of it."""
        return self.frame(
            say(self.language, word), self.alert(problem), f'<p><a class=button href="/">{self.say("another")}</a></p>'
        )

    def time(self, booking: Mapping[str, Any]) -> str:
        """When it is, in large letters."""
        shown = moment(booking["starts_at"], self.practice["time_zone"], self.language)
        return f'<p class=time><time datetime="{escape(booking["starts_at"])}">{escape(shown)}</time></p>'

    def alert(self, problem: str) -> str:
        """What went wrong, if anything."""
        return f"<p role=alert>{escape(problem)}</p>" if problem else ""

    def _about(self, kind: Json) -> str:
        parts = [f"{kind['duration_minutes']} {say(self.language, 'minutes')}"]
        parts += [
            say(self.language, one) for one in (kind["patients"], kind["location"]) if one not in ("all", "practice")
        ]
        if kind.get("price_cents"):
            euros = f"{kind['price_cents'] / 100:.2f} €"
            parts.append(euros.replace(".", ",") if self.language == "de" else euros)
        return " · ".join(parts)

    def _days(self, action: str, hidden: Fields, times: list[Json], names: Mapping[str, str]) -> str:
        zone, shown = self.practice["time_zone"], []
        # Whoever said 'anybody' is offered each time once.
        seen: set[str] = set()
        each = [one for one in times if not (one["starts_at"] in seen or seen.add(one["starts_at"]))]  # type: ignore[func-returns-value]
        kept = "".join(
            f'<input type=hidden name="{escape(name)}" value="{escape(one)}">' for name, one in hidden.items()
        )
        for of, group in groupby(each, key=lambda one: local(one["starts_at"], zone).date()):
            buttons = "".join(
                f'<button name=time value="{escape(one["calendar"])} {escape(one["starts_at"])}">'
                f'<time datetime="{escape(one["starts_at"])}">{local(one["starts_at"], zone):%H:%M}</time>'
                f"<span>{escape(names.get(one['calendar'], ''))}</span></button>"
                for one in group
            )
            shown.append(
                f"<section><h2>{escape(day(of, self.language))}</h2><div class=times>{buttons}</div></section>"
            )
        return f'<form method=post action="{escape(action)}">{self._key()}{kept}{"".join(shown)}</form>'

    def _field(self, name: str, typed: Fields, wrong: Mapping[str, str], kind: str, more: str) -> str:
        hint = f'<em id="{name}-wrong">{escape(wrong[name])}</em>' if name in wrong else ""
        says = f'aria-invalid=true aria-describedby="{name}-wrong"' if hint else ""
        value = escape(typed.get(name, ""))
        shown = f'<input type={kind} name={name} value="{value}" {more} {says}>'
        return f"<label>{self.say(name)}{shown}{hint}</label>"

    def _insurance(self, offered: Iterable[str], typed: Fields) -> str:
        options = "".join(
            f'<option value="{one}"{" selected" * (typed.get("insurance") == one)}>{self.say(one)}</option>'
            for one in offered
        )
        return f"<label>{self.say('insurance')}<select name=insurance>{options}</select></label>"

    def _key(self) -> str:
        return f'<input type=hidden name=key value="{new_key()}">'
