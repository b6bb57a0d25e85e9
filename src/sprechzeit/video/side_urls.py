from django.urls import path

from sprechzeit.video.contract_views import contract
from sprechzeit.video.views import pushed, side

app_name = "video_side"
urlpatterns = [
    path("settings/video-side/", side.side, name="side"),
    path("settings/video-side/tokens/", side.new_token, name="new_token"),
    path("settings/video-side/tokens/<str:token_id>/revocation/", side.revocation, name="revocation"),
    path("settings/video-side/tokens/<str:token_id>/renewal/", side.renewal, name="renewal"),
    path("settings/video-side/mails/", side.mails, name="mails"),
    path("video/pushed/<str:block_id>/", pushed.pushed, name="pushed"),
    path("api/video/v1/openapi.json", contract, name="contract"),
]
