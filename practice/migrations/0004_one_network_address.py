"""One address is in the network once. Until now only the form saw to that."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practice", "0003_stories_and_network")]

    operations = [
        migrations.AddConstraint(
            model_name="networkperson",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("left_on", None)),
                name="network_once",
            ),
        ),
    ]
