"""Every route of the program, and everybody who may come to one."""

from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from sprechzeit.access.table import Data
from sprechzeit.accounts.models import User
from sprechzeit.partners.door import SignedPartner
from sprechzeit.video.door import TokenBearer
from tests.support.cast import PASSWORD, Cast
from tests.support.delegates import outside

# Routes that say nothing of their visitors themselves, with the reason.
WITHOUT_VISITOR = {
    "health": "for load balancers; tells that the service is there and its version, reads no practice",
    "set_language": "Django's own; sets a cookie and goes back to an address of ours",
    "mfa_index": "one's own account: belongs to a user and to no practice",
    "mfa_list_webauthn": "goes on to one's own account",
    "account_device_sign_out": "one's own devices",
    "account_email": "one's own address",
    "account_email_confirmation": "the mailed link that changes one's address",
} | dict.fromkeys(
    (
        "account_login", "account_logout", "account_inactive", "account_reauthenticate", "account_change_password",
        "account_set_password", "account_reset_password", "account_reset_password_done",
        "account_reset_password_from_key", "account_reset_password_from_key_done", "account_signup",
        "mfa_authenticate", "mfa_reauthenticate",
        "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
        "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_login_webauthn", "mfa_edit_webauthn",
        "mfa_remove_webauthn",
    ),
    "signing in, by django-allauth: belongs to a user and to no practice",
)  # fmt: skip


