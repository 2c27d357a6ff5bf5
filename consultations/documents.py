"""Papers of a consultation: the pages where staff add, replace and remove them, and how a kept one is handed out."""

from functools import cached_property

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
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
from consultations.writing import papers
from consultations.writing.actions import drop_paper, mark_of, may_need_more_time, propose_paper, waiting_change
from consultations.writing.models import Check
from core.acting import ActingView
from core.dates import today
from core.forms import HubForm
from core.models import Format
from core.previews import NoPreview, PreviewOver, link_named_in
from core.publishing import Conflict
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

    mark = forms.CharField(widget=forms.HiddenInput(), required=False)

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
    """A staff page about the papers of one consultation. What families see changes at once only by who may publish."""

    @cached_property
    def waits(self) -> bool:
        """Whether what this person changes waits until somebody else has seen it."""
        return not self.may_change_now

    @cached_property
    def check(self) -> Check | None:
        """The changes that families do not see yet."""
        return waiting_change(self.record)

    @property
    def list_url(self) -> str:
        """The list of its papers."""
        return reverse("consultations:documents", args=[self.record.slug])

    @cached_property
    def proposal(self) -> dict | None:
        """The waiting change that the page is about, where it is about one."""
        rows = papers.rows_of(self.check)
        if "key" in self.kwargs:
            if self.kwargs["key"] not in rows:
                raise Http404
            return rows[self.kwargs["key"]]
        return rows.get(f"p{self.kwargs['pk']}") if self.waits and "pk" in self.kwargs else None

    @cached_property
    def document(self) -> Document | None:
        """The paper that the page is about, where it is about one; as it would be, when a change to it waits."""
        if self.proposal is not None:
            return papers.as_document(self.proposal, self.record)
        if "pk" not in self.kwargs:
            return None
        return get_object_or_404(self.record.documents.select_related("format"), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs):
        """Which consultation, and which paper."""
        return super().get_context_data(
            consultation=self.record, document=self.document, list_url=self.list_url, waits=self.waits, **kwargs
        )


class Documents(AboutDocuments, TemplateView):
    """The papers of a consultation, with what can be done about each, and what waits to be checked."""

    template_name = "consultations/desk/documents.html"

    def get_context_data(self, **kwargs):
        """Each paper, as families see it described."""
        rows = [
            {"document": each, "facts": document_facts(each), "ask": ask_for_formats(each, self.record)}
            for each in self.record.documents.select_related("format")
        ]
        return super().get_context_data(
            rows=rows,
            check=self.check,
            proposals=self._proposals(),
            is_full=len(rows) >= MOST_DOCUMENTS,
            most=MOST_DOCUMENTS,
            back_url=self.back_url,
            offers_more_time=self.may_change_now and may_need_more_time(self.record, today()),
            **kwargs,
        )

    def _proposals(self) -> list[dict]:
        found = list(papers.rows_of(self.check).values())
        formats = Format.objects.in_bulk([row["format_id"] for row in found]) if found else {}
        proposals = []
        for row in found:
            document = papers.as_document(row, self.record)
            document.format = formats[row["format_id"]]
            proposals.append({"row": row, "document": document, "facts": document_facts(document)})
        return proposals


class AddDocument(AboutDocuments, ActingView):
    """A new paper."""

    template_name = "consultations/desk/document.html"
    form_class = DocumentForm
    done = gettext_lazy("The document is added.")

    def get_form_kwargs(self):
        """What is there already."""
        return super().get_form_kwargs() | {"document": self.document}

    def get_initial(self):
        """What it says now, and what else waits."""
        mark = mark_of(self.record, self.check) if self.waits or self.proposal else ""
        said = ("title", "language", "url", "pages", "other_formats")
        now = {name: getattr(self.document, name) for name in said} if self.document else {}
        return now | ({"format": self.document.format_id} if self.document else {}) | {"mark": mark}

    def act(self, said):
        """Keep it, or let it wait."""
        if said["file"] and is_too_often(self.request.user):
            raise ValidationError(_("You sent very many files in this hour. Try again in an hour."))
        mark = said.pop("mark")
        if self.waits or self.proposal:
            self._propose(said, mark)
            messages.info(self.request, _("Saved. Families see it once it is checked: send it when you are done."))
        else:
            self.change(said)
            messages.success(self.request, self.done)
        return redirect(self.list_url)

    def change(self, said) -> None:
        """Change what families see."""
        add_document(self.record, by=self.request.user, on=today(), **said)

    def _propose(self, said, mark: str) -> None:
        document = self.document or Document(consultation=self.record)
        file, url = said.pop("file"), said.pop("url")
        for name, value in said.items():
            setattr(document, name, value)
        key = self.kwargs.get("key") or (f"p{self.kwargs['pk']}" if "pk" in self.kwargs else papers.new_key())
        do = papers.CHANGE if key.startswith("p") else papers.ADD
        try:
            propose_paper(
                self.record, by=self.request.user, key=key, do=do, document=document, file=file, url=url, mark=mark
            )
        except Conflict:
            raise ValidationError(
                _("Somebody else changed it while you typed. Copy what you need, and open this page again.")
            ) from None


class ChangeDocument(AddDocument):
    """Another name, format or file for a paper. Its address stays, so links to it go on working."""

    done = gettext_lazy("The document is changed.")

    def change(self, said):
        """Change what families see."""
        change_document(self.document, by=self.request.user, on=today(), **said)


class ChangeProposal(AddDocument):
    """A change to a paper that waits, to be written anew."""


class DropProposal(AboutDocuments, View):
    """The press that takes a waiting change to a paper back."""

    def get(self, request, *args, **kwargs):
        """The press is in the list."""
        return redirect(self.list_url)

    def post(self, request, *args, **kwargs):
        """Take it back."""
        drop_paper(self.record, by=request.user, key=self.kwargs["key"])
        messages.success(request, _("This change is taken back. The document is as families see it."))
        return redirect(self.list_url)


class ProposedFile(AboutDocuments, View):
    """The file of a paper that families do not see yet, for those who write and check it."""

    def get(self, request, *args, **kwargs):
        """The file."""
        return handed_out(self.document)


class RemoveDocument(AboutDocuments, TemplateView):
    """Asks once more, then takes a paper away."""

    template_name = "consultations/desk/document_remove.html"

    def post(self, request, *args, **kwargs):
        """Take it away, or let that wait."""
        paper = get_object_or_404(self.record.documents, pk=self.kwargs["pk"])
        if self.waits:
            key = papers.key_of(paper)
            propose_paper(self.record, by=request.user, key=key, do=papers.REMOVE, document=paper)
            messages.info(request, _("Saved. Families see it once it is checked: send it when you are done."))
        else:
            remove_document(paper, by=request.user, on=today())
            messages.success(request, _("The document is removed."))
        return redirect(self.list_url)
