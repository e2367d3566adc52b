"""The pages of identity: sign in, let an app in, see what was let in. Complete without scripts.

`visits.py` says who looks at a page and checks what a form brings; each other module is some pages.
"""
