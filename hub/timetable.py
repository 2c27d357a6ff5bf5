"""Everything that happens by the clock, in one place. Times are UK times.

What is due is data: each of these looks at what is true today and what has
been sent, so a run that was missed is made up by the next one. One that waited
in the queue until its next turn is dropped (`expires`): that turn does its work.
"""

from celery.schedules import crontab

TIMETABLE = {
    # Every minute: proves that the scheduler, the queue and a worker are alive (read by /health/ready).
    "heartbeat": {"task": "hub.health.heartbeat", "schedule": 60.0, "options": {"expires": 55}},
    # Five minutes past every hour, midnight included, when stages change: write down which messages are owed today.
    "owe-what-is-due": {
        "task": "notices.tasks.owe_what_is_due",
        "schedule": crontab(minute=5),
        "options": {"expires": 55 * 60},
    },
    # Every five minutes: look for what families are told at once, make up each digest whose morning has come, and send
    # what waits. Each message says itself from when it may go.
    "send-what-is-owed": {
        "task": "notices.tasks.send_what_is_owed",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 4 * 60},
    },
    # Twenty past every hour: forget the addresses that somebody typed a week ago and nobody confirmed.
    "forget-unconfirmed": {
        "task": "notices.tasks.forget_unconfirmed",
        "schedule": crontab(minute=20),
        "options": {"expires": 55 * 60},
    },
    # Every quarter of an hour: publish what was approved for a moment that has come.
    "publish-due": {
        "task": "consultations.tasks.publish_due",
        "schedule": crontab(minute="*/15"),
        "options": {"expires": 14 * 60},
    },
    # Every ten minutes: read what mail servers say of mail that did not arrive, where they have a mailbox to say it in.
    "read-bounces": {
        "task": "notices.tasks.read_bounces",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 9 * 60},
    },
    # Every night: let go of what was kept about people long enough (settings.KEEP_DAYS).
    "let-go": {
        "task": "core.tasks.let_go",
        "schedule": crontab(hour=3, minute=40),
        "options": {"expires": 55 * 60},
    },
    # Every night: try some of the links to other sites that pages show, those first that failed the night before.
    "check-links": {
        "task": "core.tasks.check_links",
        "schedule": crontab(hour=2, minute=15),
        "options": {"expires": 55 * 60},
    },
    # Early every morning: fill up what is suggested to forums in this quarter, before the reminders of the day go out.
    "suggest-parent-checks": {
        "task": "feedback.tasks.suggest_parent_checks",
        "schedule": crontab(hour=5, minute=30),
        "options": {"expires": 55 * 60},
    },
    # Every night: read the feeds that councils have already.
    "read-sources": {
        "task": "consultations.tasks.read_sources",
        "schedule": crontab(hour=4, minute=10),
        "options": {"expires": 55 * 60},
    },
}
