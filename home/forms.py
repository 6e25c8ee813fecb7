"""The form of a contact page, made of the fields that editors chose."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from wagtail.contrib.forms.forms import BaseForm, FormBuilder

LONGEST = 10_000  # letters of a message
TRAP = "web-site"  # with a hyphen, which no field of an editor's has


class ContactForm(BaseForm):
    trap = TRAP

    def clean(self) -> dict[str, Any]:
        # Who fills in what nobody sees is a robot, or a browser that means well: so nothing of it is lost.
        if self.data.get(TRAP):
            raise ValidationError(
                "A field that people do not see was filled in, perhaps by your browser. It is empty again now: "
                "please send the form once more."
            )
        return super().clean()


class ContactFormBuilder(FormBuilder):
    def create_multiline_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        return forms.CharField(max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 8}), **options)

    def get_create_field_function(self, type: str) -> Callable[..., forms.Field]:
        create = super().get_create_field_function(type)

        def made(field: Any, options: dict[str, Any]) -> forms.Field:
            form_field = create(field, options)
            if field.autofill:
                form_field.widget.attrs["autocomplete"] = field.autofill
            return form_field

        return made

    def get_form_class(self) -> type[ContactForm]:
        return type("ContactForm", (ContactForm,), self.formfields)
