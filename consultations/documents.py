"""Papers of a consultation: the pages where staff add, replace and remove them, and how a kept one is handed out."""

from functools import cached_property

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView

from consultations.actions import DOCUMENTS, MOST_DOCUMENTS, add_document, change_document, remove_document
from consultations.imports import web_address
from consultations.listing import ask_for_formats, document_facts
from consultations.models import Consultation, Document
from consultations.past import AboutConsultation
from consultations.previews import draft_behind
from core.acting import ActingView
from core.dates import today
from core.forms import HubForm
from core.models import Format
from core.previews import NoPreview, PreviewOver, link_named_in
from core.uploads import KINDS, is_too_often, kind_of, path_of

# --- Handing one out


def handed_out(document: Document) -> FileResponse:
    """A kept document as a download. No browser opens it as a page of ours, whatever is in it."""
    kind = KINDS.get(document.file_type)
    if kind is None or not document.stored:
        raise Http404
    try:
        file = path_of(DOCUMENTS, document.stored).open("rb")
    except OSError:
        raise Http404 from None
    name = f"{slugify(document.title, allow_unicode=True)[:80] or 'document'}.{kind.ending}"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=kind.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    # Who may have it is asked each time.
    response["Cache-Control"] = "private, no-cache"
    return response


class Download(View):
    """A document of a consultation that the visitor may see."""

    def get(self, request, slug, pk):
        """The file."""
        user = getattr(request, "user", None)
        if settings.SESSION_COOKIE_NAME in request.COOKIES and user is not None and user.is_authenticated:
            seen = Consultation.objects.visible_to(user)
        else:
            seen = Consultation.objects.published()
        documents = Document.objects.filter(consultation__in=seen.filter(slug=slug)).exclude(stored="")
        return handed_out(get_object_or_404(documents, pk=pk))


class PreviewDownload(View):
    """A document of a draft, for whoever holds the link to its preview."""

    def get(self, request, token, pk):
        """The file."""
        try:
            link = link_named_in(token, timezone.now())
            consultation = draft_behind(link)
        except (NoPreview, PreviewOver):
            raise Http404 from None
        if not isinstance(consultation, Consultation):
            raise Http404
        response = handed_out(get_object_or_404(consultation.documents.exclude(stored=""), pk=pk))
        response["Cache-Control"] = "no-store, private"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response


# --- For staff


class DocumentForm(HubForm, forms.Form):
    """One paper: a file to keep here, or a link to where it is."""

    marks_optional = False
    enter_words = {
        "title": gettext_lazy("Enter the name of the document"),
        "format": gettext_lazy("Choose the format"),
    }

    title = forms.CharField(label=gettext_lazy("Name of the document"), max_length=200)
    format = forms.ModelChoiceField(
        label=gettext_lazy("Format"),
        help_text=gettext_lazy("Such as easy read, large print or British Sign Language."),
        queryset=Format.objects.none(),
        empty_label=gettext_lazy("Choose one"),
    )
    language = forms.CharField(
        label=gettext_lazy("Language (optional)"),
        help_text=gettext_lazy("Only if it is not in English."),
        max_length=60,
        required=False,
    )
    file = forms.FileField(label=gettext_lazy("File"), required=False, allow_empty_file=True)
    url = web_address(
        label=gettext_lazy("Or a link to it"),
        help_text=gettext_lazy("If it is on another website, such as a film."),
        required=False,
    )
    pages = forms.IntegerField(
        label=gettext_lazy("Number of pages (optional)"), min_value=1, max_value=9_999, required=False
    )
    other_formats = forms.CharField(
        label=gettext_lazy("Who to ask for another format (optional)"),
        help_text=gettext_lazy("A team, and a phone number or e-mail. Left empty, it is the consultation's contact."),
        max_length=200,
        required=False,
    )

    def __init__(self, *args, document: Document | None, **kwargs):
        super().__init__(*args, **kwargs)
        self.document = document
        self.fields["format"].queryset = Format.objects.in_use()
        kinds = ", ".join(KINDS)
        words = _("%(kinds)s; up to %(most)s MB.") % {"kinds": kinds, "most": settings.HUB_DOCUMENT_MOST_MB}
        if document is not None and document.stored:
            words = _("Choose one only to replace the file that is here.") + " " + words
        self.fields["file"].help_text = words
        self.fields["url"].error_messages["invalid"] = _("Enter a web address in full, like https://www.example.com")

    def clean_file(self):
        """A file of a kind that may be here; its own name is never kept."""
        file = self.cleaned_data["file"]
        if file:
            kind_of(file, most_megabytes=settings.HUB_DOCUMENT_MOST_MB)
        return file or None

    def clean(self):
        """One of the two: a file or a link."""
        said = super().clean()
        file, url = said.get("file"), said.get("url")
        if file and url:
            self.add_error("url", _("Choose a file or enter a link, not both"))
        stays = self.document is not None and self.document.stored
        if not file and not url and not stays and not {"file", "url"} & set(self.errors):
            self.add_error("file", _("Choose a file, or enter a link"))
        return said


