"""Every address: it says who may come, refuses other methods, and looking changes nothing (architecture §10)."""

from uuid import UUID

import pytest
from django.urls import reverse

from sprechzeit.audit.models import Entry
from sprechzeit.community.actions import add_space, found_community
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import bring_file
from sprechzeit.practice.actions.invitation import invitation_token, invite_member
from sprechzeit.practice.models import Invitation
from sprechzeit.scheduling.actions.book import manage_token
from sprechzeit.scheduling.actions.hold import hold_token
from sprechzeit.scheduling.models import Appointment
from tests.support.cast import Cast, at, book, hold
from tests.support.consultations import held, pushed
from tests.support.databases import Databases
from tests.support.delegates import give, terms
from tests.support.documents import filed
from tests.support.partners import keyed, registered
from tests.support.pusher import Pusher
from tests.support.reported import drafted
from tests.support.routes import (
    FOR_ADMINISTRATORS,
    INTERFACES,
    OF_PROGRAMS,
    PEOPLE,
    VIEWS,
    WITHOUT_VISITOR,
    client_of,
    parameters_of,
    routes,
    signed_in,
)
from tests.support.tables import changed, fingerprints
from tests.support.things import absences, blocks, note_templates, pushed_by, report_templates, shifts
from tests.support.treated import over, treated, written


def test_every_route_says_who_may_come() -> None:
    silent = {name for name, view in VIEWS.items() if not hasattr(view, "visitor")}
    assert silent == set(WITHOUT_VISITOR)


def test_no_route_hides_behind_anothers_name() -> None:
    assert len(list(routes())) == len(VIEWS)
    assert None not in {name.rpartition(":")[2] or None for name in VIEWS}


# --- Methods --------------------------------------------------------------------------------------------------------


def settings_of(cast: Cast) -> dict[str, list[str]]:
    """What the addresses of the settings name."""
    room, calendar = str(cast.albers.rooms["own"].pk), str(cast.albers.calendars["jonas"].pk)
    kind, member = str(cast.albers.types["talk"].pk), str(cast.albers.members["jonas"].pk)
    calendars = ("calendar", "calendar_place", "calendar_retirement")
    return (
        {f"practice:{name}": [room] for name in ("room", "room_place")}
        | {f"scheduling_settings:{name}": [room] for name in ("room_use", "room_retirement")}
        | {f"scheduling_settings:{name}": [calendar] for name in calendars}
        | {f"practice:{name}": [member] for name in ("member", "suspension")}
        | {f"scheduling_settings:{name}": [member] for name in ("member_calendars", "departure")}
        | {f"scheduling_settings:{name}": [kind] for name in ("type", "type_place", "type_retirement")}
    )


def hours_of(cast: Cast) -> dict[str, list[str]]:
    """What the addresses of working hours and absences name."""
    calendar, absence = [str(cast.albers.calendars["jonas"].pk)], [absences(cast)["albers jonas"].id]
    return {
        "scheduling_hours:calendar": calendar,
        "scheduling_hours:new_shift": calendar,
        "scheduling_hours:shift_removal": [shifts(cast)["albers jonas"].id],
        "scheduling_hours:absence": absence,
        "scheduling_hours:absence_removal": absence,
    }


def communities_of(cast: Cast) -> dict[str, list[str]]:
    """What the addresses of communities name: one that Albers has founded, and nobody has entered."""
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        community = found_community(miriam, "Haus am Lindenplatz").pk
        one, space = str(community), str(add_space(miriam, community, "Therapieraum EG").pk)
    of_members = {f"community:{name}": [one, str(new_id())] for name in ("confirmation", "removal")}
    names = ("naming", "code", "rooms", "agreement", "times", "leaving")
    of_spaces = {f"community:{name}": [one, space] for name in ("space_naming", "space_removal")}
    return of_members | of_spaces | {f"community:{name}": [one] for name in names}


