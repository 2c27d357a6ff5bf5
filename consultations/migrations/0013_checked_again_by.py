from django.db import migrations

# What families see already is checked for the first time once as much time has gone by as for a new listing. When
# somebody last looked at it is taken for the day it was published.
CONSULTATIONS = """
UPDATE consultations_consultation SET review_by = CURRENT_DATE + 91,
    checked_on = COALESCE(checked_on, (published_at AT TIME ZONE 'Europe/London')::date)
WHERE record = 'live' AND review_by IS NULL AND published_at IS NOT NULL AND archived_at IS NULL AND deleted_at IS NULL
"""
EVENTS = """
UPDATE consultations_event SET review_by = CURRENT_DATE + 91,
    checked_on = COALESCE(checked_on, (published_at AT TIME ZONE 'Europe/London')::date)
WHERE source_url = '' AND review_by IS NULL AND published_at IS NOT NULL AND archived_at IS NULL AND deleted_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("consultations", "0012_windows_by_triggers")]

    operations = [
        migrations.RunSQL(CONSULTATIONS, migrations.RunSQL.noop),
        migrations.RunSQL(EVENTS, migrations.RunSQL.noop),
    ]
