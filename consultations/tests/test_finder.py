"""The finder: what is asked in the address, what matches, what the boxes foretell, in which order, on which page."""

import random
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import MembershipFactory, OrganisationFactory, last_looked_after_on
from consultations import finder
from consultations.finder import FACETS, Finder
from consultations.models import Consultation, Document, ParticipationLevel, Support, SupportState
from consultations.stages import FINDER_ORDER, TIMELINE, Stage
from consultations.tests.around import term
from consultations.tests.factories import ConsultationFactory, days
from core.dates import today
from core.finding import LAST_PAGE, PER_PAGE
from core.models import AccessSupport, Area, Audience, Format, Topic

pytestmark = pytest.mark.django_db

STAGES = [stage.value for stage in Stage]
LEVELS = [level.value for level in ParticipationLevel]
TOPICS, AUDIENCES, AREAS = ("travel", "play", "health"), ("under-5s", "teenagers"), ("north", "south")
SUPPORTS, FORMATS = ("interpreter", "childcare"), ("easy-read", "large-print")
ORGANISATIONS = ("council", "service", "team", "elsewhere")
VALUES = {
    "stage": STAGES,
    "topic": list(TOPICS),
    "audience": list(AUDIENCES),
    "area": list(AREAS),
    "level": LEVELS,
    "quick": ["1"],
    "organisation": list(ORGANISATIONS),
    "access": list(SUPPORTS),
    "format": list(FORMATS),
}


def find(query: str = "", day=None) -> Finder:
    """The finder, asked this."""
    return Finder(QueryDict(query.removeprefix("?")), day or today())


def asked(chosen: dict[str, list[str]], **more) -> Finder:
    """The finder with these boxes ticked."""
    query = QueryDict(mutable=True)
    for name, values in chosen.items():
        query.setlist(name, values)
    for name, value in more.items():
        query[name] = value
    return Finder(query, today())


def titles(finder: Finder) -> list[str]:
    """What the page shows."""
    return [row.title for row in finder.page.rows]