def addresses(cast: Cast) -> dict[str, str]:
    """A good address of every route."""
    appointment, kept = book(cast.albers, "09:00", who="jonas"), hold(cast.albers, "10:00", who="jonas")
    token = hold_token(kept.pk)
    kind, link = cast.albers.types["talk"].reference, manage_token(appointment.pk)
    block, invitation = blocks(cast)["albers jonas"].id, invited(cast)
    access = str(give(cast.albers, terms(cast.albers, "jonas"), email="office@example.org").pk)
    partner_id = str(registered(cast.albers).identity)
    arguments: dict[str, list[str]] = {
        **partners_of(cast, partner_id),
        **video_of(cast),
        **consultations_of(cast, appointment),
        "patients:consent": [str(appointment.patient_id), partner_id],
        "patients:consents_of_partner": [partner_id],
        "scheduling:column": [str(cast.albers.calendars["jonas"].pk)],
        "scheduling:room_column": [str(cast.albers.rooms["own"].pk)],
        "scheduling:appointment": [str(appointment.pk)],
        **{f"scheduling:{name}": [str(appointment.pk)] for name in OF_AN_APPOINTMENT},
        **{f"scheduling:{name}": [block] for name in OF_A_BLOCK},
        **settings_of(cast),
        **{f"practice:{name}": [access] for name in ("access", "access_revocation", "access_sending")},
        **{f"practice:{name}": [str(invitation.pk)] for name in ("invitation_sending", "invitation_withdrawal")},
        "joining": [invitation_token(invitation.sending)],
        "account_email_confirmation": ["no-such-token"],
        "mfa_edit_webauthn": ["1"],
        "mfa_remove_webauthn": ["1"],
        **hours_of(cast),
        **communities_of(cast),
        **{f"scheduling_bookings:{name}": ["no-such-proposal"] for name in OF_A_PROPOSAL},
        **records_of(cast),
        "appointment_messages": [str(appointment.pk)],
        "messages:message": ["no-such-message"],
        "messages:again": ["no-such-message"],
        **{f"messages:template{name}": ["reminder"] for name in ("", "_preview", "_reset", "_sample")},
        **{f"messages:{name}": ["no-such-reminder"] for name in ("reminder", "reminder_switch", "reminder_removal")},
        "patients:dismissal": ["no-such-pair"],
        "patients:merge_undone": ["no-such-merge"],
        **{f"personal_backup:{name}": ["no-such-backup"] for name in ("file", "removal")},
        "privacy:export": ["csv"],
        **{key: [str(appointment.patient_id)] for key in OF_A_RECORD},
        **{key: [brought(cast)] for key in OF_AN_IMPORT},
        "privacy:diary": [access],
        "privacy:report": [str(appointment.patient_id)],
        "portal:services": ["albers"],
        "portal:logo": ["albers", "no-such-digest"],
        "portal:times": ["albers", kind],
        "portal:hold": ["albers", kind],
        "portal:details": ["albers", token],
        "portal:code": ["albers", token],
        "portal:give_back": ["albers", token],
        "portal:done": ["albers", token],
        "portal:manage": [link],
        "portal:cancellation": [link],
        "portal:calendar_file": [link],
        "portal:other_times": [link],
        "portal:place": [link],
        "account_reset_password_from_key": ["1", "set-password"],
    }
    return {name: reverse(name, args=arguments.get(name, of_a_program(name))) for name in VIEWS}


def of_a_program(name: str) -> list[str] | None:
    """Whatever an address of an interface for other programs names: their own tests walk them as those."""
    space, _, own = name.rpartition(":")
    return ["no-such-reference"] * len(parameters_of(space, own)) if space in INTERFACES else None


def video_of(cast: Cast) -> dict[str, list[str]]:
    """What the addresses of the video side name."""
    pusher = Pusher(cast.albers)
    block, token = [str(pushed_by(pusher, "one", at("18:00"), who="jonas").block_id)], [str(pusher.actor.identity)]
    of_service = {f"video_service:{name}": ["no-such-id"] for name in ("again", "former_cancellation", "farewell")}
    of_tokens = of_service | {f"video_side:{name}": token for name in ("revocation", "renewal")}
    return of_tokens | dict.fromkeys(("video_side:pushed", "visit_messages", "visit_telling"), block)


