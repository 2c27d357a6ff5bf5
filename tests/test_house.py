"""The rules of the house that no one file can hold."""

import ast
import re
from pathlib import Path

import pytest
import rules
from django.apps import apps
from django.conf import settings

from consultations.stages import FINDER_ORDER, Stage
from consultations.tests.factories import ConsultationFactory
from core.permissions import Permission

ROOT = Path(settings.BASE_DIR)
FLOORS = ("core", "notices", "accounts", "consultations", "feedback", "practice", "standards", "hub")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PYTHON = sorted(path for floor in (*FLOORS, "tests") for path in (ROOT / floor).rglob("*.py"))
WRITTEN = sorted(
    path
    for folder in (*FLOORS, "tests", "templates", "script", "docs", "assets/scss", "assets/js", ".ci")
    for path in (ROOT / folder).rglob("*")
    if path.is_file() and path.suffix in {"", ".py", ".html", ".txt", ".md", ".yaml", ".scss", ".js", ".sh"}
) + sorted(path for path in ROOT.iterdir() if path.suffix in {".py", ".md", ".in", ".txt", ".ini", ".toml"})


def models():
    """Every model of ours that is not a history."""
    for floor in FLOORS:
        for model in apps.get_app_config(floor).get_models(include_auto_created=False):
            if not hasattr(model, "pgh_tracked_model"):
                yield model


# 1. Stages


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_has_a_label_a_place_in_the_finder_a_colour_and_a_factory_trait(stage):
    assert stage.label
    assert stage in FINDER_ORDER
    assert f".stage-{stage.value}" in (ROOT / "static" / "hub.css").read_text()
    assert stage.value in ConsultationFactory._meta.parameters


# 2. Permissions


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_has_a_rule_and_a_table_of_who_may(permission):
    assert rules.perm_exists(permission)
    tables = [path.read_text() for floor in FLOORS for path in (ROOT / floor).rglob("tests/test_rules.py")]
    assert any(f"Permission.{permission.name}" in table for table in tables)


def test_no_permission_is_a_string_of_its_own():
    """A misspelt name would be a permission that nobody holds."""
    for path in PYTHON:
        if "tests" not in path.parts:
            for asked in re.findall(r"has_perm\(([^,)]+)", path.read_text()):
                assert not asked.strip().startswith(("'", '"')), path


# 3. The house itself


def floor_of(model) -> int:
    """How high a model stands."""
    return FLOORS.index(model._meta.app_label)


@pytest.mark.parametrize("model", list(models()), ids=lambda model: model._meta.label)
def test_a_lower_floor_does_not_see_an_upper_one(model):
    for field in model._meta.get_fields(include_hidden=True):
        other = getattr(field, "related_model", None)
        own = field.concrete and other is not None and not isinstance(other, str)
        if not own or other._meta.app_label not in FLOORS:
            continue
        assert floor_of(other) <= floor_of(model), f"{field} points up"
        if floor_of(other) < floor_of(model):
            assert field.remote_field.hidden, f"{field} has a reverse name: related_name must be '+'"


@pytest.mark.parametrize("model", list(models()), ids=lambda model: model._meta.label)
def test_no_status_and_no_stage_is_stored(model):
    assert not {"status", "stage", "state_now"} & {field.name for field in model._meta.get_fields()}


def imported(path: Path) -> set[str]:
    """What a file imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
    return names


@pytest.mark.parametrize("floor", FLOORS)
def test_imports_point_down_only_in_tests_too(floor):
    above = FLOORS[FLOORS.index(floor) + 1 :]
    for path in (ROOT / floor).rglob("*.py"):
        for name in imported(path):
            assert name.split(".")[0] not in above, f"{path.relative_to(ROOT)} imports {name}"


def test_settings_are_never_imported_from_their_file():
    for path in PYTHON:
        assert "hub.settings" not in imported(path), path


def test_nothing_asks_the_clock_behind_our_back():
    for path in PYTHON:
        if "tests" in path.parts or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                called = f"{ast.unparse(node.func.value)}.{node.func.attr}"
                assert called not in ("date.today", "datetime.now", "datetime.utcnow", "datetime.today"), path


def test_no_test_reckons_its_days_when_it_is_listed():
    """A run that begins before midnight would try cases of the day before."""
    early = []
    for path in PYTHON:
        if "tests" not in path.parts:
            continue
        tree = ast.parse(path.read_text())
        for case in (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)):
            for listed in case.decorator_list:
                later = {inner for each in ast.walk(listed) if isinstance(each, ast.Lambda) for inner in ast.walk(each)}
                calls = (each for each in ast.walk(listed) if isinstance(each, ast.Call) and each not in later)
                early += [f"{path.name}: {case.name}" for each in calls if ast.unparse(each.func) in ("days", "today")]

    assert early == []


def test_no_date_is_compared_with_today_outside_the_timeline():
    """Stages are read from one table; a filter on a stage's own dates would be a second one."""
    fields = "opens_on|closes_on|response_due_on|answer_owed_from|withdrawn_on|next_report_on"
    dates = rf"({fields})__(lt|lte|gt|gte)=\s*(today|day|on)\b"
    # What joins the promise on a day is not a stage; and what we are measured against is not the hub.
    allowed = {"consultations/actions.py", "hub/bench/bare.py"}
    for path in PYTHON:
        name = path.relative_to(ROOT).as_posix()
        if "/tests/" not in name and not name.startswith("tests/") and name not in allowed:
            assert not re.search(dates, path.read_text()), name