class County:
    """Consultations with every mix of facts, and what is true of each, told without the database."""

    def __init__(self, count: int = 75):
        self.dice = random.Random(8)
        self.organisations = {"council": OrganisationFactory(slug="council", name="Council", promising=True)}
        for slug, parent in (("service", "council"), ("team", "service"), ("elsewhere", None)):
            self.organisations[slug] = OrganisationFactory(
                slug=slug, name=slug.capitalize(), parent=self.organisations.get(parent)
            )
        self.owner = MembershipFactory(organisation=self.organisations["council"])
        self.truths = [self._truth() for _number in range(count)]
        self.records = Consultation.objects.bulk_create(
            self._record(number, truth) for number, truth in enumerate(self.truths)
        )
        self.facts = {record.pk: truth for record, truth in zip(self.records, self.truths, strict=True)}
        for kind, name, values in ((Topic, "topic", TOPICS), (Audience, "audience", AUDIENCES), (Area, "area", AREAS)):
            self._put_terms(kind, name, values)
        self._put_papers()
        self._put_supports()
        ConsultationFactory(draft=True, organisation=self.organisations["council"], owner=self.owner)

    def _some(self, values) -> set[str]:
        return set(self.dice.sample(values, self.dice.randint(0, len(values))))

    def _truth(self) -> dict[str, set[str]]:
        stage = self.dice.choice(STAGES)
        # Only what was promised can be late, and information owes nothing.
        organisation = "council" if stage == "late" else self.dice.choice(ORGANISATIONS)
        above = {"team": {"service", "council"}, "service": {"council"}}.get(organisation, set())
        return {
            "stage": {stage},
            "level": {"information" if stage == "closed" else self.dice.choice(LEVELS[1:])},
            "quick": self._some(["1"]),
            "organisation": {organisation} | above,
            "own": {organisation},
            "topic": self._some(TOPICS),
            "audience": self._some(AUDIENCES),
            "area": self._some(AREAS),
            "format": self._some(FORMATS),
            "access": self._some(SUPPORTS),
        }

    def _record(self, number: int, truth) -> Consultation:
        (stage,), (level,), (organisation,) = truth["stage"], truth["level"], truth["own"]
        return ConsultationFactory.build(
            **{stage: True},
            organisation=self.organisations[organisation],
            owner=self.owner,
            level=level,
            **self._dates(stage),
            title=f"{self.dice.choice('ABÀ')} title {number % 60:03}",
            minutes_needed=self.dice.choice([5, 9] if truth["quick"] else [None, 10, 30]),
        )

    def _dates(self, stage: str) -> dict:
        """The date that orders its stage: one of three, so that some tie and some do not."""
        some = self.dice.choice([0, 1, 5])
        return {
            "forthcoming": {"opens_on": days(10 + some)},
            "open": {"closes_on": self.dice.choice([days(20 + some), days(20 + some), None])},
            "awaiting": {"closes_on": days(-20 - some)},
            "late": {"closes_on": days(-120 - some)},
            "responded": {"responded_on": days(-50 - some)},
            "closed": {"closes_on": days(-20 - some)},
            "withdrawn": {"withdrawn_on": days(-5 - some)},
        }[stage]

    def _put_terms(self, kind, name: str, values) -> None:
        through = getattr(Consultation, f"{name}s").through
        terms = {key: term(kind, key) for key in values}
        through.objects.bulk_create(
            through(consultation_id=pk, **{f"{name}_id": terms[key].pk})
            for pk, truth in self.facts.items()
            for key in truth[name]
        )

    def _put_papers(self) -> None:
        formats = {key: term(Format, key) for key in FORMATS}
        Document.objects.bulk_create(
            Document(consultation_id=pk, title="Paper", format=formats[key], url="https://example.org/p.pdf")
            for pk, truth in self.facts.items()
            for key in truth["format"]
            for _twice in range(2)  # two papers in one format count once
        )

    def _put_supports(self) -> None:
        kinds = {key: term(AccessSupport, key) for key in SUPPORTS}
        there = (SupportState.THERE, SupportState.ON_REQUEST)
        states = (
            (pk, key, self.dice.choice(there) if key in truth["access"] else SupportState.NOT_AVAILABLE)
            for pk, truth in self.facts.items()
            for key in SUPPORTS
        )
        Support.objects.bulk_create(
            Support(
                consultation_id=pk,
                kind=kinds[key],
                state=state,
                ask_by=today() if state == SupportState.ON_REQUEST else None,
            )
            for pk, key, state in states
        )

    def matching(self, chosen: dict[str, list[str]]) -> list[Consultation]:
        """Those that have any of the values of every facet."""
        return [
            record
            for record in self.records
            if all(not values or self.facts[record.pk][name] & set(values) for name, values in chosen.items())
        ]

    def in_order(self, records) -> list[Consultation]:
        """Open first and closing soonest, then stage after stage, by the rule of each."""
        day = today()
        newest = timedelta.max.days
        by_date = {
            Stage.OPEN: lambda r: (r.closes_on is None, r.closes_on and r.closes_on.toordinal()),
            Stage.FORTHCOMING: lambda r: (r.opens_on is None, r.opens_on and r.opens_on.toordinal()),
            Stage.LATE: lambda r: (False, r.response_due_on.toordinal()),
            Stage.AWAITING: lambda r: (r.response_due_on is None, r.response_due_on and r.response_due_on.toordinal()),
            Stage.RESPONDED: lambda r: (False, newest - r.responded_on.toordinal()),
            Stage.CLOSED: lambda r: (False, newest - r.closes_on.toordinal()),
            Stage.WITHDRAWN: lambda r: (False, newest - r.withdrawn_on.toordinal()),
        }

        def place(record):
            stage = TIMELINE.of(record, day)
            undated, when = by_date[stage](record)
            return (FINDER_ORDER.index(stage), undated, when or 0, record.title, record.pk)

        return sorted(records, key=place)