def partners_of(cast: Cast, partner_id: str) -> dict[str, list[str]]:
    """What the addresses of a booking partner and its keys name."""
    key = keyed(cast.albers, UUID(partner_id))
    names = ("partner", "partner_end", "partner_consents", "partner_keys", "partner_sheet")
    return (
        {f"practice:{name}": [partner_id] for name in names}
        | {f"practice:{name}": [partner_id, str(key.pk)] for name in ("partner_key_end", "partner_key_revocation")}
        | {"privacy:partner_log": [partner_id], "webhooks:again": ["no-such-delivery"]}
        | {f"webhooks:{name}": [partner_id] for name in ("deliveries", "aside", "on")}
    )


OF_A_CALL = ("seat", "departure", "signal", "relays", "waiting", "admission", "end", "soon", "unlocking")
OF_A_LINK = ("join", "tan", "join_seat", "join_departure", "join_signal", "join_relays")


def consultations_of(cast: Cast, appointment: Appointment) -> dict[str, list[str]]:
    """What the addresses of consultations name: the appointment's, one that was pushed, and the patient's link."""
    one, brought = held(appointment, cast.albers), pushed(cast.albers, "13:00")
    return (
        {"video:appointment": [str(appointment.pk)], "video:visit": [str(brought.of.pk)]}
        | {f"video:{name}": [str(one.id)] for name in OF_A_CALL}
        | {f"video:{name}": [one.link] for name in OF_A_LINK}
    )


def records_of(cast: Cast) -> dict[str, list[str]]:
    """What the addresses of sessions, notes and their templates name."""
    session, template = treated(cast.albers), note_templates(cast)["Jonas'"].id
    report_template = report_templates(cast)["Jonas'"].id
    written(cast.albers, session)
    document = str(filed(cast.albers, session.patient_id).pk)
    return (
        {f"records:{name}": [str(session.patient_id)] for name in ("sessions", "new_session", "documents")}
        | {f"records:{name}": [document] for name in OF_A_DOCUMENT}
        | {f"records:{name}": [str(session.pk)] for name in OF_A_SESSION}
        | {f"records:{name}": [str(session.patient_id)] for name in ("reports", "new_report")}
        | {f"records:{name}": [str(drafted(cast.albers, session.patient_id).pk)] for name in OF_A_REPORT}
        | {name: [report_template] for name in OF_A_REPORT_TEMPLATE}
        | {"records:documentation": [str(over(cast.albers, last_name="Gestern").pk)]}
        | {f"records_settings:{name}": [template] for name in ("template", "template_retirement")}
    )


OF_A_SESSION = ("session", "facts", "withdrawal", "note", "draft", "writers", "versions", "signature", "amendments")
OF_A_DOCUMENT = ("document", "document_file", "document_preview", "document_removal")
OF_A_REPORT = ("report", "report_draft", "report_pdf", "report_filing", "report_withdrawal", "report_correction")
OF_A_REPORT_TEMPLATE = ("records_settings:report_template", "records_settings:report_template_retirement")
RECORDS_ONLY_POST = {f"records:{name}" for name in ("documentation", "note", "draft", "amendments")} | {
    "records:report_draft", "records:report_correction", "records_settings:report_preview"
}  # fmt: skip
RECORDS_ALSO_POST = {
    *OF_A_REPORT_TEMPLATE,
    *(f"records:{name}" for name in ("new_session", "facts", "withdrawal", "signature", "new_report", "report")),
    *(f"records:{name}" for name in ("report_filing", "report_withdrawal")),
    *(f"records:{name}" for name in ("documents", "document", "document_removal")),
    *(f"records_settings:{name}" for name in ("new_template", "template", "template_retirement")),
    "records_settings:new_report_template",
}


