from django.urls import path

from sprechzeit.practice.views import access, partner_keys, partners, settings, sign_in, team

app_name = "practice"
urlpatterns = [
    path("practice/", settings.facts, name="facts"),
    path("booking/", settings.booking, name="booking"),
    path("rights/", settings.rights, name="rights"),
    path("rooms/", settings.rooms, name="rooms"),
    path("rooms/new/", settings.new_room, name="new_room"),
    path("rooms/<str:room_id>/", settings.room, name="room"),
    path("rooms/<str:room_id>/place/", settings.room_place, name="room_place"),
    path("team/", team.team, name="team"),
    path("team/invite/", team.new_invitation, name="new_invitation"),
    path("team/invitations/<str:invitation_id>/sending/", team.invitation_sending, name="invitation_sending"),
    path("team/invitations/<str:invitation_id>/withdrawal/", team.invitation_withdrawal, name="invitation_withdrawal"),
    path("team/<str:member_id>/", team.member, name="member"),
    path("team/<str:member_id>/suspension/", team.suspension, name="suspension"),
    path("access/", access.accesses, name="accesses"),
    path("access/new/", access.new_access, name="new_access"),
    path("access/<str:access_id>/", access.access, name="access"),
    path("access/<str:access_id>/revocation/", access.revocation, name="access_revocation"),
    path("access/<str:access_id>/sending/", access.sending, name="access_sending"),
    path("partners/", partners.partners, name="partners"),
    path("partners/new/", partners.new_partner, name="new_partner"),
    path("partners/<str:partner_id>/", partners.partner, name="partner"),
    path("partners/<str:partner_id>/end/", partners.end, name="partner_end"),
    path("partners/<str:partner_id>/consents/", partners.opening, name="partner_consents"),
    path("partners/<str:partner_id>/keys/", partner_keys.keys, name="partner_keys"),
    path("partners/<str:partner_id>/keys/<str:key_id>/end/", partner_keys.end, name="partner_key_end"),
    path(
        "partners/<str:partner_id>/keys/<str:key_id>/revocation/",
        partner_keys.revocation,
        name="partner_key_revocation",
    ),
    path("partners/<str:partner_id>/sheet/", partner_keys.sheet, name="partner_sheet"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
]
