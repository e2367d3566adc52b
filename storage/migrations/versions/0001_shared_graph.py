"""The tables of the shared graph, as `storage.tables` had them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text(collation="C"), nullable=False),
        sa.Column("subject_id", sa.Text(collation="C"), nullable=True),
        sa.Column("person_id", sa.Text(collation="C"), nullable=True),
        sa.Column("organization_id", sa.Text(collation="C"), nullable=True),
        sa.Column("client_id", sa.Text(collation="C"), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_entries_pkey")),
    )
    op.create_index(
        op.f("audit_entries_organization_id_at_ix"),
        "audit_entries",
        ["organization_id", "at"],
        unique=False,
    )
    op.create_index(
        op.f("audit_entries_subject_id_at_ix"), "audit_entries", ["subject_id", "at"], unique=False
    )
    op.create_table(
        "hubs",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("authority", sa.Text(collation="C"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("software", sa.Text(), nullable=False),
        sa.Column("is_local", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("hubs_pkey")),
        sa.UniqueConstraint("authority", name=op.f("hubs_authority_key")),
    )
    op.create_index(
        "hubs_one_local_ix", "hubs", ["is_local"], unique=True, postgresql_where=sa.text("is_local")
    )
    op.create_table(
        "persons",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("preferred_language", sa.Text(), nullable=True),
        sa.Column("contact_name", sa.Text(), nullable=True),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.Column("contact_telephone", sa.Text(), nullable=True),
        sa.Column("contact_url", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("persons_pkey")),
    )
    op.create_table(
        "organizations",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("hub_id", sa.Text(collation="C"), nullable=False),
        sa.Column("visibility", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("translations", JSONB(), server_default="{}", nullable=False),
        sa.Column("search", TSVECTOR(), server_default="", nullable=False),
        sa.Column("causes", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("logo_url", sa.Text(), nullable=True),
        sa.Column("logo_alternative_text", sa.Text(), nullable=True),
        sa.Column("languages", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("is_verified", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("place_name", sa.Text(), nullable=True),
        sa.Column("place_street_address", sa.Text(), nullable=True),
        sa.Column("place_locality", sa.Text(), nullable=True),
        sa.Column("place_region", sa.Text(), nullable=True),
        sa.Column("place_postal_code", sa.Text(), nullable=True),
        sa.Column("place_country", sa.Text(), nullable=True),
        sa.Column("place_latitude", sa.Float(), nullable=True),
        sa.Column("place_longitude", sa.Float(), nullable=True),
        sa.Column("place_precision", sa.Text(collation="C"), nullable=True),
        sa.Column("geo_cell", sa.Integer(), nullable=True),
        sa.Column("contact_name", sa.Text(), nullable=True),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.Column("contact_telephone", sa.Text(), nullable=True),
        sa.Column("contact_url", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("organizations_hub_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("organizations_pkey")),
        sa.UniqueConstraint("hub_id", "slug", name=op.f("organizations_hub_id_slug_key")),
    )
    op.create_index("organizations_by_name_ix", "organizations", ["name", "id"], unique=False)
    op.create_index(
        op.f("organizations_causes_ix"),
        "organizations",
        ["causes"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(op.f("organizations_geo_cell_ix"), "organizations", ["geo_cell"], unique=False)
    op.create_index(
        op.f("organizations_search_ix"),
        "organizations",
        ["search"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "alliances",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("hub_id", sa.Text(collation="C"), nullable=False),
        sa.Column("visibility", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("translations", JSONB(), server_default="{}", nullable=False),
        sa.Column("search", TSVECTOR(), server_default="", nullable=False),
        sa.Column("causes", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("convener_id", sa.Text(collation="C"), nullable=False),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("join_policy", sa.Text(collation="C"), nullable=False),
        sa.Column("decision_rule", sa.Text(collation="C"), nullable=False),
        sa.Column("default_event_visibility", sa.Text(collation="C"), nullable=False),
        sa.Column("member_editing", sa.Text(collation="C"), nullable=False),
        sa.Column("attendee_sharing", sa.Text(collation="C"), nullable=False),
        sa.Column("review_at", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["convener_id"], ["organizations.id"], name=op.f("alliances_convener_id_fkey")
        ),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("alliances_hub_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("alliances_pkey")),
        sa.UniqueConstraint("hub_id", "slug", name=op.f("alliances_hub_id_slug_key")),
    )
    op.create_index("alliances_by_name_ix", "alliances", ["name", "id"], unique=False)
    op.create_index(
        op.f("alliances_causes_ix"), "alliances", ["causes"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        op.f("alliances_search_ix"), "alliances", ["search"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "groups",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("hub_id", sa.Text(collation="C"), nullable=False),
        sa.Column("visibility", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("translations", JSONB(), server_default="{}", nullable=False),
        sa.Column("search", TSVECTOR(), server_default="", nullable=False),
        sa.Column("causes", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("organization_id", sa.Text(collation="C"), nullable=False),
        sa.Column("parent_id", sa.Text(collation="C"), nullable=True),
        sa.Column("slug", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("join_policy", sa.Text(collation="C"), nullable=False),
        sa.Column("links", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("place_name", sa.Text(), nullable=True),
        sa.Column("place_street_address", sa.Text(), nullable=True),
        sa.Column("place_locality", sa.Text(), nullable=True),
        sa.Column("place_region", sa.Text(), nullable=True),
        sa.Column("place_postal_code", sa.Text(), nullable=True),
        sa.Column("place_country", sa.Text(), nullable=True),
        sa.Column("place_latitude", sa.Float(), nullable=True),
        sa.Column("place_longitude", sa.Float(), nullable=True),
        sa.Column("place_precision", sa.Text(collation="C"), nullable=True),
        sa.Column("geo_cell", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("groups_hub_id_fkey")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("groups_organization_id_fkey")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["groups.id"], name=op.f("groups_parent_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("groups_pkey")),
        sa.UniqueConstraint(
            "organization_id", "slug", name=op.f("groups_organization_id_slug_key")
        ),
    )
    op.create_index("groups_by_name_ix", "groups", ["name", "id"], unique=False)
    op.create_index(
        op.f("groups_causes_ix"), "groups", ["causes"], unique=False, postgresql_using="gin"
    )
    op.create_index(op.f("groups_geo_cell_ix"), "groups", ["geo_cell"], unique=False)
    op.create_index(op.f("groups_parent_id_ix"), "groups", ["parent_id"], unique=False)
    op.create_index(
        op.f("groups_search_ix"), "groups", ["search"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "identifiers",
        sa.Column("organization_id", sa.Text(collation="C"), nullable=False),
        sa.Column("system", sa.Text(collation="C"), nullable=False),
        sa.Column("value", sa.Text(collation="C"), nullable=False),
        sa.Column("subject_id", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("identifiers_organization_id_fkey")
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "system", "value", name=op.f("identifiers_pkey")
        ),
    )
    op.create_index(op.f("identifiers_subject_id_ix"), "identifiers", ["subject_id"], unique=False)
    op.create_table(
        "import_sources",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("organization_id", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("checksum", sa.Text(), nullable=True),
        sa.Column("last_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("import_sources_organization_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("import_sources_pkey")),
        sa.UniqueConstraint(
            "organization_id",
            "kind",
            "location",
            name=op.f("import_sources_organization_id_kind_location_key"),
        ),
    )
    op.create_table(
        "team_members",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("organization_id", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("role", sa.Text(collation="C"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("team_members_organization_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("team_members_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("team_members_pkey")),
        sa.UniqueConstraint(
            "organization_id", "person_id", name=op.f("team_members_organization_id_person_id_key")
        ),
    )
    op.create_index(op.f("team_members_person_id_ix"), "team_members", ["person_id"], unique=False)
    op.create_table(
        "agreements",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("alliance_id", sa.Text(collation="C"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("translations", JSONB(), server_default="{}", nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("active_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliances.id"], name=op.f("agreements_alliance_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("agreements_pkey")),
        sa.UniqueConstraint(
            "alliance_id",
            "title",
            "version_number",
            name=op.f("agreements_alliance_id_title_version_number_key"),
        ),
    )
    op.create_table(
        "alliance_members",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("alliance_id", sa.Text(collation="C"), nullable=False),
        sa.Column("organization_id", sa.Text(collation="C"), nullable=False),
        sa.Column("role", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("initiated_by", sa.Text(collation="C"), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliances.id"], name=op.f("alliance_members_alliance_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("alliance_members_organization_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("alliance_members_pkey")),
    )
    op.create_index(
        op.f("alliance_members_alliance_id_status_ix"),
        "alliance_members",
        ["alliance_id", "status"],
        unique=False,
    )
    op.create_index(
        "alliance_members_one_under_way_ix",
        "alliance_members",
        ["organization_id", "alliance_id"],
        unique=True,
        postgresql_where=sa.text(
            "status in ('INVITED','REQUESTED','PENDING_AGREEMENT','ACTIVE','SUSPENDED')"
        ),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("hub_id", sa.Text(collation="C"), nullable=False),
        sa.Column("visibility", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("translations", JSONB(), server_default="{}", nullable=False),
        sa.Column("search", TSVECTOR(), server_default="", nullable=False),
        sa.Column("causes", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("organization_id", sa.Text(collation="C"), nullable=False),
        sa.Column("group_id", sa.Text(collation="C"), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("all_day", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("rrule", sa.Text(), nullable=True),
        sa.Column(
            "recurrence_dates",
            sa.ARRAY(sa.DateTime(timezone=True)),
            server_default="{}",
            nullable=False,
        ),
        sa.Column(
            "recurrence_exceptions",
            sa.ARRAY(sa.DateTime(timezone=True)),
            server_default="{}",
            nullable=False,
        ),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("publication_status", sa.Text(collation="C"), nullable=False),
        sa.Column("attendance_mode", sa.Text(collation="C"), nullable=False),
        sa.Column("online_url", sa.Text(), nullable=True),
        sa.Column("accessibility_status", sa.Text(collation="C"), nullable=True),
        sa.Column("accessibility_notes", sa.Text(), nullable=True),
        sa.Column(
            "accessibility_features", sa.ARRAY(sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("image_url", sa.Text(), nullable=True),
        sa.Column("image_alternative_text", sa.Text(), nullable=True),
        sa.Column("languages", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("is_free", sa.Boolean(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("join_mode", sa.Text(collation="C"), nullable=False),
        sa.Column("registration_url", sa.Text(), nullable=True),
        sa.Column("replaced_by_id", sa.Text(collation="C"), nullable=True),
        sa.Column("place_name", sa.Text(), nullable=True),
        sa.Column("place_street_address", sa.Text(), nullable=True),
        sa.Column("place_locality", sa.Text(), nullable=True),
        sa.Column("place_region", sa.Text(), nullable=True),
        sa.Column("place_postal_code", sa.Text(), nullable=True),
        sa.Column("place_country", sa.Text(), nullable=True),
        sa.Column("place_latitude", sa.Float(), nullable=True),
        sa.Column("place_longitude", sa.Float(), nullable=True),
        sa.Column("place_precision", sa.Text(collation="C"), nullable=True),
        sa.Column("geo_cell", sa.Integer(), nullable=True),
        sa.Column("contact_name", sa.Text(), nullable=True),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.Column("contact_telephone", sa.Text(), nullable=True),
        sa.Column("contact_url", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "ends_at is null or ends_at > starts_at", name=op.f("events_ends_after_it_starts_check")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("events_group_id_fkey")),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name=op.f("events_hub_id_fkey")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("events_organization_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["events.id"], name=op.f("events_replaced_by_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("events_pkey")),
    )
    op.create_index("events_by_start_ix", "events", ["starts_at", "id"], unique=False)
    op.create_index("events_by_update_ix", "events", ["updated_at", "id"], unique=False)
    op.create_index(
        op.f("events_causes_ix"), "events", ["causes"], unique=False, postgresql_using="gin"
    )
    op.create_index("events_near_ix", "events", ["geo_cell", "starts_at", "id"], unique=False)
    op.create_index("events_of_group_ix", "events", ["group_id", "starts_at", "id"], unique=False)
    op.create_index(
        "events_of_organization_ix", "events", ["organization_id", "starts_at", "id"], unique=False
    )
    op.create_index(
        "events_recurring_ix",
        "events",
        ["over_at"],
        unique=False,
        postgresql_where=sa.text("rrule is not null"),
    )
    op.create_index(
        op.f("events_search_ix"), "events", ["search"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "group_members",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("group_id", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("role", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("group_members_group_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("group_members_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("group_members_pkey")),
    )
    op.create_index(
        op.f("group_members_group_id_status_ix"),
        "group_members",
        ["group_id", "status"],
        unique=False,
    )
    op.create_index(
        "group_members_one_under_way_ix",
        "group_members",
        ["group_id", "person_id"],
        unique=True,
        postgresql_where=sa.text(
            "status in ('INVITED','REQUESTED','PENDING_AGREEMENT','ACTIVE','SUSPENDED')"
        ),
    )
    op.create_index(
        op.f("group_members_person_id_ix"), "group_members", ["person_id"], unique=False
    )
    op.create_table(
        "group_shares",
        sa.Column("group_id", sa.Text(collation="C"), nullable=False),
        sa.Column("alliance_id", sa.Text(collation="C"), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliances.id"], name=op.f("group_shares_alliance_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("group_shares_group_id_fkey")
        ),
        sa.PrimaryKeyConstraint("group_id", "alliance_id", name=op.f("group_shares_pkey")),
    )
    op.create_index(
        op.f("group_shares_alliance_id_ix"), "group_shares", ["alliance_id"], unique=False
    )
    op.create_table(
        "agreement_acceptances",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("agreement_id", sa.Text(collation="C"), nullable=False),
        sa.Column("organization_id", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=True),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreements.id"],
            name=op.f("agreement_acceptances_agreement_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("agreement_acceptances_organization_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("agreement_acceptances_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("agreement_acceptances_pkey")),
        sa.UniqueConstraint(
            "agreement_id",
            "organization_id",
            name=op.f("agreement_acceptances_agreement_id_organization_id_key"),
        ),
    )
    op.create_table(
        "event_hosts",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("event_id", sa.Text(collation="C"), nullable=False),
        sa.Column("organization_id", sa.Text(collation="C"), nullable=False),
        sa.Column("role", sa.Text(collation="C"), nullable=False),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("initiated_by", sa.Text(collation="C"), nullable=False),
        sa.Column("via_alliance_id", sa.Text(collation="C"), nullable=True),
        sa.Column("may_edit", sa.Text(collation="C"), nullable=False),
        sa.Column("attendee_sharing", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("responded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("event_hosts_event_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("event_hosts_organization_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["via_alliance_id"], ["alliances.id"], name=op.f("event_hosts_via_alliance_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("event_hosts_pkey")),
    )
    op.create_index(
        op.f("event_hosts_event_id_status_ix"), "event_hosts", ["event_id", "status"], unique=False
    )
    op.create_index(
        "event_hosts_exactly_one_host_ix",
        "event_hosts",
        ["event_id"],
        unique=True,
        postgresql_where=sa.text("role = 'HOST' and status = 'ACCEPTED'"),
    )
    op.create_index(
        "event_hosts_one_under_way_ix",
        "event_hosts",
        ["event_id", "organization_id"],
        unique=True,
        postgresql_where=sa.text("status in ('INVITED','REQUESTED','ACCEPTED')"),
    )
    op.create_index(
        op.f("event_hosts_organization_id_status_ix"),
        "event_hosts",
        ["organization_id", "status"],
        unique=False,
    )
    op.create_table(
        "event_shares",
        sa.Column("event_id", sa.Text(collation="C"), nullable=False),
        sa.Column("alliance_id", sa.Text(collation="C"), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alliance_id"], ["alliances.id"], name=op.f("event_shares_alliance_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("event_shares_event_id_fkey")
        ),
        sa.PrimaryKeyConstraint("event_id", "alliance_id", name=op.f("event_shares_pkey")),
    )
    op.create_index(
        op.f("event_shares_alliance_id_ix"), "event_shares", ["alliance_id"], unique=False
    )
    op.create_table(
        "import_items",
        sa.Column("source_id", sa.Text(collation="C"), nullable=False),
        sa.Column("uid", sa.Text(collation="C"), nullable=False),
        sa.Column("recurrence_id", sa.Text(collation="C"), nullable=False),
        sa.Column("event_id", sa.Text(collation="C"), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("said", JSONB(), nullable=False),
        sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("import_items_event_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["import_sources.id"], name=op.f("import_items_source_id_fkey")
        ),
        sa.PrimaryKeyConstraint(
            "source_id", "uid", "recurrence_id", name=op.f("import_items_pkey")
        ),
    )
    op.create_index(op.f("import_items_event_id_ix"), "import_items", ["event_id"], unique=False)
    op.create_table(
        "occurrences",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("event_id", sa.Text(collation="C"), nullable=False),
        sa.Column("recurrence_id", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Text(collation="C"), nullable=False),
        sa.Column("overrides", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("place_name", sa.Text(), nullable=True),
        sa.Column("place_street_address", sa.Text(), nullable=True),
        sa.Column("place_locality", sa.Text(), nullable=True),
        sa.Column("place_region", sa.Text(), nullable=True),
        sa.Column("place_postal_code", sa.Text(), nullable=True),
        sa.Column("place_country", sa.Text(), nullable=True),
        sa.Column("place_latitude", sa.Float(), nullable=True),
        sa.Column("place_longitude", sa.Float(), nullable=True),
        sa.Column("place_precision", sa.Text(collation="C"), nullable=True),
        sa.Column("geo_cell", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("occurrences_event_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("occurrences_pkey")),
        sa.UniqueConstraint(
            "event_id", "recurrence_id", name=op.f("occurrences_event_id_recurrence_id_key")
        ),
    )
    op.create_index("occurrences_by_start_ix", "occurrences", ["starts_at", "id"], unique=False)
    op.create_index(
        "occurrences_of_event_ix", "occurrences", ["event_id", "starts_at", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("occurrences")
    op.drop_table("import_items")
    op.drop_table("event_shares")
    op.drop_table("event_hosts")
    op.drop_table("agreement_acceptances")
    op.drop_table("group_shares")
    op.drop_table("group_members")
    op.drop_table("events")
    op.drop_table("alliance_members")
    op.drop_table("agreements")
    op.drop_table("team_members")
    op.drop_table("import_sources")
    op.drop_table("identifiers")
    op.drop_table("groups")
    op.drop_table("alliances")
    op.drop_table("organizations")
    op.drop_table("persons")
    op.drop_table("hubs")
    op.drop_table("audit_entries")
