"""The site's pages."""

from django.db import models
from django.utils.functional import cached_property
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, HelpPanel, InlinePanel
from wagtail.contrib.forms.models import AbstractFormField, FormMixin
from wagtail.contrib.forms.panels import FormSubmissionsPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from home.blocks import BodyBlock
from home.forms import ContactFormBuilder

NO_EMAIL = (
    "<p>What visitors send is kept here, under <b>Forms</b> in the menu, until you delete it. No e-mail is sent: the "
    "network that the site runs in has no way out to a mail server.</p>"
)


class ContentPage(Page):
    """What every page here has: a sentence that leads in, a picture and a body."""

    lead = models.TextField(
        blank=True,
        max_length=300,
        help_text="One or two sentences under the title; also shown where other pages point to this one.",
    )
    picture = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="A wide one, at least 1,600 pixels.",
    )
    body = StreamField(BodyBlock(), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("lead"), FieldPanel("picture"), FieldPanel("body")]
    # Both kinds: a whole word found in any field, and the beginning of one (see search/views.py).
    search_fields = [
        *Page.search_fields,
        index.SearchField("lead"),
        index.SearchField("body"),
        index.AutocompleteField("lead"),
        index.AutocompleteField("body"),
    ]

    class Meta:
        abstract = True

    @cached_property
    def below(self) -> list[Page]:
        """The public pages directly under this one that menus show; asked for once in a request."""
        if self.is_leaf():  # as most pages are: nothing need be asked
            return []
        return list(self.get_children().live().public().in_menu().specific())


class HomePage(ContentPage):
    max_count_per_parent = 1
    parent_page_types = ["wagtailcore.Page"]


class StandardPage(ContentPage):
    parent_page_types = ["home.HomePage", "home.StandardPage"]


class ContactField(AbstractFormField):
    class Autofill(models.TextChoices):
        """HTML's words for what a browser knows of whoever uses it."""

        NAME = "name", "their name"
        EMAIL = "email", "their e-mail address"
        TELEPHONE = "tel", "their telephone number"
        ORGANISATION = "organization", "their organisation"

    page = ParentalKey("home.ContactPage", on_delete=models.CASCADE, related_name="form_fields")
    autofill = models.CharField(
        blank=True, max_length=20, choices=Autofill, help_text="What the visitor's browser may offer to fill in."
    )

    panels = [*AbstractFormField.panels, FieldPanel("autofill")]


class ContactPage(FormMixin, ContentPage):
    """A form whose fields editors choose. What is sent lies in the database alone."""

    form_builder = ContactFormBuilder
    parent_page_types = ["home.HomePage", "home.StandardPage"]
    subpage_types = []

    thanks = models.TextField(
        default="Thank you. Your message has arrived.", max_length=300, help_text="What is said when it was sent."
    )

    content_panels = [
        FormSubmissionsPanel(),
        *Page.content_panels,
        FieldPanel("lead"),
        FieldPanel("picture", help_text="Only shown where other pages point to this one."),
        FieldPanel("body"),
        InlinePanel("form_fields", heading="Form", label="field"),
        FieldPanel("thanks"),
        HelpPanel(NO_EMAIL, heading="Where it goes"),
    ]
