"""List what can be set: each variable's meaning, unit, default and present value."""

import textwrap

from web.commands._output import AsJson, command, print_json
from web.settings import listed

GROUP = "Look after it"
app = command("settings")


@app.command(epilog="Example: [bold]CONVOKE_PORT=8100 ./convoke serve[/] sets one for one run.")
def settings(as_json: AsJson = False) -> None:
    """Lists every environment variable that Convoke reads, and refuses a bad value of any."""
    found = listed()
    if as_json:
        print_json(
            [
                {
                    "name": setting.name,
                    "says": setting.says,
                    "unit": setting.unit,
                    "default": setting.default or None,
                    "value": value or None,
                }
                for setting, value in found
            ]
        )
        return
    for setting, value in found:
        here = f"   now {value}" if value else ""
        print(f"{setting.name}={setting.default} ({setting.unit}){here}")
        print(textwrap.fill(setting.says, 88, initial_indent="    ", subsequent_indent="    "))
