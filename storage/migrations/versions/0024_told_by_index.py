"""What a transaction wrote is told of by index, however much it wrote.

A session keeps the plans of these functions' statements from when they were first asked. On a young hub
that is when the tables are all but empty, where to read a table through is the cheapest; and what one
transaction writes nobody counts before it has ended. An import of twenty thousand events read all told of
so far for each of them.

Of what `convoke_is_ours` asks, only one of the four is prepared for each call.
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

NOTE = "function convoke_note_in_feeds(text, text, boolean)"
# One plan for all: what it costs says nothing of what it would cost without an index.
PLANNED = {"enable_seqscan": "off", "plan_cache_mode": "force_generic_plan"}
KINDS = ("organizations", "groups", "events", "alliances")
BEGIN = """
create or replace function convoke_is_ours(of_kind text, thing text) returns boolean
language plpgsql stable as $$
begin
"""
IS_OURS = (
    "exists (select from {0} t join hubs h on h.id = t.hub_id where t.id = thing and h.is_local)"
)


def upgrade() -> None:
    each = "".join(f"when '{kind}' then return {IS_OURS.format(kind)};\n" for kind in KINDS)
    op.execute(f"{BEGIN} case of_kind\n{each} else return false;\n end case;\nend $$")
    for setting, value in PLANNED.items():
        op.execute(f"alter {NOTE} set {setting} to {value}")


def downgrade() -> None:
    for setting in PLANNED:
        op.execute(f"alter {NOTE} reset {setting}")
    each = "".join(f"when '{kind}' then {IS_OURS.format(kind)}\n" for kind in KINDS)
    op.execute(f"{BEGIN} return case of_kind\n{each} else false end;\nend $$")
