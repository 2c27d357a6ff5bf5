"""What a notice is about becomes a number: its reason knows the table, and a number is quicker to look up.

A notice that was given up counts as dropped, so that it is taken up again once
the address is mended; that the address is broken becomes a fault of its own.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

import notices.models

# What waited was "given up" with its own date; what was about a thing was "app.model:number".
CARRY_OVER = """
    UPDATE notices_notice SET about_id = split_part(about, ':', 2)::bigint;
    UPDATE notices_notice SET dropped_at = given_up_at, dropped_why = 'The address does not take our mail.'
    WHERE given_up_at IS NOT NULL;
    UPDATE notices_fault SET about_id = split_part(about, ':', 2)::bigint;
    DELETE FROM notices_fault AS again USING notices_fault AS first
    WHERE again.kind = 'given_up' AND first.kind = 'given_up' AND again.id > first.id
        AND again.recipient_hash = first.recipient_hash;
    UPDATE notices_fault AS fault SET kind = 'address', reason = '', about_id = NULL, address = COALESCE(
        (SELECT max(address) FROM notices_notice AS notice WHERE notice.recipient_hash = fault.recipient_hash), '')
    WHERE kind = 'given_up';
"""


class Migration(migrations.Migration):
    """From labels to numbers."""

    dependencies = [("notices", "0001_initial")]

    operations = [
        migrations.AddField(
            "step",
            "chain",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=notices.models.STAND_INS, max_length=10),
                blank=True,
                default=notices.models.usual_chain,
                size=None,
                verbose_name="who stands in, in this order",
            ),
        ),
        migrations.RemoveConstraint("notice", "notice_owed_once"),
        migrations.RemoveConstraint("notice", "notice_ends_once"),
        migrations.RemoveIndex("notice", "notice_about"),
        migrations.RemoveIndex("notice", "notice_waiting"),
        migrations.RemoveConstraint("fault", "fault_open_once"),
        migrations.AddField("notice", "about_id", models.BigIntegerField(null=True)),
        migrations.AddField("fault", "about_id", models.BigIntegerField(blank=True, null=True)),
        migrations.AddField("fault", "address", models.EmailField(blank=True, default="", max_length=254)),
        migrations.AddField("fault", "detail", models.CharField(blank=True, default="", max_length=80)),
        migrations.AlterField("fault", "reason", models.SlugField(blank=True, max_length=40)),
        migrations.RunSQL(CARRY_OVER, migrations.RunSQL.noop),
    ]
