"""The pages where staff bring a file in: choose it, see what would become of every row, then take in just that."""

from functools import cached_property

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView

from core import tasks
from core.acting import ActingView
from core.dates import today
from core.forms import DayField, HubForm, Radios
from core.imports import FileRefused, Verdict, importers, read_rows
from core.incoming import IMPORTS, ask_for_import, begin_import, rows_so_far
from core.models import ImportRun
from core.permissions import Permission
from core.uploads import is_too_often, kind_of, path_of

PER_PAGE = 20
RUNS_SHOWN = 10

KINDS = {
    "consultations": gettext_lazy("Consultations that have closed"),
    "events": gettext_lazy("Events"),
    "feedback": gettext_lazy("You said, we did"),
    "resources": gettext_lazy("Toolkits and links"),
    "practice": gettext_lazy("Good practice found on other pages"),
}
VERDICTS = {
    Verdict.CREATED: (gettext_lazy("New"), "open"),
    Verdict.UPDATED: (gettext_lazy("Changed"), "forthcoming"),
    Verdict.UNCHANGED: (gettext_lazy("Unchanged"), "closed"),
    Verdict.HELD: (gettext_lazy("Waits for somebody"), "awaiting"),
    Verdict.REJECTED: (gettext_lazy("Wrong, left out"), "late"),
}


class NewImportForm(HubForm, forms.Form):
    """Which file, and what its rows are."""

    enter_words = {"file": gettext_lazy("Choose a CSV file")}

    kind = forms.ChoiceField(label=gettext_lazy("What is in the file?"), widget=Radios())
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("Saved as “CSV UTF-8”, with the names of the columns in the first line."),
        allow_empty_file=True,
    )
    read_on = DayField(
        label=gettext_lazy("Day the pages were read"),
        help_text=gettext_lazy("When somebody copied the rows from other websites. Left empty, it is today."),
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(name, KINDS.get(name, name)) for name in importers()]

    def clean_read_on(self):
        """Nobody has read a page on a day to come."""
        day = self.cleaned_data["read_on"] or today()
        if day > today():
            raise ValidationError(_("The day the pages were read cannot be in the future"))
        return day

    def clean_file(self):
        """A table in UTF-8, as far as a first look tells."""
        file = self.cleaned_data["file"]
        kind_of(file, most_megabytes=settings.HUB_IMPORT_MOST_MB, kinds=("csv",))
        return file

    def clean(self):
        """The columns that rows of this kind have."""
        said = super().clean()
        file, kind = said.get("file"), said.get("kind")
        if file and kind:
            try:
                read_rows(file, importers()[kind])
            except FileRefused as problem:
                self.add_error("file", str(problem))
            file.seek(0)
        return said


class NewImport(ActingView):
    """Choose a file. Nothing is taken in before it has been looked at."""

    permission = Permission.CHECK_IMPORTS
    template_name = "consultations/desk/import_new.html"
    form_class = NewImportForm

    def act(self, said):
        """Keep the file, and have it judged."""
        if is_too_often(self.request.user):
            raise ValidationError(_("You sent very many files in this hour. Try again in an hour."))
        run = begin_import(by=self.request.user, now=timezone.now(), **said)
        transaction.on_commit(lambda: tasks.check_import.delay(run.pk))
        return redirect("consultations:import-run", pk=run.pk)

    def get_context_data(self, **kwargs):
        """The files that came last, and the columns that each kind needs."""
        runs = list(ImportRun.objects.all()[:RUNS_SHOWN])
        people = get_user_model()._base_manager.in_bulk({run.made_by for run in runs if run.made_by})
        return super().get_context_data(
            runs=[{"run": run, "who": people.get(run.made_by, ""), "kind": KINDS.get(run.kind)} for run in runs],
            columns=[
                {"name": KINDS.get(name, name), "columns": ", ".join(each.columns)}
                for name, each in importers().items()
            ],
            most=settings.HUB_IMPORT_MOST_MB,
            **kwargs,
        )


class OneRun:
    """A page about one file that was brought."""

    permission = Permission.CHECK_IMPORTS
    kwargs: dict

    @cached_property
    def run(self) -> ImportRun:
        """The file, and how far it has got."""
        return get_object_or_404(ImportRun, pk=self.kwargs["pk"])


class ShowRun(OneRun, TemplateView):
    """What would become of every row, with the reason; and the button that takes in just that."""

    template_name = "consultations/desk/import_run.html"

    def get_context_data(self, **kwargs):
        """A page of rows, all of them or those of one kind of outcome."""
        run = self.run
        chosen = self.request.GET.get("show", "")
        chosen = chosen if chosen in list(Verdict) else ""
        rows = run.rows.filter(verdict=chosen) if chosen else run.rows.all()
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            run=run,
            kind=KINDS.get(run.kind, run.kind),
            so_far=rows_so_far(run) if run.is_busy else 0,
            page=page,
            rows=[{"row": row, "words": VERDICTS[row.verdict][0], "colour": VERDICTS[row.verdict][1]} for row in page],
            verdicts=[
                {"name": verdict.value, "words": VERDICTS[verdict][0], "count": run.counts.get(verdict, 0)}
                for verdict in Verdict
            ],
            chosen=chosen,
            total=sum(run.counts.values()),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        """Take it in as it was shown."""
        try:
            ask_for_import(self.run, by=request.user, digest=request.POST.get("digest", ""), now=timezone.now())
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            transaction.on_commit(lambda: tasks.apply_import.delay(self.run.pk))
        return redirect("consultations:import-run", pk=self.run.pk)


class RejectedRows(OneRun, View):
    """The rows that were wrong, with the reasons, as a file to mend and bring again."""

    def get(self, request, pk):
        """The file. No cell of it acts as a formula."""
        if not self.run.rejected:
            raise Http404
        try:
            file = path_of(IMPORTS, self.run.rejected).open("rb")
        except OSError:
            raise Http404 from None
        return FileResponse(file, as_attachment=True, filename="rejected.csv", content_type="text/csv; charset=utf-8")
