"""Print the GraphQL contract in the schema definition language.

Look next at `schema/root.py`, where it is put together.
"""

from schema.root import graphql_schema
from web.commands._output import command

GROUP = "Use it"
app = command("sdl")


@app.command(epilog="Example: [bold]./convoke sdl > hub.graphql[/] for a code generator.")
def sdl() -> None:
    """Prints the contract of this hub's GraphQL endpoint, as /schema.graphql has it.

    No database is needed.
    """
    print(graphql_schema.as_str())
