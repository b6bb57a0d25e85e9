"""Addresses of members that the walk by the one table leaves out, and who walks them; and those about no one thing."""

from tests.support.routes import FOR_ADMINISTRATORS, OF_WHO_DOCUMENTS, OF_WHO_GIVES

# A secretary reads the log of what they see, which is every record: tests/patients/test_record_tabs.py.
OF_A_RECORDS_LOG = {"record_log"}
# For whom somebody enters sessions is no matter of what they see: tests/records/test_{session,report}.py walk
# them, and tests/records/test_session_withdrawal.py who takes one back.
OF_WHO_TREATS = {"records:documentation", "records:new_session", "records:new_report", "records:withdrawal"}
# What they are about stands in the form: tests/scheduling/test_new_bookings.py posts what is another's.
BY_FORM = {"scheduling_bookings:seen", "scheduling_bookings:unseen"}
# Of two records at once: tests/patients/test_merge_pages.py.
OF_TWO_RECORDS = {"patients:dismissal", "patients:merge_undone"}
# By whose data an access opens: tests/privacy/test_diary.py.
OF_A_DIARY = {"privacy:diary"}
# Who is not there yet is nobody's business but an administrator's: tests/practice/test_team.py walks them.
OF_ADMINISTRATORS = {"practice:invitation_sending", "practice:invitation_withdrawal"} | {
    # Whom the practice has a contract with: tests/patients/test_consents.py.
    "practice:partner", "practice:partner_end", "practice:partner_consents",
    # Theirs alone too: tests/practice/test_partner_pages.py.
    "practice:partner_keys", "practice:partner_key_end", "practice:partner_key_revocation", "practice:partner_sheet",
    "privacy:partner_log", "signing_key_renewal",
    # Tokens of booking systems, and who writes: tests/video/test_side_page.py.
    "video_side:new_token", "video_side:revocation", "video_side:renewal", "video_side:mails",
    # What the video service was told, and asking it: tests/integrations/test_video_service_page.py.
    "video_service:test", "video_service:again", "video_service:aside",
    "video_service:former_cancellation", "video_service:farewell",
    # And these: tests/partners/test_deliveries_page.py.
    "webhooks:deliveries", "webhooks:again", "webhooks:aside", "webhooks:on",
    # tests/messages/test_reminders.py.
    "messages:reminder", "messages:reminder_switch", "messages:reminder_removal",
    # tests/messages/test_sms.py and test_switches.py.
    "messages_settings:sms_test", "messages:switches",
}  # fmt: skip
# Files of patients are administrators' too: tests/patients/test_import_pages.py walks them.
OF_ADMINISTRATORS |= {"patients:import"} | {
    f"patients:import_{name}" for name in ("columns", "start", "cancellation", "taking_back", "left_out")
}
# All members read the texts of messages, administrators write them: tests/messages/test_template_page.py walks them.
OF_ADMINISTRATORS |= {f"messages:template{name}" for name in ("", "_preview", "_reset", "_sample")}
# By whose calendar and records an access opens, not by the table: tests/practice/test_access_rights.py walks them.
OF_ACCESSES = {"practice:access", "practice:access_revocation", "practice:access_sending"}
# What somebody did, or types, themselves: it names nothing of others.
OF_ONESELF = {"scheduling:undo", "records_settings:report_preview"}
# The page of consents is there once a partner booked: tests/patients/test_consents.py walks them.
OF_CONSENTS = {"patients:consents", "patients:consent", "patients:consents_of_partner"}
# One's own backups are nobody else's: tests/operations/test_personal_backup.py asks for another's.
OF_ONES_BACKUP = {"personal_backup:file", "personal_backup:removal"}
# By the practice's membership, not by the table: tests/community/test_community_pages.py walks them.
OF_COMMUNITIES = {
    f"community:{name}"
    for name in (
        "naming",
        "code",
        "rooms",
        "agreement",
        "times",
        "leaving",
        "confirmation",
        "removal",
        "space_naming",
        "space_removal",
    )
}
# By whose calendar it stands in, and none by an access: tests/video/test_who.py walks them.
OF_CONSULTATIONS = {
    f"video:{name}"
    for name in (
        "appointment", "visit", "seat", "departure", "signal", "relays", "waiting", "admission", "end", "soon",
        "unlocking",
    )
}  # fmt: skip
ABOUT_THE_PRACTICE = ["scheduling:book", "scheduling:print", "scheduling:next_free", "messages:deliveries"] + [
    f"scheduling_hours:{name}" for name in ("week", "absences", "new_absence", "holidays")
]
ABOUT_THE_PRACTICE += [f"scheduling:{name}" for name in ("explain", "new", "new_block", "patients", "search")]
# Which records they are about stands in the form: tests/patients/test_patient_list.py posts what is another's.
ABOUT_THE_PRACTICE += ["patients:list", "patients:sharing", "patients:new", "patients:people", "patients:duplicates"]
ABOUT_THE_PRACTICE += [
    *sorted(FOR_ADMINISTRATORS | OF_WHO_GIVES | OF_WHO_DOCUMENTS),
    "own_access",
    "video_side:side",
    "video_service:service",
    "personal_backup:archives",
    "personal_backup:backups",
    "community:communities",
    "scheduling:elsewhere",
    "practice:facts",
    "practice:booking",
    "practice:rooms",
    "practice:sign_in",
    "messages_settings:sms",
    "messages:reminders",
    "practice:team",
    "scheduling_settings:calendars",
    "scheduling_settings:types",
    "scheduling_bookings:bookings",
    "messages:templates",
    "scheduling_bookings:count",
    "video:list",
    "video:count",
    "video:devices",
]
