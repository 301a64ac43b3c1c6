"""Applications that waited for ever because somebody said so, not the room, go on doing so."""

from typing import Any

from django.db import migrations


def keep_endless(apps: Any, schema_editor: Any) -> None:
    """Open ones without an end, in rooms that have one: returned to the queue, or asked for by their senders."""
    endless = apps.get_model("micconnect", "SeatRequest").objects.filter(state="pending", expires_at=None)
    endless.exclude(room__request_timeout_s=0).update(timeout_s=0)


class Migration(migrations.Migration):

    dependencies = [("micconnect", "0007_life")]
    operations = [migrations.RunPython(keep_endless, migrations.RunPython.noop)]
