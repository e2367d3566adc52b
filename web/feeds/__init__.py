"""What programs take from a hub's public side: an event as iCalendar and as JSON-LD.

`asking` runs our own documents as nobody, `events` has the one for an event.
"""