def brought(cast: Cast) -> str:
    """A file of patients that was not told yet what its columns hold."""
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        return str(bring_file(miriam, "liste.csv", b"Nachname;Vorname\r\nNeu;Hier\r\n"))


def invited(cast: Cast) -> Invitation:
    """Somebody who has not come yet."""
    with acting(cast.albers.system):
        return invite_member(cast.albers.system, "nora@example.org", "practitioner")


OF_A_RECORD = (
    "patients:record",
    "patients:archiving",
    "patients:merging",
    "scheduling:record_appointments",
    "record_messages",
    "record_log",
    "patients:consents",
)
IMPORT_ONLY_POST = {f"patients:import_{name}" for name in ("start", "cancellation", "taking_back")}
OF_AN_IMPORT = ("patients:import", "patients:import_columns", "patients:import_left_out", *sorted(IMPORT_ONLY_POST))
OF_AN_APPOINTMENT = ("cancellation", "place", "swap", "attendance", "remark", "location", "told")
OF_A_PROPOSAL = ("acceptance", "refusal", "reopening")
BOOKINGS_ONLY_POST = {f"scheduling_bookings:{name}" for name in ("seen", "unseen", *OF_A_PROPOSAL)}
OF_A_BLOCK = ("block", "block_place", "block_removal")
BOOK_ONLY_POST = {
    f"scheduling:{name}" for name in ("swap", "attendance", "remark", "location", "told", "block_removal", "undo")
}
BOOK_ALSO_POST = {f"scheduling:{name}" for name in ("place", "block_place", "new", "new_block")}
SETTINGS_ONLY_POST = {
    "messages_settings:sms_test", "messages:switches", "messages:reminder_switch", "messages:reminder_removal",
    "practice:suspension", "practice:invitation_sending", "practice:invitation_withdrawal",
    "practice:access_sending", "practice:room_place", "practice:partner_consents", "practice:partner_key_end",
    "scheduling_settings:calendar_place",
    "scheduling_settings:type_place", "signing_key_renewal", "webhooks:again", "webhooks:aside", "webhooks:on",
    "video_side:new_token", "video_side:renewal", "video_side:mails", "visit_telling",
    "video_service:test", "video_service:again", "video_service:aside", "video_service:former_cancellation",
    "video_service:farewell",
}  # fmt: skip
COMMUNITY_ONLY_POST = {f"community:{name}" for name in ("code", "agreement", "times", "confirmation")}
COMMUNITY_ALSO_POST = {
    f"community:{name}" for name in ("founding", "entering", "naming", "rooms", "leaving", "removal")
} | {"community:space_naming", "community:space_removal"}
FOR_READING = {"practice:rights", "practice:partners", "scheduling_settings:plan", "signing_keys"}
SETTINGS_ALSO_POST = FOR_ADMINISTRATORS - FOR_READING | {
    "video_side:revocation",
    "practice:partner", "practice:partner_end", "practice:partner_keys", "practice:partner_key_revocation",
    "practice:new_access", "practice:access", "practice:access_revocation",
    "practice:member", "practice:sign_in", "scheduling_settings:departure",
    "messages_settings:sms", "messages:reminder",
    "practice:facts", "practice:booking", "practice:room", "scheduling_settings:calendar", "scheduling_settings:type",
    "scheduling_settings:room_retirement", "scheduling_settings:calendar_retirement",
    "scheduling_settings:type_retirement",
}  # fmt: skip
VIDEO_ONLY_POST = {f"video:{name}" for name in OF_A_CALL if name not in ("relays", "waiting")} | {
    f"video:join_{name}" for name in ("seat", "departure", "signal")
}
HOURS_ONLY_POST = {f"scheduling_hours:{name}" for name in ("shift_removal", "absence_removal")}
HOURS_ALSO_POST = {
    f"scheduling_hours:{name}" for name in ("calendar", "new_shift", "new_absence", "absence", "holidays")
}
ONLY_POST = (
    SETTINGS_ONLY_POST
    | COMMUNITY_ONLY_POST
    | BOOK_ONLY_POST
    | BOOKINGS_ONLY_POST
    | RECORDS_ONLY_POST
    | HOURS_ONLY_POST
    | IMPORT_ONLY_POST
    | VIDEO_ONLY_POST
    | {
        "patients:archiving",
        "patients:dismissal",
        "patients:merge_undone",
        "patients:consent",
        "messages:again",
        "messages:template_preview",
        "messages:template_reset",
        "messages:template_sample",
        "portal:give_back",
        "portal:cancellation",
        "personal_backup:removal",
        "privacy:check",
        "set_language",
    }
)
ALSO_POST = (
    ONLY_POST
    | SETTINGS_ALSO_POST
    | COMMUNITY_ALSO_POST
    | BOOK_ALSO_POST
    | HOURS_ALSO_POST
    | RECORDS_ALSO_POST
    | {"patients:import_columns"}
    | {
        "messages:template",
        "joining",
        "practices",
        "own_access",
        "personal_backup:backups",
        "privacy:retention",
        "patients:sharing",
        "patients:new",
        "patients:record",
        "patients:merging",
    }
    | {
        "video:tan",
        "portal:details",
        "portal:code",
        "portal:hold",
        "portal:times",
        "portal:place",
        "scheduling:cancellation",
    }
    | {name for name in WITHOUT_VISITOR if name.startswith("account_")}
)


