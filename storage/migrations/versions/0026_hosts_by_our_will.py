"""That an organization of ours has a place on an event of another hub is believed where somebody here
took it, as with alliances. What peers were believed so far stays believed."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("joined_elsewhere", "alliance_id", new_column_name="thing_id")
    op.execute(
        sa.text(
            """
            insert into joined_elsewhere (thing_id, organization_id, at)
            select host.event_id, host.organization_id, coalesce(host.responded_at, host.created_at)
            from event_hosts host
            join events event on event.id = host.event_id
            join hubs theirs on theirs.id = event.hub_id and not theirs.is_local
            join organizations organization on organization.id = host.organization_id
            join hubs home on home.id = organization.hub_id and home.is_local
            where host.status in ('REQUESTED', 'ACCEPTED')
            on conflict do nothing
            """
        )
    )


def downgrade() -> None:
    op.execute(
        sa.text(
            "delete from joined_elsewhere joined using events event where event.id = joined.thing_id"
        )
    )
    op.execute(
        sa.text(
            "delete from joined_elsewhere joined using event_hosts host where host.id = joined.thing_id"
        )
    )
    op.alter_column("joined_elsewhere", "thing_id", new_column_name="alliance_id")