boxes = st.fixed_dictionaries(
    {}, optional={name: st.lists(st.sampled_from(values), unique=True, max_size=3) for name, values in VALUES.items()}
)
many = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def county():
    """A county with every mix of facts."""
    return County()


@pytest.fixture
def few():
    """A small county."""
    return County(12)


# What matches, and what the boxes foretell


@many
@given(chosen=boxes)
def test_what_is_found_is_what_has_any_of_the_values_of_every_facet(county, chosen):
    finder = asked(chosen)

    expected = {record.pk for record in county.matching(chosen)}
    assert set(finder.matching.values_list("pk", flat=True)) == expected
    assert finder.counts.total == len(expected)


@many
@given(chosen=boxes)
def test_the_number_beside_a_box_is_what_ticking_it_alone_in_its_facet_shows(county, chosen):
    for facet in asked(chosen).facets:
        for choice in facet.choices:
            ticked = {**chosen, facet.name: [choice.value]}
            assert choice.count == len(county.matching(ticked)), (facet.name, choice.value)


@many
@given(chosen=boxes)
def test_no_box_that_finds_something_is_missing(county, chosen):
    finder = asked(chosen)
    shown = {facet.name: {choice.value for choice in facet.choices} for facet in finder.facets}

    for name, values in VALUES.items():
        useful = {value for value in values if county.matching({**chosen, name: [value]})}
        if name in shown:
            assert shown[name] == useful | set(chosen.get(name, []))
        else:
            # Hidden: whatever one ticks there changes nothing.
            assert all(len(county.matching({**chosen, name: [value]})) == finder.counts.total for value in useful)


@many
@given(chosen=boxes)
def test_every_match_stands_on_one_page_in_the_promised_order(county, chosen):
    expected = [record.pk for record in county.in_order(county.matching(chosen))]

    pages = asked(chosen).page.num_pages
    listed = [row.pk for number in range(1, pages + 1) for row in asked(chosen, page=str(number)).page.rows]

    assert listed == expected


@pytest.mark.parametrize("name", VALUES)
def test_several_values_of_one_facet_widen_the_list(few, name):
    one = asked({name: VALUES[name][:1]})
    two = asked({name: VALUES[name][:2]})

    assert one.counts.total <= two.counts.total
    assert {term.value for term in two.chosen[name]} == set(VALUES[name][:2])


def test_the_same_value_twice_counts_once(few):
    finder = find("topic=travel&topic=travel")

    assert [remove["text"] for remove in finder.removes] == ["Travel"]


def test_a_facet_with_nothing_to_choose_between_is_hidden():
    for _number in range(3):
        ConsultationFactory(open=True).topics.add(term(Topic, "travel"))
    one = OrganisationFactory(name="Only one")
    Consultation.objects.update(organisation=one)

    assert not {"stage", "topic", "level", "quick", "organisation", "format", "access"} & {
        f.name for f in find().facets
    }


def test_a_facet_that_splits_the_list_is_shown_and_so_is_one_that_is_ticked():
    ConsultationFactory(open=True).topics.add(term(Topic, "travel"))
    assert "topic" not in {facet.name for facet in find().facets}
    assert "topic" in {facet.name for facet in find("topic=travel").facets}

    ConsultationFactory(open=True)
    assert "topic" in {facet.name for facet in find().facets}


def test_a_term_that_staff_retired_still_finds_what_was_about_it():
    retired = term(Topic, "travel", retired_on=today())
    ConsultationFactory(open=True, title="Buses").topics.add(retired)
    ConsultationFactory(open=True)

    assert titles(find("topic=travel")) == ["Buses"]


