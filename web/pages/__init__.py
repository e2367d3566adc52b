"""The pages that addresses in answers lead to: an event, an organization, a group, an alliance.

For people without a token and without JavaScript. `routes` has the addresses, `rendering` makes
the HTML, `words` says dates and places as people say them.
"""
