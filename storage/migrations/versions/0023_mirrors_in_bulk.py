"""What is mirrored is written in bulk, without what triggers would look up row by row.

`convoke.mirroring` is on in a transaction while events of another hub, and what hangs from them, are
written (`storage/mirrors_sql.py`). Those rows come with the times and the visibility that triggers
give to ours, and with their owner's count of who comes; and no feed tells of them, for a hub passes
nothing on. A trigger's condition is looked at while a row is written: what would only find, at the
end of the transaction, that there is nothing to do is not put in line at all.

Words that whoever writes has made ready (`storage/mirrors_words.py`) are not made ready again.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# As `convoke_document` (0003), of words that are what `convoke_words` makes of a text. As one
# expression, which PostgreSQL puts into the statement itself.
FOUND = """
create function convoke_found(
  language text, title text, summary text, body text, extra text) returns tsvector
language sql immutable parallel safe
return setweight(to_tsvector('simple', coalesce(title, '')), 'A')
  || setweight(to_tsvector('simple', coalesce(summary, '')), 'B')
  || setweight(to_tsvector('simple', coalesce(body, '')), 'C')
  || setweight(to_tsvector('simple', coalesce(extra, '')), 'D')
  || case when convoke_stemmer(language) is null then ''::tsvector
     else setweight(to_tsvector(convoke_stemmer(language), coalesce(title, '')), 'A')
       || setweight(to_tsvector(convoke_stemmer(language), coalesce(summary, '')), 'B')
       || setweight(to_tsvector(convoke_stemmer(language), coalesce(body, '')), 'C')
       || setweight(to_tsvector(convoke_stemmer(language), coalesce(extra, '')), 'D')
       || array_to_tsvector(array['@' || convoke_stemmer(language)::text])
     end
"""
OURS = "current_setting('convoke.mirroring', true) is distinct from 'on'"
LATER = "deferrable initially deferred"
TOLD_OF_EVENTS = (
    "version",
    "visibility",
    "owner_visibility",
    "organization_id",
    "publication_status",
    "replaced_by_id",
    "rolls_on_at",
)
TOLD_OF_HOSTS = ("status", "role", "may_edit")


def differ(columns: tuple[str, ...]) -> str:
    return " or ".join(f"old.{name} is distinct from new.{name}" for name in columns)


# Each as it was (0005, 0006, 0009, 0019 and 0021): what kind, when, how, on what condition, what it does.
TRIGGERS = {
    "events_owner": (
        "before insert or update of organization_id on events", "", "", "visibility_of_owner"
    ),
    "events_feed": ("after insert or delete on events", LATER, "", "feed_of_thing"),
    "events_feed_changed": (
        "after update on events", LATER, differ(TOLD_OF_EVENTS), "feed_of_thing"
    ),
    "event_hosts_times": (
        "before insert or update of event_id on event_hosts", "", "", "times_of_host"
    ),
    "event_hosts_feed": ("after insert or delete on event_hosts", LATER, "", "feed_of_event"),
    "event_hosts_feed_changed": (
        "after update on event_hosts", LATER, differ(TOLD_OF_HOSTS), "feed_of_event"
    ),
    "event_hosts_feed_concerned": (
        "after insert or delete or update of status on event_hosts", LATER, "", "feed_of_concerned"
    ),
    "event_shares_times": (
        "before insert or update of event_id on event_shares", "", "", "times_of_share"
    ),
    "event_shares_feed": ("after insert or delete on event_shares", LATER, "", "feed_of_event"),
    "accepted_begins": (
        "before insert on occurrences", "", "new.accepted is distinct from 0", "accepted_begins"
    ),
}  # fmt: skip


def upgrade() -> None:
    op.execute(FOUND)
    for name, (when, how, condition, does) in TRIGGERS.items():
        _make(name, when, how, f"({condition}) and {OURS}" if condition else OURS, does)


def _make(name: str, when: str, how: str, condition: str, does: str) -> None:
    kind = "constraint trigger" if how else "trigger"
    op.execute(f"drop trigger {name} on {when.rsplit(' ', 1)[1]}")
    op.execute(
        f"create {kind} {name} {when} {how} for each row"
        f" {f'when ({condition})' if condition else ''} execute function convoke_{does}()"
    )


def downgrade() -> None:
    for name, (when, how, condition, does) in TRIGGERS.items():
        _make(name, when, how, condition, does)
    op.execute("drop function convoke_found")
