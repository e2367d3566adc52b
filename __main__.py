"""`python . serve`: the interpreter puts this folder first on the path, then comes here."""

from web.commands import main

main()