def test_an_organisation_stands_for_everything_below_it():
    council = OrganisationFactory(slug="council")
    ConsultationFactory(title="Below", organisation=OrganisationFactory(slug="team", parent=council))
    ConsultationFactory(title="Own", organisation=council)
    ConsultationFactory(title="Beside")

    assert set(titles(find("organisation=council"))) == {"Below", "Own"}
    assert titles(find("organisation=team")) == ["Below"]


def test_drafts_archived_and_thrown_away_ones_are_neither_listed_nor_counted():
    ConsultationFactory(title="Shown")
    ConsultationFactory(draft=True)
    ConsultationFactory(archived_at="2027-01-01T00:00Z")
    ConsultationFactory(deleted_at="2027-01-01T00:00Z")

    finder = find()

    assert titles(finder) == ["Shown"]
    assert finder.counts.total == 1
    assert finder.counts.by["stage"] == {"open": 1}


# Sorting and pages


def test_newest_shows_what_was_published_last_first():
    for number, at in enumerate(["2027-01-02", "2027-01-03", "2027-01-01"]):
        ConsultationFactory(title=f"{number}", published_at=f"{at}T09:00Z")

    assert titles(find("sort=newest")) == ["1", "0", "2"]


@pytest.mark.parametrize("sort", ["newest", "closing", "relevant"])
def test_every_row_stands_on_exactly_one_page_even_when_all_tie(sort):
    one = ConsultationFactory(title="Same title")
    for _number in range(PER_PAGE * 2 + 4):
        ConsultationFactory(
            title="Same title", owner=one.owner, organisation=one.organisation, published_at=one.published_at
        )

    listed = [row.pk for n in (1, 2, 3) for row in find(f"q=same+title&sort={sort}&page={n}").page.rows]

    assert len(listed) == len(set(listed)) == PER_PAGE * 2 + 5


def test_the_best_match_comes_first_when_words_are_searched():
    ConsultationFactory(title="Buses", summary="How many there are, and where swimming is.", closes_on=today())
    ConsultationFactory(title="Swimming lessons", summary="Swimming for all.")

    assert titles(find("q=swimming")) == ["Swimming lessons", "Buses"]
    assert titles(find("q=swimming&sort=closing")) == ["Buses", "Swimming lessons"]
    assert [sort["text"] for sort in find("q=swimming").sorts] == ["Closing soonest", "Newest", "Best match"]


def test_without_words_there_is_no_best_match():
    finder = find("sort=relevant")

    assert finder.sort == "closing"
    assert [sort["text"] for sort in finder.sorts] == ["Closing soonest", "Newest"]


def test_a_page_after_the_last_is_the_last_one_and_says_so():
    one = ConsultationFactory()
    for _number in range(PER_PAGE):
        ConsultationFactory(owner=one.owner, organisation=one.organisation)

    finder = find("page=7")

    assert finder.page.number == 2
    assert len(finder.page.rows) == 1
    assert finder.notes == ["There are 2 pages, so this is the last one."]


def test_a_stage_is_counted_up_to_a_limit_and_said_to_have_more(monkeypatch):
    monkeypatch.setattr(finder, "COUNTED", 2)
    ConsultationFactory.create_batch(4)
    ConsultationFactory(late=True)

    many = find()
    stage = next(facet for facet in many.facets if facet.name == "stage")

    assert many.sentence == "More than 2 consultations, open ones first, closing soonest."
    assert [(choice.value, choice.count, choice.unknown) for choice in stage.choices] == [
        ("open", None, "over 2"),
        ("late", 1, ""),
    ]
    assert find("stage=late").sentence == "1 consultation."


def test_the_numbers_beside_the_boxes_are_of_the_newest_where_there_are_very_many(monkeypatch):
    monkeypatch.setattr(finder, "WEIGHED", 2)
    old, *new = ConsultationFactory.create_batch(3)
    Consultation.objects.filter(pk=old.pk).update(published_at=timezone.now() - timedelta(days=900))
    old.topics.add(term(Topic, "travel"))
    for each in new:
        each.topics.add(term(Topic, "play"))

    many = find()
    choices = {choice.value: choice.count for facet in many.facets if facet.name == "topic" for choice in facet.choices}

    assert choices == {"play": 2, "travel": None}  # an older one may have it, so its box is there, without a number
    assert many.notes == ["The numbers beside the boxes are of the newest 2."]
    assert titles(find("topic=travel")) == [old.title]


