"""Forms say what to do, keep what was typed, and are never taken twice."""

import re
from datetime import date, time

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.template import Context, Template

from core.forms import (
    Checkboxes,
    ClockField,
    DayField,
    HubForm,
    LongTextField,
    OnceField,
    Radios,
    once,
    problems,
    read_day,
)


class ListingForm(HubForm, forms.Form):
    """Every kind of field that the pack can show."""

    title = forms.CharField(label="Title", max_length=20, help_text="As short as you can")
    summary = LongTextField(label="What it is about", max_words=3)
    email = forms.EmailField(label="E-mail address", required=False)
    minutes = forms.IntegerField(label="Minutes needed")
    closes_on = DayField(label="Closing date", help_text="For example, 8 4 2026")
    closes_at = ClockField(label="Closing time", required=False)
    level = forms.ChoiceField(
        label="How much say do families have?",
        choices=[("ask", "We ask"), ("decide", "We decide together")],
        widget=Radios(hints={"ask": "You say, we decide"}),
    )
    topics = forms.MultipleChoiceField(
        label="Topics", choices=[("Learning", [("school", "School")]), ("Health", [("gp", "GP")])], widget=Checkboxes
    )
    agrees = forms.BooleanField(label="I have read the promise")
    document = forms.FileField(label="Document")


def rendered(form):
    return Template("{% load crispy_forms_tags %}{% crispy form %}").render(Context({"form": form}))


def ids(html):
    return re.findall(r'\bid="([^"]+)"', html)


GOOD = {
    "title": "Short breaks",
    "summary": "What comes first?",
    "minutes": "8",
    "closes_on_day": "8",
    "closes_on_month": "april",
    "closes_on_year": "2026",
    "closes_at": "noon",
    "level": "ask",
    "topics": ["gp"],
    "agrees": "on",
}


def test_every_line_of_the_error_summary_leads_to_a_control():
    html = rendered(ListingForm({}))

    targets = re.findall(r'<a href="#([^"]+)">', html)

    assert len(targets) == 8
    assert set(targets) <= set(ids(html))
    assert {"id_closes_on_day", "id_level_0", "id_topics_0_0", "id_agrees"} <= set(targets)


def test_no_two_parts_of_a_form_share_an_id():
    found = ids(rendered(ListingForm({})))

    assert len(found) == len(set(found))


def test_everything_that_describes_a_control_is_on_the_page():
    html = rendered(ListingForm({}))

    described = re.findall(r'aria-describedby="([^"]+)"', html)

    assert {each for ids_ in described for each in ids_.split()} <= set(ids(html))
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'aria-describedby="id_summary_error id_summary-info"' in html
    assert 'aria-describedby="id_closes_on_helptext id_closes_on_error"' in html
    assert 'aria-describedby="id_level_0_hint"' in html


def test_every_control_has_a_label():
    html = rendered(ListingForm())

    controls = re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]*\bid="([^"]+)"', html)

    assert len(controls) == 14
    assert set(controls) == set(re.findall(r'<label[^>]*\bfor="([^"]+)"', html))


def test_a_form_says_nothing_is_wrong_before_it_is_sent():
    assert "There is a problem" not in rendered(ListingForm())


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("title", "Enter title"),
        ("summary", "Enter what it is about"),
        ("minutes", "Enter minutes needed"),
        ("closes_on", "Enter the closing date"),
        ("level", "Answer the question “How much say do families have?”"),
        ("topics", "Choose topics"),
        ("agrees", "Tick “I have read the promise”"),
        ("document", "Choose a file: document"),
    ],
)
def test_an_empty_field_says_what_to_do(field, words):
    assert ListingForm({}).errors[field] == [words]


def test_a_form_may_give_a_field_its_own_words():
    class Form(HubForm, forms.Form):
        title = forms.CharField()
        enter_words = {"title": "Enter what families will see in lists"}

    assert Form({}).errors["title"] == ["Enter what families will see in lists"]


