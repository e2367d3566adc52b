"""The tables of what people are written: what is due, what they were told, and their wishes.

Letters that wait are `outgoing_mail`, in `tables`. Migration 0025 has the triggers that put in line
what may be worth a letter.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
)

from storage.credential_tables import Word
from storage.tables import Id, Instant, metadata

# What changed, in the order in which it did; taken out by whoever looks what there is to tell.
letters_due = Table(
    "letters_due",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Word, nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("again_at", Instant),  # it could not be written, and is tried again then
)

# What whoever gave an answer knows: by it a change is told once, and calendars find the entry again.
rsvp_letters = Table(
    "rsvp_letters",
    metadata,
    Column("rsvp_id", Id, ForeignKey("rsvps.id", ondelete="CASCADE"), primary_key=True),
    Column("uid", Id, nullable=False),
    Column("recurrence_id", Instant),
    Column("sequence", BigInteger, nullable=False),
    Column("status", Word, nullable=False),
    Column("date_status", Word, nullable=False),
    Column("title", Text, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("place", Text),  # null: they were not told where
    Column("online_url", Text),
    Column("told_at", Instant, nullable=False),
    Column("reminded_of", Instant),  # the start that they were reminded of
    Column("language", Text),  # that they were told in
)

# One row: what links in letters are signed with. It opens nothing but the end of such letters.
mail_key = Table(
    "mail_key",
    metadata,
    Column("is_the_one", Boolean, primary_key=True, server_default="true"),
    Column("key", LargeBinary, nullable=False),
    CheckConstraint("is_the_one", name="there_is_one"),
)

# By a name for the address that only this hub can make of it (`domain.mail_wishes`).
mail_refusals = Table(
    "mail_refusals",
    metadata,
    Column("reader", LargeBinary, primary_key=True),
    Column("organization_id", Id, primary_key=True),
    Column("refused_at", Instant, nullable=False),
)

digests = Table(
    "digests",
    metadata,
    Column("person_id", Id, ForeignKey("persons.id"), primary_key=True),
    Column(
        "organization_id", Id, ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("due_at", Instant, nullable=False),
    Index(None, "due_at"),
)

calendar_keys = Table(
    "calendar_keys",
    metadata,
    Column("person_id", Id, ForeignKey("persons.id"), primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
    Column("used_at", Instant),
)

# What people of this hub answered to dates of other hubs. The answer is its owner's; what is kept here
# is for the letters to whoever gave it, who is at home here: how it stood when it was last heard, when
# its owner is asked again, when it was last looked whether there is news, and what they know.
answers_elsewhere = Table(
    "answers_elsewhere",
    metadata,
    Column("id", Id, primary_key=True),
    Column("event_id", Id, nullable=False),  # these two are mirrors, which may go
    Column("occurrence_id", Id, nullable=False),
    Column("person_id", Id, ForeignKey("persons.id", ondelete="CASCADE"), nullable=False),
    # For whom, and by which app: so they are spoken for when the owner is asked.
    Column(
        "organization_id", Id, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=False
    ),
    Column("client_id", Word),
    Column("status", Word, nullable=False),
    Column("answered_at", Instant, nullable=False),
    Column("ask_at", Instant),  # null: it ended
    Column("read_at", Instant),  # null: there may be news
    Column("told_uid", Id),
    Column("told_recurrence_id", Instant),
    Column("told_sequence", BigInteger),
    Column("told_status", Word),
    Column("told_date_status", Word),
    Column("told_title", Text),
    Column("told_starts_at", Instant),
    Column("told_ends_at", Instant),
    Column("told_place", Text),
    Column("told_online_url", Text),
    Column("told_reminded_of", Instant),
    Column("told_language", Text),
    Index(None, "event_id"),
    Index(None, "ask_at"),
)
