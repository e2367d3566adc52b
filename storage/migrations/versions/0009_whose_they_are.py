"""Beside each event and group, how visible the organization is whose it is.

Who sees the owner decides who sees what it owns, and is asked of every row that a list goes by: a
look at another table for each of them was a tenth of what a list costs. Triggers keep it, so that
no writer can forget.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OWNED = ("events", "groups")
# FOR SHARE: the organization does not change between this look at it and the end of the writer's
# transaction, so that whoever changes it then finds the row and changes it too.
OF_OWNED = """
create function convoke_visibility_of_owner() returns trigger language plpgsql as $$
begin
  select o.visibility into new.owner_visibility
    from organizations o where o.id = new.organization_id for share;
  return new;
end $$
"""
OF_OWNER = """
create function convoke_visibility_to_owned() returns trigger language plpgsql as $$
begin
  update events set owner_visibility = new.visibility where organization_id = new.id;
  update groups set owner_visibility = new.visibility where organization_id = new.id;
  return null;
end $$
"""


def upgrade() -> None:
    op.execute(OF_OWNED)
    op.execute(OF_OWNER)
    for table in OWNED:
        op.execute(f'alter table {table} add owner_visibility text collate "C"')
        op.execute(
            f"update {table} set owner_visibility = o.visibility"  # noqa: S608 - names of ours
            f" from organizations o where o.id = {table}.organization_id"
        )
        op.execute(f"alter table {table} alter owner_visibility set not null")
        op.execute(
            f"create trigger {table}_owner before insert or update of organization_id on {table}"
            " for each row execute function convoke_visibility_of_owner()"
        )
    op.execute(
        "create trigger organizations_owned after update of visibility on organizations"
        " for each row when (old.visibility is distinct from new.visibility)"
        " execute function convoke_visibility_to_owned()"
    )


def downgrade() -> None:
    op.execute("drop trigger organizations_owned on organizations")
    for table in OWNED:
        op.execute(f"drop trigger {table}_owner on {table}")
        op.execute(f"alter table {table} drop owner_visibility")
    op.execute("drop function convoke_visibility_to_owned")
    op.execute("drop function convoke_visibility_of_owner")
