"""What the staff decided about a person moves from the time on a seat to the person."""

from typing import Any

from django.db import migrations, models
from django.db.models import Case, Count, F, Q, Value, When

DEVICES = ("microphone", "camera", "screen")
DURATIONS = {"gte": 10, "lte": 14400}


def in_range(field: str) -> Any:
    within = Q(**{f"{field}__{end}": value for end, value in DURATIONS.items()})
    return migrations.AddConstraint(
        model_name="member",
        constraint=models.CheckConstraint(condition=within | Q(**{field: 0}), name=f"member_{field}_in_range"),
    )


def move_to_members(apps: Any, schema_editor: Any) -> None:
    """Locks, refusals and returns of shows that are on; past times on a seat only lose the word `locked`."""
    Connection, SeatRequest, Member = (apps.get_model("micconnect", n) for n in ("Connection", "SeatRequest", "Member"))

    def remember(row: Any, **fields: Any) -> None:
        known = {"room_id": row["room_id"], "user_id": row["user_id"]}
        Member.objects.update_or_create(**known, defaults=fields, create_defaults={"user_name": row["user_name"], **fields})

    people = ("room_id", "user_id", "user_name")
    for device in DEVICES:
        locked = Connection.objects.filter(**{device: "locked"})
        for row in locked.exclude(state="ended").values(*people):
            remember(row, **{f"is_{device}_locked": True})
    # in one statement: PostgreSQL checks a row that changed twice at the end, and alters no table before
    closed = {device: Case(When(**{device: "locked"}, then=Value("closed")), default=F(device)) for device in DEVICES}
    Connection.objects.filter(Q(microphone="locked") | Q(camera="locked") | Q(screen="locked")).update(**closed)
    asked = SeatRequest.objects.filter(kind="application").exclude(room__status="ended").order_by()
    for row in asked.filter(state="pending", is_held=True).values(*people):
        remember(row, is_held=True)
    rejected = asked.filter(state="rejected").values("room_id", "user_id")
    for row in rejected.annotate(refusals=Count("id"), user_name=models.Max("user_name")):
        remember(row, refusals=row["refusals"])


class Migration(migrations.Migration):

    dependencies = [
        ("micconnect", "0003_processes"),
    ]

    operations = [
        *(
            migrations.AddField(model_name="member", name=name, field=models.BooleanField(default=False))
            for name in (*(f"is_{device}_locked" for device in DEVICES), "is_backstage", "is_held")
        ),
        *(
            migrations.AddField(model_name="member", name=name, field=models.PositiveIntegerField(default=0))
            for name in ("limit_s", "left_s", "refusals")
        ),
        migrations.AddField(
            model_name="member", name="can_apply_at", field=models.DateTimeField(blank=True, null=True)
        ),
        in_range("limit_s"),
        in_range("left_s"),
        migrations.RunPython(move_to_members, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.CheckConstraint(
                condition=~Q(microphone="locked") & ~Q(camera="locked") & ~Q(screen="locked"),
                name="connection_locks_are_the_members",
            ),
        ),
    ]
