from django.db import migrations

# A report is owed by what stays open, asks for views, and belongs to a body that joined the promise, or to one below
# such a body (DESIGN rules 2 and 4). Until now everything without a closing day was given the day of one.
CLEAR = """
    UPDATE consultations_consultation AS asked SET next_report_on = NULL
    WHERE next_report_on IS NOT NULL AND (
        record <> 'live' OR level = 'information' OR opens_on IS NULL OR closes_on IS NOT NULL
        OR NOT EXISTS (
            SELECT 1 FROM accounts_organisation AS asks
            JOIN accounts_organisation AS above
                ON above.id = ANY (string_to_array(rtrim(asks.path, '.'), '.')::bigint[])
            WHERE asks.id = asked.organisation_id
                AND above.promise_accepted_on IS NOT NULL AND above.promise_left_on IS NULL
        )
    )
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("consultations", "0002_owing_by_when_it_is_over"),
    ]

    operations = [migrations.RunSQL(CLEAR, migrations.RunSQL.noop)]
