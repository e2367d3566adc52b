"""What every answer is written with: moments by a zone's clock, and the places of rows in lists.

As functions of one expression, which PostgreSQL puts into the statement itself: they cost nothing
more than what they say, and statements stay short enough to be read and kept.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# With the offset that the zone has then. Before 1972 some countries' clocks were minutes and
# seconds apart from Greenwich, which RFC 3339 cannot say: what was then is told in UTC.
# `schema.scalars.in_whole_minutes` is the twin. A timestamp as text is ISO 8601 but for the T.
MOMENT = """
create function convoke_moment(at timestamptz, zone text) returns text
language sql stable parallel safe
return case
  when zone = 'UTC' or at < timestamptz '1972-02-01T00:00:00+00:00' then to_json(at)::text
  when (at at time zone zone) >= (at at time zone 'UTC') then format(
    '"%s+%s"', replace((at at time zone zone)::text, ' ', 'T'),
    to_char((at at time zone zone) - (at at time zone 'UTC'), 'HH24:MI'))
  when at is not null then format(
    '"%s-%s"', replace((at at time zone zone)::text, ' ', 'T'),
    to_char((at at time zone 'UTC') - (at at time zone zone), 'HH24:MI'))
end
"""

# base64url without padding (RFC 4648 s5).
CURSOR = """
create function convoke_cursor(place text) returns text
language sql stable parallel safe
return rtrim(translate(encode(convert_to(place, 'UTF8'), 'base64'), E'+/\\n', '-_'), '=')
"""


def upgrade() -> None:
    op.execute(MOMENT)
    op.execute(CURSOR)


def downgrade() -> None:
    op.execute("drop function convoke_cursor")
    op.execute("drop function convoke_moment")