@pytest.mark.parametrize("person", ["anonymous", "secretary"])
def test_other_methods_are_refused(cast: Cast, person: str) -> None:
    client, found = client_of(cast, person), {}
    for name, address in addresses(cast).items():
        methods = ["PUT", "DELETE", "PATCH", "TRACE"]
        methods += ["GET", "HEAD"] if name in ONLY_POST - {"set_language"} else []
        methods += [] if name in ALSO_POST else ["POST"]
        if (name in WITHOUT_VISITOR and name != "health") or VIEWS[name] in OF_PROGRAMS:
            continue
        for method in methods:
            found[name, method] = client.generic(method, address).status_code
    assert {key: status for key, status in found.items() if status != 405} == {}
    assert len(found) > 50


@pytest.mark.own_database
@pytest.mark.req("BOO-6", "AUD-2")
def test_looking_changes_nothing(cast: Cast, own_database: Databases) -> None:
    """GET and HEAD of every address, as everybody: no row but sessions and, in the log, readings."""
    everything = addresses(cast)
    clients = {person: client_of(cast, person) for person in PEOPLE} | {
        "administrator": signed_in(cast, "administrator")
    }
    superuser = own_database.url("superuser")
    before = fingerprints(superuser)
    entries = log_operations(cast)
    seen = set()
    for person, client in clients.items():
        for name, address in everything.items():
            for call in (client.get, client.head):
                seen.add((person, name, call(address, {"day": "2026-11-23"}).status_code))
    # Nobody who neither signs nor has a token: tests/partners/test_routes.py and tests/video walk them as those.
    assert {status for _, name, status in seen if VIEWS[name] in OF_PROGRAMS} == {401}
    seen = {one for one in seen if one[2] != 401}
    # A form that is sent by its address, and was sent incomplete.
    seen -= {(person, "scheduling:explain", 422) for person in PEOPLE}
    assert {status for *_, status in seen} <= {200, 302, 403, 404, 405}
    assert ("secretary", "scheduling:appointment", 200) in seen
    assert changed(before, fingerprints(superuser)) == ["audit_entry", "audit_value"]
    added = log_operations(cast)[len(entries) :]
    assert set(added) == {"read", "list", "export"}


def log_operations(cast: Cast) -> list[str]:
    with acting(cast.albers.system):
        return list(Entry.objects.order_by("id").values_list("operation", flat=True))
