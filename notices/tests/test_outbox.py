"""The folder that mail goes to when no mail server is set."""

import email
import re
import stat
from email.policy import default

import pytest
from django.core.mail import EmailMessage, get_connection

from notices import post
from notices.models import Mail, Notice
from notices.outbox import OutboxNotWritable
from notices.tests.conftest import MONDAY, run, topic


@pytest.fixture
def outbox(settings, tmp_path):
    """An outbox of this test's own."""
    settings.EMAIL_BACKEND = "notices.outbox.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "outbox")
    return tmp_path / "outbox"


def test_each_message_is_one_file_that_only_its_owner_reads(outbox):
    message = EmailMessage("Hello", "Text", "from@example.org", ["to@example.org"])

    assert get_connection().send_messages([message, message]) == 2

    files = list(outbox.iterdir())
    assert len(files) == 2
    assert {file.suffix for file in files} == {".eml"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert email.message_from_bytes(files[0].read_bytes(), policy=default)["Subject"] == "Hello"


def test_the_same_message_twice_is_one_file(outbox):
    message = EmailMessage("Hello", "Text", "from@example.org", ["to@example.org"], headers={"Message-ID": "<1@hub>"})

    get_connection().send_messages([message])
    get_connection().send_messages([message])

    assert [file.name for file in outbox.iterdir()] == ["1@hub.eml"]


def test_a_message_id_cannot_lead_out_of_the_folder(outbox):
    message = EmailMessage("Hello", "Text", "a@example.org", ["b@example.org"], headers={"Message-ID": "<../../x@hub>"})

    get_connection().send_messages([message])

    assert [file.parent for file in outbox.parent.rglob("*.eml")] == [outbox]


def test_a_full_outbox_loses_nothing(outbox, look_again):
    outbox.parent.mkdir(exist_ok=True)
    outbox.write_text("in the way")
    with pytest.raises(OutboxNotWritable):
        get_connection().send_messages([EmailMessage("Hello", "Text", "from@example.org", ["to@example.org"])])
    topic("a", "owner@example.org")

    for _each in range(post.TRIES + 2):
        assert run().server_away
    outbox.unlink()
    run()

    assert Notice.objects.sent().count() == 1
    assert (outbox / f"{Mail.objects.get().pk}@localhost.eml").exists()


def test_a_reminder_arrives_as_text_and_html(outbox, look_again):
    topic("a", "owner@example.org", on=MONDAY)
    run()

    (file,) = outbox.iterdir()
    message = email.message_from_bytes(file.read_bytes(), policy=default)
    assert message.get_body(("plain",)).get_content().startswith("What you owe families")
    assert re.search(r"<h1>\s*What you owe families\s*</h1>", message.get_body(("html",)).get_content())
