"""The console: where staff do their work in a browser, often on a phone and a poor line.

Pages know no table and no rule. Each asks the contract, as its person, for what it shows
(`talking.py`), and sends the contract's own changes. Begin with `rooms.py`: a room is a page of one
organization; and with `week.py`, the first of them.
"""