def test_only_markdown_and_linked_data_call_text_safe():
    for path in PYTHON:
        # Each escapes what it marks: one by nh3, the other by writing it as JSON.
        if path.name not in ("markdown.py", "linked_data.py") and "tests" not in path.parts:
            assert "mark_safe" not in path.read_text(), path
            assert "SafeString(" not in path.read_text(), path


# 4. Templates


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_template_is_escaped_and_has_nothing_inline(path):
    text = path.read_text()

    assert not re.search(r"\|\s*safe\b|\|\s*safeseq\b|autoescape off", text)
    mail = "emails" in path.parts or "mail" in path.name or "mails" in path.parts
    if not mail:  # mail programs read no style sheet
        assert "<style" not in text
        assert not re.search(r"<[a-z][^>]*\sstyle=", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<[a-z][^>]*\son[a-z]+=", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_template_begins_by_saying_what_it_is(path):
    assert path.read_text().lstrip().startswith("{#")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_every_word_on_a_page_can_be_translated(path):
    text = path.read_text()
    for taken in (
        r"\{#.*?#\}",
        r"\{% comment %\}.*?\{% endcomment %\}",
        r"\{% blocktranslate.*?\{% endblocktranslate %\}",
        r"<svg.*?</svg>",
        r"<!--.*?-->",
        r"\{%.*?%\}",
        r"\{\{.*?\}\}",
        r"<style.*?</style>",
        r"<[^>]*>",
        r"&\w+;",
        r"\b[\w-]+(\.[\w-]+)+(/\S*)?",  # an address, as it is typed
    ):
        text = re.sub(taken, " ", text, flags=re.DOTALL)
    words = re.findall(r"[A-Za-z]{2,}", text)

    assert not words, f"Not in gettext: {words}"


# 5. Nothing of the machine it was made on


def test_no_file_names_a_path_of_somebodys_machine():
    forbidden = re.compile("/" + r"work/|/" + r"home/\w+|/" + r"root/|\.lib" + "rary")
    for path in WRITTEN:
        if "node_modules" in path.parts or "data" in path.parts:
            continue
        found = forbidden.search(path.read_text(errors="ignore"))
        assert not found, f"{path.relative_to(ROOT)} names {found.group()}"


def test_public_words_are_not_mixed_up():
    """The council gives the answer and families give views (DESIGN section 2)."""
    never = re.compile(
        r"\b(stakeholder|hard to reach|engagement activit|ways to respond|your response|have responded)", re.I
    )
    for path in TEMPLATES:
        assert not never.search(path.read_text()), path


def test_every_file_is_named_for_its_job():
    jobs = {
        "helpers.py",
        "utils.py",
        "util.py",
        "managers.py",
        "services.py",
        "selectors.py",
        "signals.py",
        "common.py",
    }

    assert [path for path in PYTHON if path.name in jobs] == []


@pytest.mark.parametrize("floor", FLOORS)
def test_public_classes_and_functions_say_what_they_are(floor):
    silent = []
    for path in (ROOT / floor).rglob("*.py"):
        if {"migrations", "tests"} & set(path.parts):
            continue
        for node in ast.parse(path.read_text()).body:
            kinds = (ast.ClassDef, ast.FunctionDef)
            if isinstance(node, kinds) and not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}: {node.name}")

    assert not silent


# 9. What a history may keep


@pytest.mark.parametrize(
    "model",
    [
        each
        for floor in FLOORS
        for each in apps.get_app_config(floor).get_models()
        if hasattr(each, "pgh_tracked_model")
    ],
    ids=lambda model: model._meta.label,
)
def test_no_history_keeps_an_address_or_a_quote(model):
    personal = re.compile(r"phone|email|mailbox|quote|^contact$|_contact$")

    assert not [field.name for field in model._meta.get_fields() if personal.search(field.name)]
