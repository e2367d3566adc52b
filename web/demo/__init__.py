"""The demo: an invented city, Port Merrow, and the coalition that works there.

`city` is where it happens, `voices/` who lives there and what they put on, `coalition` how they
are allied, `schedule` what takes place when, and `gatherings` what several do together. `making`
puts what is missing into a hub, with `meeting` for the gatherings and `asking` for what waits for
an answer; `moments` lets some of it happen weeks ago. `clients` registers their apps, and
`next_steps` says what to try.

Two more hubs work with the city's: `around/` is who is at home there, `surroundings` their databases
and `processes`, and `together` how the three come to peer, to be allied and to host an event. `tour`
shows what that is good for; `showing` does all of it once the first hub answers.
"""
