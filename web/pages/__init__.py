"""The public pages: the hub's first one, its events and who is on it; and those that addresses in
answers lead to, an event, an organization, a group, an alliance.

For people without a token and without JavaScript. `routes` has the addresses, `documents` what each
page asks; `hub_pages`, `holders`, `event_page` and `answering` make what it shows of the answer, and
`rendering` the HTML. `views` and `calendars` are the ways to look at dates, `maps` draws, and `words`
says dates and places as people say them.
"""