def test_what_is_on_a_page_is_found_once_for_each_version(django_assert_max_num_queries):
    ConsultationFactory.create_batch(3)
    first = titles(find())

    with django_assert_max_num_queries(3):
        assert titles(find()) == first
    Consultation.objects.filter(title=first[0]).update(archived_at=timezone.now())
    assert first[0] not in titles(find())


def test_an_empty_list_has_one_page():
    finder = find("page=3")

    assert (finder.page.number, finder.page.num_pages, finder.page.rows) == (1, 1, [])
    assert finder.notes == ["There is only one page."]


def test_numbered_pages_end_at_fifty():
    one = ConsultationFactory()
    Consultation.objects.bulk_create(
        Consultation(
            title=f"Row {number:04}",
            slug=f"row-{number}",
            organisation=one.organisation,
            owner=one.owner,
            summary="S",
            decided_by="D",
            contact_name="C",
            level="consultation",
            can_change="A",
            cannot_change="B",
            opens_on=one.opens_on,
            closes_on=one.closes_on,
            published_at=one.published_at,
        )
        for number in range(LAST_PAGE * PER_PAGE + 5)
    )

    finder = find("page=51")

    assert finder.page.number == finder.page.num_pages == LAST_PAGE
    assert len(finder.page.rows) == PER_PAGE
    assert finder.page.is_cut
    assert finder.notes == ["There are 50 pages, so this is the last one."]
    assert not find("page=50").notes


# What it cannot use


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_no_list_knows_is_left_out_and_said(few, name):
    finder = find(f"{name}=no-such-thing")

    assert finder.counts.total == len(few.records)
    assert len(finder.notes) == 1
    assert "We do not know “no-such-thing”" in finder.notes[0]
    assert finder.parameters == []


@pytest.mark.parametrize("page", ["0", "-1", "1.5", "x", "٣", "²", "99999999", "1e3", " 2", "+2", "0x2", "'", "\x00"])
def test_a_page_that_is_no_number_is_the_first_and_said(page):
    query = QueryDict(mutable=True)
    query["page"] = page
    finder = Finder(query, today())

    assert finder.page.number == 1
    assert len(finder.notes) == 1


@pytest.mark.parametrize("query", ["topic=", "q=", "sort=", "page=", "q=+++", "unknown=1", "stage=&stage="])
def test_an_empty_or_foreign_parameter_asks_nothing(query):
    finder = find(query)

    assert not finder.notes
    assert not finder.is_narrowed


def test_a_known_value_beside_an_unknown_one_still_narrows(few):
    finder = find("stage=open&stage=opne")

    assert [term.value for term in finder.chosen["stage"]] == ["open"]
    assert len(finder.notes) == 1


def test_a_sort_that_does_not_exist_is_left_out_and_said():
    finder = find("sort=cheapest")

    assert finder.sort == "closing"
    assert "We do not know “cheapest” for “Sort by”" in finder.notes[0]
    assert finder.parameters == []


# In words, and one by one away again


def test_what_filtered_the_list_is_said_and_each_filter_is_removed_alone(few):
    finder = find("q=title&topic=travel&topic=play&stage=open&sort=newest&page=2")

    assert [remove["text"] for remove in finder.removes] == ["“title”", "Open", "Travel", "Play"]
    for remove in finder.removes:
        left = find(remove["url"])
        assert len(left.removes) == 3
        assert remove["text"] not in [other["text"] for other in left.removes]
        assert left.sort == "newest"
        assert left.page_number == 1


