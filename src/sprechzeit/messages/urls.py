from django.urls import path

from sprechzeit.messages import reminder_views, template_views, views

app_name = "messages"
urlpatterns = [
    path("", views.deliveries, name="deliveries"),
    path("templates/", template_views.templates, name="templates"),
    path("templates/<str:event>/", template_views.template, name="template"),
    path("templates/<str:event>/preview/", template_views.template_preview, name="template_preview"),
    path("templates/<str:event>/sample/", template_views.template_sample, name="template_sample"),
    path("templates/<str:event>/reset/", template_views.template_reset, name="template_reset"),
    path("reminders/", reminder_views.reminders, name="reminders"),
    path("reminders/new/", reminder_views.new_reminder, name="new_reminder"),
    path("reminders/switches/", reminder_views.switches, name="switches"),
    path("reminders/<str:reminder_id>/", reminder_views.reminder, name="reminder"),
    path("reminders/<str:reminder_id>/switch/", reminder_views.reminder_switch, name="reminder_switch"),
    path("reminders/<str:reminder_id>/removal/", reminder_views.reminder_removal, name="reminder_removal"),
    path("<str:message_id>/", views.message, name="message"),
    path("<str:message_id>/again/", views.again, name="again"),
]
