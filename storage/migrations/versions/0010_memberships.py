"""Until when an answer is awaited, and by whom a member was set aside.

Invitations and requests from before have thirty days from now on, as new ones do. Whoever was set
aside before was so by the alliance: nothing else did it then.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        'alter table alliance_members add expires_at timestamptz, add suspended_by text collate "C"'
    )
    op.execute(
        "update alliance_members set expires_at = now() + interval '30 days'"
        " where status in ('INVITED', 'REQUESTED', 'PENDING_AGREEMENT')"
    )
    op.execute("update alliance_members set suspended_by = 'ALLIANCE' where status = 'SUSPENDED'")
    op.execute(
        "create index alliance_members_expiring_ix on alliance_members (expires_at)"
        " where expires_at is not null"
    )


def downgrade() -> None:
    op.execute("drop index alliance_members_expiring_ix")
    op.execute("alter table alliance_members drop expires_at, drop suspended_by")
