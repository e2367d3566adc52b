"""What people are written about signing in: plain text, and nobody else's words in it.

A letter may reach a stranger, because anybody can type any address. So none says who asked.
"""

_NOT_YOU = "If it was not you, do nothing: without this letter nobody gets in.\n"
SPOKEN_CODE = 4  # digits in a row that can be kept in mind


def spaced(code: str) -> str:
    """As it is read out and typed: `1234 5678`."""
    return " ".join(code[at : at + SPOKEN_CODE] for at in range(0, len(code), SPOKEN_CODE))


def to_sign_in(site: str, link: str, code: str, device: str, minutes: int) -> tuple[str, str]:
    """The subject and the text. `device` is in our words, whatever was sent to us."""
    return f"Sign in to {site}", (
        f"Somebody, most likely you, wants to sign in to {site} with this address, in {device}.\n\n"
        f"To sign in, open this within {minutes} minutes:\n{link}\n\n"
        f"Or type this code on the page where you began:\n{spaced(code)}\n\n"
        f"Tell the code to nobody. Nobody of {site} will ever ask you for it.\n\n{_NOT_YOU}"
    )


def to_confirm(site: str, link: str, code: str, minutes: int) -> tuple[str, str]:
    return f"Confirm your address for {site}", (
        f"Somebody, most likely you, wants to sign in to {site} with this address from now on.\n\n"
        f"Is that so? Open this within {minutes} minutes, in the browser where you are signed in:\n"
        f"{link}\n\nOr type this code on the page where you began:\n{spaced(code)}\n\n"
        f"Tell the code to nobody.\n\nIf it was not you, do nothing: your address is not added.\n"
    )


def is_taken(site: str) -> tuple[str, str]:
    """To the address itself: whoever asked is not told."""
    return f"Your address for {site}", (
        f"Somebody wants to sign in to {site} with this address, and it opens an account there "
        "already. Nothing was changed.\n\nIf it was you: an address opens one account alone. Sign "
        "in with this address, and remove it there, before you add it to another account.\n"
    )


def has_changed(site: str, change: str, where: str) -> tuple[str, str]:
    """To every address of the account. `change` is a sentence of ours."""
    return f"Your account at {site} was changed", (
        f"{change}\n\nIf it was you, there is nothing to do. If it was not: sign in, end all other "
        f"sessions, and look at the ways into your account:\n{where}\n"
    )