class AboutDocuments(AboutConsultation):
    """A staff page about the papers of one consultation. What families see at once is changed by who may publish."""

    def dispatch(self, request, *args, **kwargs):
        """Everybody who may change the consultation reads the list; only some may change it now."""
        if not isinstance(self, Documents) and not self.may_change_now:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def list_url(self) -> str:
        """The list of its papers."""
        return reverse("consultations:documents", args=[self.record.slug])

    @cached_property
    def document(self) -> Document | None:
        """The paper that the page is about, where it is about one."""
        if "pk" not in self.kwargs:
            return None
        return get_object_or_404(self.record.documents.select_related("format"), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs):
        """Which consultation, and which paper."""
        return super().get_context_data(
            consultation=self.record, document=self.document, list_url=self.list_url, **kwargs
        )


class Documents(AboutDocuments, TemplateView):
    """The papers of a consultation, with what can be done about each."""

    template_name = "consultations/desk/documents.html"

    def get_context_data(self, **kwargs):
        """Each paper, as families see it described."""
        rows = [
            {"document": each, "facts": document_facts(each), "ask": ask_for_formats(each, self.record)}
            for each in self.record.documents.select_related("format")
        ]
        return super().get_context_data(
            rows=rows,
            may_change=self.may_change_now,
            is_full=len(rows) >= MOST_DOCUMENTS,
            most=MOST_DOCUMENTS,
            back_url=self.back_url,
            **kwargs,
        )


class AddDocument(AboutDocuments, ActingView):
    """A new paper."""

    template_name = "consultations/desk/document.html"
    form_class = DocumentForm

    def get_form_kwargs(self):
        """What is there already."""
        return super().get_form_kwargs() | {"document": self.document}

    def act(self, said):
        """Keep it."""
        self._check_rate(said)
        add_document(self.record, by=self.request.user, on=today(), **said)
        messages.success(self.request, _("The document is added."))
        return redirect(self.list_url)

    def _check_rate(self, said):
        if said["file"] and is_too_often(self.request.user):
            raise ValidationError(_("You sent very many files in this hour. Try again in an hour."))


class ChangeDocument(AddDocument):
    """Another name, format or file for a paper. Its address stays, so links to it go on working."""

    def get_initial(self):
        """What it says now."""
        names = ("title", "format", "language", "url", "pages", "other_formats")
        return {name: getattr(self.document, name) for name in names}

    def act(self, said):
        """Change it."""
        self._check_rate(said)
        change_document(self.document, by=self.request.user, on=today(), **said)
        messages.success(self.request, _("The document is changed."))
        return redirect(self.list_url)


class RemoveDocument(AboutDocuments, TemplateView):
    """Asks once more, then takes a paper away."""

    template_name = "consultations/desk/document_remove.html"

    def post(self, request, *args, **kwargs):
        """Take it away."""
        remove_document(self.document, by=request.user)
        messages.success(request, _("The document is removed."))
        return redirect(self.list_url)
