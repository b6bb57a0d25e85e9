"""W6: finding patients among 200,000, as `app` under row security; each search beside a fetch by primary key."""

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

import psycopg

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.accounts.models import User
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.patients import matching, search
from sprechzeit.patients.models import Patient
from sprechzeit.patients.policy import get_patient, visible_patients
from sprechzeit.practice.actions import add_member

from . import report, work
from .ground import Ground

HITS, WORDS = 8, 25
OWN = 500  # records of the practitioner who sees nobody else's
GOALS = {"begin of a name": "10 ×", "two words": "", "a typing error": "30 ms"}

# Names: made of syllables in the manner of several languages, common ones far more often than rare ones.
LANGUAGES = [
    ("Müll Schmid Schneid Fisch Web Mey Wagn Beck Schulz Hoff Schäf Koch Bau Richt Klein Wolf Schröd Neu Schwarz Zimm "
     "Brau Krüg Hof Hartm Lang Schmitt Wern Krau Mei Lehm Köhl Herm Kön Walt Huber Kais Fuch Pet Scholz Möll Weiß Jung "
     "Groß Hahn Schub Vog Fried Kell Günt Frank Bergm Winkl Roth Beyer Sommer Böhm",
     "er ert mann inger bauer ler en hardt stein feld meier ow itz ke in dt berg el hofer ner sen",
     "Anna Maria Paula Leonie Jürgen Hans Peter Karlheinz Günther Sören Björn Käthe Mia Emma Noah Jonas Lukas Felix "
     "Sophie Heike Ute Ulrike Wolfgang Michael Andreas Sabine Monika Petra Claudia Thomas Stefan Christian Christine"),
    ("Yıl Öz Şah Kay Dem Çel Ayd Arsl Doğ Kıl Kor Yav Gün Ak Şim Tek Ars Pol Kap Erd",
     "maz türk in a ir ik ın an ıç kut uz eş soy şek er gül lı oğlu tan can",
     "Ayşe Fatma İbrahim Mehmet Mustafa Emine Hüseyin Işıl Gökçe Çağla Şükrü Zeynep Ömer Elif Hakan Tuğba"),
    ("Kowal Nowa Wiśniew Wójc Lewando Zieliń Szymań Woźnia Dąbrow Kozłow Jankow Mazur Krawczy Piotrow Grabow Łuka",
     "ski ska czyk ik k wicz siak iński ek owa",
     "Agnieszka Łukasz Małgorzata Paweł Zofia Stanisław Krzysztof Elżbieta Michał Żaneta Grażyna Tomasz"),
    ("Al-Has Al-Mas Abd Khal Mans Hadd Nass Sal Rahm Haid Karim Aziz Nour Fay",
     "san ri allah il our ad er eh ani ar i a ed oum", "Ahmad Fatima Omar Layla Yusuf Mariam Khaled Amira Hassan Noor"),
    ("الح منص عبد خال سع ناص", "سن ور الله د يد ر", "أحمد فاطمة عمر ليلى يوسف مريم"),
]  # fmt: skip
COLUMNS = (
    "id, practice_id, number, first_name, last_name, date_of_birth, first_key, last_key, language, created_by_id, "
    "created_at, made_online"
)


def names(chance: random.Random) -> Iterator[tuple[str, str]]:
    """First and last names without end: nine of ten German ones, double names and 'von' among them."""
    weights = [90, 4, 3, 2, 1]
    parts = [tuple(one.split() for one in language) for language in LANGUAGES]
    while True:
        (begins, ends, firsts) = chance.choices(parts, weights)[0]
        last = chance.choice(begins[: chance.randrange(1, len(begins) + 1)]) + chance.choice(ends)
        if chance.random() < 0.3:  # rare ones
            last = chance.choice(begins) + chance.choice("aeiou") + chance.choice(ends)
        if chance.random() < 0.06:
            last += "-" + chance.choice(begins) + chance.choice(ends)
        if chance.random() < 0.02:
            last = chance.choice(["von ", "von der ", "van ", "de "]) + last
        first = chance.choice(firsts)
        if chance.random() < 0.1:
            first += chance.choice("- ") + chance.choice(firsts)
        yield first, last


def records(practice: UUID, count: int, chance: random.Random) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """A record with its phone number, each as a row."""
    known = names(chance)
    born = date(1930, 1, 1)
    for number in range(1, count + 1):
        first, last = next(known)
        key = new_id()
        on = born + timedelta(days=chance.randrange(34_000))
        phone = f"+49{chance.choice((171, 151, 160, 221, 30))}{chance.randrange(10**6, 10**7)}"
        patient = (key, practice, number, first, last, on, matching.name_key(first), matching.name_key(last), "de",
                   None, "2026-01-01", False)  # fmt: skip
        yield patient, (new_id(), practice, key, "mobile", phone, phone)


