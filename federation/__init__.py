"""Other servers: the one door out, strangers' calendars, peers, the feed, mirrors and delivery."""