def test_words_given_to_the_field_itself_are_kept():
    class Form(HubForm, forms.Form):
        title = forms.CharField(error_messages={"required": "Give it a name"})

    assert Form({}).errors["title"] == ["Give it a name"]


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("title", "a" * 21, "Title must be 20 letters or shorter"),
        ("summary", "one two three four", "You used 4 words. Use 3 words or fewer"),
        ("email", "nobody", "Enter an e-mail address in full, like name@example.com"),
        ("minutes", "ten", "Minutes needed must be a number, like 12"),
        ("closes_at", "teatime", "Enter a time, like 5pm or 11:59pm"),
        ("level", "shout", "Choose one of the answers in the list"),
    ],
)
def test_a_wrong_value_says_what_is_wanted(field, typed, words):
    assert ListingForm({**GOOD, field: typed}).errors[field] == [words]


def test_what_was_typed_stays_in_the_boxes():
    html = rendered(ListingForm({"minutes": "ten", "closes_on_day": "31", "closes_on_month": "feb", "topics": ["gp"]}))

    assert 'value="ten"' in html
    assert 'value="31"' in html
    assert 'value="feb"' in html
    assert re.search(r'value="gp" checked', html)


def test_what_was_typed_is_escaped():
    html = rendered(ListingForm({"title": '"><script>alert(1)</script>', "closes_on_day": '"><script>'}))

    assert "<script>" not in html


def test_a_field_that_may_stay_empty_says_so():
    html = rendered(ListingForm())

    assert re.search(r"Closing time\s*<span class=\"hub-optional\">\(optional\)", html)
    assert not re.search(r"Title\s*<span class=\"hub-optional\">", html)


def test_the_browser_does_not_judge_the_form_before_we_do():
    assert " required" not in rendered(ListingForm())


def test_a_text_box_has_the_height_it_was_given():
    class Form(HubForm, forms.Form):
        text = LongTextField(rows=3)

    assert 'rows="3"' in rendered(Form())


# Days


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [("8", "4", "2026"), ("08", "04", "2026"), ("8", "april", "2026"), ("8", "Apr.", "26"), ("8", "APRIL", "2026")],
)
def test_a_day_is_read_as_people_write_it(day, month, year):
    assert read_day(day, month, year) == date(2026, 4, 8)


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [
        ("31", "2", "2026"),
        ("0", "4", "2026"),
        ("8", "13", "2026"),
        ("8", "4", "206"),
        ("٨", "4", "2026"),
        ("8", "x", "1"),
    ],
)
def test_a_day_that_is_not_there_is_not_read(day, month, year):
    assert read_day(day, month, year) is None


def test_september_has_a_short_name_of_its_own():
    assert read_day("1", "sept", "2026") == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("typed", "words", "first"),
    [
        (("8", "4", ""), "Closing date must include a year", "year"),
        (("8", "", "2026"), "Closing date must include a month", "month"),
        (("", "4", "2026"), "Closing date must include a day", "day"),
        (("31", "2", "2026"), "Closing date must be a real date, like 8 4 2026", "day"),
        (("", "", ""), "Enter the closing date", "day"),
    ],
)
def test_a_wrong_date_says_what_is_missing_and_leads_there(typed, words, first):
    form = ListingForm(
        {**GOOD, **dict(zip(("closes_on_day", "closes_on_month", "closes_on_year"), typed, strict=True))}
    )

    found = {problem.text: problem.target for problem in problems(form)}

    assert form.errors["closes_on"] == [words]
    assert found[words] == f"id_closes_on_{first}"


def test_a_date_that_may_stay_empty_is_nothing():
    assert DayField(required=False).clean(["", " ", ""]) is None