def routes(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, Any]]:
    """The name and the view of every route."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield f"{namespace}{one.name}", one.callback
        else:
            yield from routes(one, f"{namespace}{one.namespace}:" if one.namespace else namespace)


VIEWS = dict(routes())
# The interfaces for other programs: who signs, or has a token, comes in; whoever is signed in does not (OTV-2, PUSH-1).
OF_PROGRAMS = [view for view in VIEWS.values() if getattr(view, "visitor", None) in (SignedPartner, TokenBearer)]
INTERFACES = ("partners", "video_api")


def parameters_of(interface: str, name: str) -> list[str]:
    """What an address of an interface for other programs has to be told."""
    _, space = get_resolver().namespace_dict[interface]
    return list(space.reverse_dict.getlist(name)[0][0][0][1])


# Pages that nobody else may open, though all members have those beside them.
FOR_ADMINISTRATORS = {
    "patients:imports",
    "practice:rights",
    "messages:new_reminder",
    "privacy:retention",
    "scheduling_settings:plan",
    "community:founding",
    "community:entering",
    "practice:new_invitation",
    "practice:new_room",
    "practice:partners",
    "practice:new_partner",
    "video_service:service",
    "signing_keys",
    "scheduling_settings:new_calendar",
    "scheduling_settings:new_type",
}
# Pages of who gives accesses: administrators and practitioners.
OF_WHO_GIVES = {"practice:accesses", "practice:new_access"}
# Of who documents: administrators and practitioners.
OF_WHO_DOCUMENTS = {
    f"records_settings:{name}" for name in ("templates", "new_template", "report_templates", "new_report_template")
}
# Of the log: nobody else may even look.
OF_THE_LOG = {f"privacy:{name}" for name in ("log", "check", "export", "report")}

# What each page shows of what stands in the books, by the data of the one table that it is a part of (ACC-7); the kinds
# are those of tests/support/marked.py. Exactly that is seen by whom the table lets, and nothing else by anybody. With a
# question mark: by some of them alone, where a page is for who may also change it, or of a list only a part is shown.
# Data: PRACTICE, CALENDARS, ABSENCES, APPOINTMENTS, MASTER_DATA, MESSAGES, SESSIONS, NOTES, DOCUMENTS, TEMPLATES, LOG.
D = Data
FRAME = {D.PRACTICE: "practice"}
ROOMS = {D.PRACTICE: "practice room"}
# Where others' times in a shared room are told, with the name of who has it (COM-3).
TAKEN = {D.PRACTICE: "practice room neighbour"}
TOLD_WHY = {D.PRACTICE: "practice room neighbour?"}
CHOICE = FRAME | {D.CALENDARS: "calendar?"}
ABSENT = FRAME | {D.CALENDARS: "calendar", D.ABSENCES: "absence"}
HEAD = {D.MASTER_DATA: "name mail phone"}
OPENED = {D.PRACTICE: "practice?"}
SHARED_ROOMS = {D.PRACTICE: "practice? room? neighbour? space?"}
SETTING = {D.PRACTICE: "practice? room?", D.CALENDARS: "calendar? type?"}
SHOWS: dict[str, dict[Data, str]] = {
    # The book.
    "scheduling:book": TAKEN
    | {D.CALENDARS: "calendar type", D.APPOINTMENTS: "name block guest reason", D.ABSENCES: "absence"},
    "scheduling:column": {D.CALENDARS: "calendar type", D.APPOINTMENTS: "name block guest", D.ABSENCES: "absence"},
    "scheduling:beside": {
        D.PRACTICE: "practice?",
        D.CALENDARS: "calendar? type?",
        D.APPOINTMENTS: "name? block? guest? reason?",
        D.ABSENCES: "absence?",
    },
    "scheduling:elsewhere": {D.PRACTICE: "room neighbour"},
    "scheduling:room_column": {D.PRACTICE: "room neighbour", D.CALENDARS: "type", D.APPOINTMENTS: "name block"},
    "scheduling:print": TAKEN | {D.CALENDARS: "calendar type", D.APPOINTMENTS: "name block guest remark"},
    "scheduling:next_free": FRAME | {D.CALENDARS: "calendar type"},
    "scheduling:explain": TOLD_WHY | {D.CALENDARS: "calendar type", D.APPOINTMENTS: "name"},
    "scheduling:new": ROOMS | {D.CALENDARS: "calendar? type", D.MASTER_DATA: "name phone"},
    "scheduling:patients": {D.MASTER_DATA: "name phone"},
    "scheduling:search": FRAME | {D.MASTER_DATA: "name phone", D.CALENDARS: "calendar type"},
    "scheduling:appointment": ROOMS
    | {D.CALENDARS: "calendar type", D.APPOINTMENTS: "name mail phone remark reason", D.LOG: "former"},
    "scheduling:place": ROOMS | {D.CALENDARS: "calendar? type", D.APPOINTMENTS: "name"},
    "scheduling:new_block": ROOMS | {D.CALENDARS: "calendar?"},
    "scheduling:block": {D.PRACTICE: "practice room?"} | {D.CALENDARS: "calendar?", D.APPOINTMENTS: "block guest"},
    "scheduling:block_place": ROOMS | {D.CALENDARS: "calendar?", D.APPOINTMENTS: "block guest"},
    "scheduling_bookings:bookings": FRAME
    | {D.CALENDARS: "calendar? type", D.APPOINTMENTS: "name remark?", D.MASTER_DATA: "mail proposal"},
    "video_side:side": FRAME,
    # What it was told: tests/integrations/test_video_service_page.py.
    "video_service:service": OPENED,
    "video_side:revocation": OPENED,
    "video_side:pushed": {D.PRACTICE: "practice?", D.APPOINTMENTS: "guest? contact"},
    "visit_messages": {D.PRACTICE: "practice?", D.MESSAGES: "contact"},
    "messages:reminders": FRAME | {D.CALENDARS: "type?"},
    **dict.fromkeys(("messages:new_reminder", "messages:reminder"), OPENED | {D.CALENDARS: "type?"}),
    # Who opens which: tests/laws/test_staff_routes.py.
    "messages:message": OPENED | {D.CALENDARS: "type?", D.MESSAGES: "name? mail?"},
    "appointment_messages": {D.MESSAGES: "mail"},
    "messages:deliveries": FRAME | {D.CALENDARS: "type", D.APPOINTMENTS: "guest", D.MESSAGES: "name mail contact"},
    "messages:templates": FRAME | {D.CALENDARS: "calendar? type"},
    "messages:template": FRAME | {D.CALENDARS: "calendar? type"},
    # Hours and absences.
    "scheduling_hours:week": FRAME | {D.CALENDARS: "calendar type?", D.ABSENCES: "absence?"},
    "scheduling_hours:calendar": FRAME | {D.CALENDARS: "calendar type?", D.ABSENCES: "absence"},
    "scheduling_hours:absences": ABSENT,
    "scheduling_hours:holidays": ABSENT,
    "scheduling_hours:absence": ABSENT | {D.CALENDARS: "calendar type?", D.APPOINTMENTS: "name"},
    "scheduling_hours:new_absence": CHOICE,
    # Settings.
    **dict.fromkeys(
        ("practice:facts", "practice:booking", "practice:member", "practice:sign_in", "messages_settings:sms"), FRAME
    ),
    **dict.fromkeys(("practice:team", "practices"), FRAME),
    "own_access": FRAME,
    **dict.fromkeys(("practice:accesses", "practice:new_access", "practice:access"), OPENED),
    "practice:access_revocation": OPENED,
    **dict.fromkeys(("practice:new_invitation", "practice:rights"), OPENED),
    "community:communities": {D.PRACTICE: "practice room? neighbour community space code?"},
    **dict.fromkeys(("community:founding", "community:entering"), OPENED),
    "community:naming": {D.PRACTICE: "practice? community?"},
    "community:leaving": {D.PRACTICE: "practice? community?"},
    "community:removal": {D.PRACTICE: "practice? neighbour?"},
    **dict.fromkeys([f"community:{name}" for name in ("rooms", "space_naming", "space_removal")], SHARED_ROOMS),
    **dict.fromkeys(("practice:room", "practice:rooms", "scheduling_settings:room_use"), ROOMS),
    "practice:new_room": {D.PRACTICE: "practice? room?"},
    **dict.fromkeys([f"practice:{name}" for name in ("partners", "new_partner", "partner", "partner_end")], OPENED),
    "signing_keys": OPENED,
    **dict.fromkeys([f"practice:partner_{name}" for name in ("keys", "key_revocation", "sheet")], OPENED),
    "scheduling_settings:calendars": FRAME | {D.CALENDARS: "calendar"},
    "scheduling_settings:calendar": FRAME | {D.CALENDARS: "calendar"},
    "scheduling_settings:member_calendars": FRAME | {D.CALENDARS: "calendar"},
    "scheduling_settings:departure": CHOICE,
    "scheduling_settings:new_calendar": {D.PRACTICE: "practice?", D.CALENDARS: "calendar?"},
    "scheduling_settings:new_type": SETTING,
    "scheduling_settings:type": ROOMS | {D.CALENDARS: "calendar type"},
    "scheduling_settings:types": ROOMS | {D.CALENDARS: "calendar type"},
    **dict.fromkeys([f"scheduling_settings:{name}_retirement" for name in ("calendar", "room", "type")], SETTING),
    # Patients.
    "patients:list": FRAME | {D.MASTER_DATA: "name"},
    "patients:sharing": {D.PRACTICE: "practice", D.MASTER_DATA: "name"},
    "patients:people": {D.MASTER_DATA: "name"},
    "patients:new": FRAME,
    "patients:duplicates": FRAME,
    "patients:merging": FRAME | {D.MASTER_DATA: "name"},
    **dict.fromkeys(("patients:imports", "patients:import", "patients:import_columns"), OPENED),
    "patients:record": FRAME | HEAD,
    # What became of telling it: tests/partners/test_deliveries_page.py.
    "webhooks:deliveries": OPENED | {D.CALENDARS: "calendar? type?"},
    # There once a partner booked: tests/patients/test_consents.py.
    "patients:consents": OPENED | {D.MASTER_DATA: "name? mail? phone?"},
    "patients:consents_of_partner": OPENED | {D.MASTER_DATA: "name?"},
    "scheduling:record_appointments": ROOMS | HEAD | {D.CALENDARS: "calendar? type?"},
    "record_messages": FRAME | HEAD | {D.CALENDARS: "type?", D.MESSAGES: "mail?"},
    "record_log": FRAME | HEAD,
    **dict.fromkeys(("practice:accesses", "practice:new_access", "practice:access", "own_access"), OPENED),
    **dict.fromkeys(("practice:access_revocation", "scheduling_settings:plan"), OPENED),
    # Sessions, and what is written about them.
    "records:sessions": FRAME | HEAD | {D.SESSIONS: "treatment? price?"},
    "records:new_session": OPENED | {D.MASTER_DATA: "name?"},
    "records:session": FRAME
    | {D.MASTER_DATA: "name", D.SESSIONS: "name treatment price", D.NOTES: "note", D.TEMPLATES: "template?"},
    "records:facts": FRAME | {D.MASTER_DATA: "name?", D.SESSIONS: "name? treatment? price?"},
    "records:withdrawal": OPENED | {D.MASTER_DATA: "name?", D.SESSIONS: "name? treatment? price?"},
    "records:versions": OPENED | {D.NOTES: "name note"},
    "records:signature": OPENED | {D.NOTES: "name? note?"},
    "records:documents": OPENED | {D.DOCUMENTS: "document name mail phone"},
    "records:document": OPENED | {D.DOCUMENTS: "document name mail phone"},
    "records:document_removal": {
        D.PRACTICE: "practice?",
        D.MASTER_DATA: "name? mail? phone?",
        D.DOCUMENTS: "document?",
    },
    "records_settings:templates": OPENED | {D.TEMPLATES: "template"},
    **dict.fromkeys(
        [f"records_settings:{name}" for name in ("new_template", "template", "template_retirement")],
        OPENED | {D.TEMPLATES: "template?"},
    ),
    # Reports, and the templates that they begin with.
    "records:reports": OPENED | {D.MASTER_DATA: "name? mail? phone?", D.REPORTS: "report?"},
    "records:new_report": OPENED | {D.REPORTS: "name?", D.TEMPLATES: "start?"},
    "records:report": OPENED | {D.REPORTS: "name report"},
    "records:report_pdf": OPENED | {D.REPORTS: "report"},
    "records:report_filing": OPENED,
    "records:report_withdrawal": OPENED,
    "records_settings:report_templates": OPENED | {D.TEMPLATES: "start"},
    **dict.fromkeys(
        [
            f"records_settings:{name}"
            for name in ("new_report_template", "report_template", "report_template_retirement")
        ],
        OPENED | {D.TEMPLATES: "start?"},
    ),
    # The log, for who reads all of it.
    "privacy:log": {
        D.PRACTICE: "practice? neighbour? community? space?",
        D.LOG: "name mail phone proposal reason former type block? guest? contact? calendar? room? treatment? "
        "template? start?",
    },
    "privacy:export": {
        D.PRACTICE: "practice? neighbour? community? space?",
        D.LOG: "name mail phone proposal reason former type block guest contact calendar room treatment template start",
    },
    "privacy:report": {D.PRACTICE: "practice?", D.LOG: "name mail phone proposal type treatment?"},
    # Periods and counts: tests/privacy/test_retention_page.py.
    "privacy:retention": OPENED,
    # Whom a partner was told of: tests/privacy/test_partner_log.py.
    "privacy:partner_log": OPENED | {D.LOG: "name?"},
    # What it holds for whom: tests/privacy/test_diary.py.
    "privacy:diary": OPENED,
    "personal_backup:backups": FRAME,
    # Consultations: whose are shown to whom, tests/video.
    **dict.fromkeys(("video:list", "video:devices"), FRAME),
    **dict.fromkeys(("video:appointment", "video:visit"), OPENED),
    # For patients.
    "video:join": FRAME,
    "joining": FRAME,
    "portal:services": FRAME | {D.CALENDARS: "type"},
    "portal:times": FRAME | {D.CALENDARS: "calendar type"},
    "portal:details": FRAME | {D.CALENDARS: "calendar? type"},
    "portal:other_times": FRAME | {D.CALENDARS: "calendar type"},
    "portal:manage": FRAME | {D.APPOINTMENTS: "calendar type"},
    "portal:calendar_file": FRAME | {D.APPOINTMENTS: "type"},
}

# --- The people -----------------------------------------------------------------------------------------------------

ROLES = {
    "administrator": ("albers", "miriam"),
    "practitioner": ("albers", "jonas"),
    "secretary": ("albers", "jana"),
    "stranger": ("brandt", "berta"),
}
# Kern's office from outside, with an access for scheduling in Jonas' calendar.
DELEGATE = "delegate"
PEOPLE = ("anonymous", *ROLES, DELEGATE, "without practice")


def client_of(cast: Cast, person: str) -> Client:
    """A browser in which this person is signed in."""
    if person == DELEGATE:
        return outside(cast)
    client = Client()
    if person in ROLES:
        house, name = ROLES[person]
        client.force_login(getattr(cast, house).user(name))
    elif person == "without practice":
        client.force_login(User.objects.create_user("nobody@example.org", name="Nobody"))
    return client


def signed_in(cast: Cast, person: str) -> Client:
    """A browser in which this person has just signed in by password: what asks for a fresh sign-in opens too."""
    house, name = ROLES[person]
    client = Client()
    email = getattr(cast, house).user(name).email
    assert client.post("/accounts/login/", {"login": email, "password": PASSWORD}).status_code == 302
    return client