def prepare(ground: Ground, count: int) -> tuple[work.House, list[Actor], list[Patient]]:
    """A practice of so many beside another; its administrator, a practitioner of 500 patients, and some records."""
    house, other = work.make_house("w6", 1, 0, grid=30), work.make_house("w6-other", 1, 0, grid=30)
    actors = [member(house, role) for role in (Role.ADMINISTRATOR, Role.PRACTITIONER)]
    chance = random.Random(6)
    with psycopg.connect(ground.databases.url("superuser")) as loading, loading.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for practice, many in ((house, count), (other, count // 10)):
            enter(cursor, records(practice.system.practice_id, many, chance))
        own = b"UPDATE patients_patient SET created_by_id = %s WHERE practice_id = %s AND number <= %s"
        cursor.execute(own, (actors[1].id, house.system.practice_id, OWN))
    # As the migration does it: filled, then the large index.
    ground.tell("DROP INDEX search_entry_by_lexeme")
    begin = perf_counter()
    ground.tell("SELECT refresh_search_entries()")
    filled = perf_counter() - begin
    ground.tell(
        "CREATE INDEX search_entry_by_lexeme ON patients_searchentry USING gin (lexemes) WITH (fastupdate = off)"
    )
    print(f"{count + count // 10:,} records filled in {filled:.0f} s, with the index {perf_counter() - begin:.0f} s")
    ground.tell("VACUUM ANALYZE")
    size = ground.ask("SELECT pg_total_relation_size('patients_searchentry') / 1048576")
    print(f"Entries with their indexes: {size} MB")
    with acting(house.system):
        known = list(
            Patient.objects.filter(practice_id=house.system.practice_id, number__in=chance.sample(range(1, OWN), WORDS))
        )
    return house, actors, known


def enter(cursor: psycopg.Cursor, made: Iterable[tuple[tuple[Any, ...], tuple[Any, ...]]]) -> None:
    """Records with their phone numbers, as they are restored: no trigger looks at them."""
    rows = list(made)
    with cursor.copy(f"COPY patients_patient ({COLUMNS}) FROM STDIN".encode()) as copy:
        for patient, _ in rows:
            copy.write_row(patient)
    contact = b"COPY patients_contactpoint (id, practice_id, patient_id, kind, value, key) FROM STDIN"
    with cursor.copy(contact) as copy:
        for _, point in rows:
            copy.write_row(point)


def member(house: work.House, role: Role, domain: str = "w6") -> Actor:
    with acting(house.system):
        user = User.objects.create_user(f"{role}@{domain}.example.org", None, str(role))
        made = add_member(house.system, user, role=role, name=str(role), initials="WS")
    return Actor(ActorKind.MEMBER, house.system.practices, role, made.pk)


def mistyped(word: str, chance: random.Random) -> str:
    """Two letters exchanged, one left out, or another one."""
    at = chance.randrange(1, max(2, len(word) - 1))
    return chance.choice(
        [word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :], word[:at] + word[at + 1 :],
         word[:at] + "x" + word[at + 1 :]]
    )  # fmt: skip


def asked_of(known: list[Patient], chance: random.Random) -> dict[str, list[str]]:
    """What somebody types who looks for these."""
    return {
        "begin of a name": [one.last_name[: chance.randrange(1, 6)] for one in known],
        "first name": [one.first_name for one in known],
        "whole name": [one.last_name for one in known],
        "two words": [f"{one.last_name} {one.first_name[:3]}" for one in known],
        "two short begins": [f"{one.first_name[:1]} {one.last_name[:2]}" for one in known],
        "a name and a year": [f"{one.last_name} {one.date_of_birth:%Y}" for one in known],
        "a letter and a year": [f"{one.last_name[:1]} {one.date_of_birth:%Y}" for one in known],
        "date of birth": [f"{one.date_of_birth:%d.%m.%y}" for one in known],
        "year of birth": [f"{one.date_of_birth:%Y}" for one in known],
        "begin of a phone": [chance.choice(["0171", "0221 5", "+49 160", "015112"]) for _ in known],
        "end of a phone": [f"{chance.randrange(10**4, 10**5)}" for _ in known],
        "particle": [chance.choice(["von", "von der", "van", "al"]) for _ in known],
        "a typing error": [mistyped(one.last_name, chance) for one in known],
        "two words, errors": [f"{mistyped(one.last_name, chance)} {mistyped(one.first_name, chance)}" for one in known],
        "nobody": ["xqzwv", "qqqq 1985", "%", "0000000"],
    }


def measure(ready: tuple[work.House, list[Actor], list[Patient]], rounds: int) -> None:
    """Prints median and p95 of each kind, and how often that is a fetch by primary key in the same run."""
    _house, actors, known = ready
    chance = random.Random(7)
    asked = asked_of(known, chance)
    for actor in actors:
        check(actor, known)
        taken: dict[str, list[float]] = {name: [] for name in asked}
        fetched: list[float] = []
        for _ in range(rounds):
            for name, texts in asked.items():
                for text in texts:
                    fetched.append(timed(actor, partial(get_patient, actor, chance.choice(known).pk)))
                    taken[name].append(timed(actor, partial(search.find, actor, visible_patients, text, HITS)))
        unit, unit95 = median(fetched), report.percentile(fetched, 95)
        print(f"{actor.role}: a fetch by primary key {unit:.2f} ms, p95 {unit95:.2f}")
        report.table(
            [str(actor.role), "median", "p95", "p95 × p95 of a fetch", "median × median", "goal"],
            [
                (name, median(of), p95 := report.percentile(of, 95), p95 / unit95, median(of) / unit,
                 GOALS.get(name, ""))
                for name, of in taken.items()
            ],
        )  # fmt: skip


def check(actor: Actor, known: list[Patient]) -> None:
    """Stops with AssertionError where somebody is not found by their whole name and date of birth."""
    with acting(actor):
        for one in known:
            found = search.find(
                actor, visible_patients, f"{one.first_name} {one.last_name} {one.date_of_birth:%d.%m.%Y}", HITS
            )
            assert one.pk in {hit.pk for hit in found.patients}, one.full_name


def timed(actor: Actor, work: Callable[[], object]) -> float:
    """Milliseconds inside a transaction that has begun."""
    with acting(actor):
        begin = perf_counter()
        work()
        return (perf_counter() - begin) * 1000
