from django.urls import path

from sprechzeit.messages import template_views, views

app_name = "messages"
urlpatterns = [
    path("", views.deliveries, name="deliveries"),
    path("templates/", template_views.templates, name="templates"),
    path("templates/<str:event>/", template_views.template, name="template"),
    path("templates/<str:event>/preview/", template_views.template_preview, name="template_preview"),
    path("templates/<str:event>/sample/", template_views.template_sample, name="template_sample"),
    path("templates/<str:event>/reset/", template_views.template_reset, name="template_reset"),
    path("<str:message_id>/again/", views.again, name="again"),
]