def test_a_date_changes_only_when_it_means_another_day():
    field = DayField()

    assert not field.has_changed(date(2026, 4, 8), ["08", "April", "2026"])
    assert field.has_changed(date(2026, 4, 8), ["9", "4", "2026"])
    assert field.has_changed(date(2026, 4, 8), ["31", "2", "2026"])


def test_a_stored_date_fills_the_three_boxes():
    html = rendered(ListingForm(initial={"closes_on": date(2026, 4, 8)}))

    assert re.search(r'name="closes_on_day"[^>]*value="8"', html)
    assert re.search(r'name="closes_on_month"[^>]*value="4"', html)
    assert re.search(r'name="closes_on_year"[^>]*value="2026"', html)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("noon", time(12)),
        ("Midday", time(12)),
        ("midnight", time(23, 59)),
        ("5pm", time(17)),
        ("5 p.m.", time(17)),
        ("11.59pm", time(23, 59)),
        ("12am", time(0)),
        ("12:30pm", time(12, 30)),
        ("17:00", time(17)),
        ("", None),
    ],
)
def test_a_time_is_read_as_people_write_it(typed, meant):
    assert ClockField(required=False).clean(typed) == meant


@pytest.mark.parametrize("typed", ["5", "25:00", "13pm", "0am", "10:75", "teatime"])
def test_a_time_that_could_mean_two_things_is_asked_again(typed):
    with pytest.raises(ValidationError):
        ClockField().clean(typed)


# Sent once


class OnceForm(HubForm, forms.Form):
    """The smallest form that carries a mark."""

    text = forms.CharField(required=False)
    once = OnceField()


def test_a_form_carries_a_mark_and_gives_it_back():
    shown = OnceForm()["once"].value()

    form = OnceForm({"once": shown})

    assert form.is_valid()
    assert shown.startswith(form.cleaned_data["once"])


def test_two_forms_carry_different_marks():
    assert OnceForm()["once"].value() != OnceForm()["once"].value()


@pytest.mark.parametrize("mark", ["", "made-up", "made:up:mark"])
def test_a_mark_that_is_not_ours_is_refused_and_replaced(mark):
    form = OnceForm({"text": "typed", "once": mark})

    assert not form.is_valid()
    assert OnceForm({"once": form["once"].value()}).is_valid()
    assert form["text"].value() == "typed"


def test_a_mark_grows_old(time_machine):
    time_machine.move_to("2026-04-08 09:00+01:00")
    mark = OnceForm()["once"].value()

    time_machine.move_to("2026-04-09 09:01+01:00")

    form = OnceForm({"once": mark})
    assert form.errors["once"] == ["This page was open for a long time. Check what you wrote and send it again"]


@pytest.fixture
def mark():
    """One form's mark, clean of the forms of other runs."""
    form = OnceForm({"once": OnceForm()["once"].value()})
    assert form.is_valid()
    return form.cleaned_data["once"]


def test_the_same_form_sent_again_is_not_the_first(mark):
    with once(mark) as first:
        assert first
    with once(mark) as first:
        assert not first


def test_another_form_is_a_first_one(mark):
    with once(mark), once(f"{mark}-other") as first:
        assert first


def send_and_fail(mark):
    with once(mark):
        raise ValueError("the database is away")


def test_after_a_failure_the_form_may_be_sent_again(mark):
    with pytest.raises(ValueError, match="away"):
        send_and_fail(mark)

    with once(mark) as first:
        assert first


# Sets of forms


def test_a_set_of_forms_tells_of_every_form_in_it():
    class WayForm(HubForm, forms.Form):
        name = forms.CharField(label="Name")

    ways = forms.formset_factory(WayForm, min_num=1, validate_min=True)
    formset = ways({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-name": ""})

    found = problems(formset)

    assert [problem.target for problem in found] == ["", "id_form-0-name"]


def test_a_hidden_field_with_an_error_is_told_without_a_link():
    (problem,) = problems(OnceForm({"once": "made-up"}))

    assert problem.target == ""
