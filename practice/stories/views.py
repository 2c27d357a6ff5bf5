"""Parents' stories as families read them; and the page that says that one was removed."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core.models import Topic
from practice.stories.models import ParentStory

PER_PAGE = 20


class Stories(TemplateView):
    """Every story that may be read today, the newest first; of one topic, if the visitor asks."""

    template_name = "stories/find.html"

    def get_context_data(self, **kwargs):
        """A page of cards, and the topics that have any."""
        rows = ParentStory.objects.published().for_cards()
        topics = list(Topic.objects.filter(pk__in=rows.order_by().values("topics")).order_by("position"))
        asked = self.request.GET.get("topic", "")
        topic = next((each for each in topics if each.key == asked), None)
        if topic:
            rows = rows.filter(topics=topic)
        page = Paginator(rows.order_by("-published_at", "-pk"), PER_PAGE).get_page(self.request.GET.get("page"))
        query = f"?topic={topic.key}" if topic else ""
        links = [
            {"text": _("News feed of this list"), "url": reverse("practice:stories-feed") + query},
            {"text": _("Download this list (CSV)"), "url": reverse("practice:stories-csv") + query},
        ]
        return super().get_context_data(
            page=page, topics=topics, topic=topic, unknown=bool(asked and not topic), links=links, **kwargs
        )


class Story(TemplateView):
    """One story. Once the permission is over, its address says that it was removed."""

    template_name = "stories/detail.html"

    def get(self, request, *args, **kwargs):
        """The story, that it is gone (410), or that there never was one (404)."""
        slug = kwargs["slug"]
        story = ParentStory.objects.published().for_cards().filter(slug=slug).first()
        if story is not None:
            more = ParentStory.objects.published().for_cards().exclude(pk=story.pk)[:3]
            return self.render_to_response(
                self.get_context_data(story=story, topics=story.topics.all(), more=more, **kwargs)
            )
        gone = get_object_or_404(ParentStory.objects.only("published_at", "deleted_at"), slug=slug)
        if gone.published_at is None:
            raise Http404
        return render(request, "stories/removed.html", status=410)
