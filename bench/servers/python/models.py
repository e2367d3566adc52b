"""The hub's tables as SQLAlchemy's ORM is taught: classes with the columns that are read."""

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012 - as its docs have it


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[str] = mapped_column(primary_key=True)
    slug: Mapped[str]
    name: Mapped[str]
    website: Mapped[str | None]


class Group(Base):
    __tablename__ = "groups"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class Alliance(Base):
    __tablename__ = "alliances"
    id: Mapped[str] = mapped_column(primary_key=True)
    visibility: Mapped[str]
    name: Mapped[str]


class AllianceMember(Base):
    __tablename__ = "alliance_members"
    id: Mapped[str] = mapped_column(primary_key=True)
    alliance_id: Mapped[str] = mapped_column(ForeignKey("alliances.id"))
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id"))
    status: Mapped[str]
    created_at: Mapped[datetime]


class Event(Base):
    __tablename__ = "events"
    id: Mapped[str] = mapped_column(primary_key=True)
    visibility: Mapped[str]
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id"))
    group_id: Mapped[str | None] = mapped_column(ForeignKey("groups.id"))
    title: Mapped[str]
    description: Mapped[str | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    over_at: Mapped[datetime]
    time_zone: Mapped[str]
    status: Mapped[str]
    publication_status: Mapped[str]
    capacity: Mapped[int | None]
    place_name: Mapped[str | None]
    place_locality: Mapped[str | None]
    place_latitude: Mapped[float | None]
    place_longitude: Mapped[float | None]
    place_precision: Mapped[str | None]
    geo_cell: Mapped[int | None]


class Occurrence(Base):
    __tablename__ = "occurrences"
    id: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(ForeignKey("events.id"))
    accepted: Mapped[int]


class EventHost(Base):
    __tablename__ = "event_hosts"
    id: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(ForeignKey("events.id"))
    organization_id: Mapped[str] = mapped_column(ForeignKey("organizations.id"))
    role: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[datetime]


class EventShare(Base):
    __tablename__ = "event_shares"
    event_id: Mapped[str] = mapped_column(ForeignKey("events.id"), primary_key=True)
    alliance_id: Mapped[str] = mapped_column(ForeignKey("alliances.id"), primary_key=True)
    organization_id: Mapped[str]
    starts_at: Mapped[datetime]
    over_at: Mapped[datetime]
