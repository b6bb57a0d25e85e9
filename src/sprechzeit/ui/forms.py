"""How forms look: `FORM_RENDERER`. `{{ field.as_field_group }}` gives label, hint, control and error."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Renders every field through `ui/field.html` and whole forms through `ui/form.html`."""

    field_template_name = "ui/field.html"
    form_template_name = "ui/form.html"
