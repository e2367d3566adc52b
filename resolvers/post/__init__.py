"""What people are written of what happens: `line.py` takes what changed out of the line, `answers.py`
says how an answer stands, `inviting.py` what awaits an organization's word, `digests.py` what is to come.
`writing.py` makes letters of it, by the templates beside it; `stopping.py` ends them."""