def test_removing_the_words_keeps_the_boxes(few):
    finder = find("q=title&topic=travel")

    left = find(finder.removes[0]["url"])

    assert left.parameters == [("topic", "travel")]


def test_clearing_takes_the_boxes_and_keeps_the_words(few):
    assert find(find("q=title&topic=travel&stage=open").clear_url).parameters == [("q", "title")]
    assert find("topic=travel").clear_url == "?"
    assert find("q=title").clear_url == ""


def test_the_short_way_to_quick_ones_keeps_what_was_asked(few):
    finder = find("topic=travel")

    assert find(finder.quick_url).parameters == [("topic", "travel"), ("quick", "1")]
    assert find("quick=1").quick_url == ""
    Consultation.objects.update(minutes_needed=30)
    assert find().quick_url == ""


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (0, "0 consultations."),
        (1, "1 consultation."),
        (2, "2 consultations, open ones first, closing soonest."),
    ],
)
def test_the_list_says_how_many_there_are_and_in_which_order(count, sentence):
    for _number in range(count):
        ConsultationFactory()

    assert find().sentence == sentence


def test_the_facets_have_plain_titles():
    assert [str(kind.title) for kind in FACETS] == [
        "Where it has got to",
        "About",
        "For",
        "Where",
        "How much say you have",
        "How long it takes",
        "Who is asking",
        "Help to take part",
        "Ready in this format",
    ]


@pytest.mark.parametrize("rows", [1, 30])
def test_the_finder_asks_few_questions_of_the_database(rows, django_assert_max_num_queries, few):
    with django_assert_max_num_queries(6):
        finder = find("q=title&stage=open&stage=late&topic=travel")
        assert finder.page is not None
        assert finder.facets


# While nobody looks after the hub


@pytest.fixture
def left_alone(db):
    """A hub that nobody has looked after for 60 days: an open one, two that are late and one that waits."""
    last_looked_after_on(today() - timedelta(days=60))
    for trait, topic in (("open", "play"), ("late", "travel"), ("late", "play"), ("awaiting", "travel")):
        ConsultationFactory(**{trait: True}).topics.set([term(Topic, topic)])


def counts(finder: Finder, name: str) -> dict:
    """What stands beside each box of a facet."""
    facet = next(each for each in finder.facets if each.name == name)
    return {choice.value: choice.unknown if choice.count is None else choice.count for choice in facet.choices}


def test_how_many_wait_is_not_known_while_nobody_looks_after_the_hub(left_alone):
    assert counts(find(), "stage") == {"open": 1, "late": "we do not know", "awaiting": "we do not know"}
    assert counts(find(), "topic") == {"play": 2, "travel": 2}

    assert counts(find(day=today() - timedelta(days=1)), "stage") == {"open": 1, "late": 2, "awaiting": 1}


def test_a_list_of_owed_answers_is_not_counted_while_nobody_looks_after_the_hub(left_alone):
    finder = find("stage=late&stage=awaiting")

    assert finder.sentence == (
        "We do not know how many answers are still owed. This list shows those that were not published here."
    )
    assert counts(finder, "topic") == {"play": "", "travel": ""}
    assert len(finder.page.rows) == 3
    assert find("stage=late", day=today() - timedelta(days=1)).sentence.startswith("2 consultations")


def test_a_mixed_list_says_how_many_it_lists_but_not_how_many_wait(left_alone):
    assert find("stage=late&stage=open").sentence == (
        "3 consultations, open ones first, closing soonest. How many of these still wait for an answer, we do not know."
    )
    assert find("stage=open").sentence == "1 consultation."
    assert find().sentence == "4 consultations, open ones first, closing soonest."


def test_a_list_without_any_says_so_whoever_looks_after_the_hub(left_alone):
    assert find("stage=awaiting&topic=play").sentence == "0 consultations."


def test_the_page_shows_it(client, left_alone):
    html = client.get("/consultations/").content.decode()

    assert html.count("we do not know</span>") == 2
