"""Rows in PostgreSQL, handed out as domain records. No rules live here."""
