from typing import cast

from django.urls import URLPattern, path, re_path

from sprechzeit.video.api import api
from sprechzeit.video.door import no_such_address, through_door

app_name = "video_api"
urlpatterns = [
    *(
        path(str(one.pattern), through_door(one.callback), name=one.name)
        for one in cast(list[URLPattern], api.urls[0])
        if one.name != "api-root"
    ),
    # What is not there is said in the same words as everything else.
    re_path("", no_such_address, name="elsewhere"),
]
