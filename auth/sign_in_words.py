"""What people are written about signing in: plain text, and nobody else's words in it.

A letter may reach a stranger, because anybody can type any address. So none says who asked. Each is
written in the language that is spoken where it is asked for; whoever knows its reader's speaks that.
"""

from languages import gettext as _
from languages import ngettext

SPOKEN_CODE = 4  # digits in a row that can be kept in mind
Words = tuple[str, str]  # the subject, and the text


def spaced(code: str) -> str:
    """As it is read out and typed: `1234 5678`."""
    return " ".join(code[at : at + SPOKEN_CODE] for at in range(0, len(code), SPOKEN_CODE))


def to_sign_in(site: str, link: str, code: str, device: str, minutes: int) -> Words:
    """`device` is in our words, whatever was sent to us."""
    return _("Sign in to %(hub)s", hub=site), _paragraphs(
        _(
            "Somebody, most likely you, wants to sign in to %(hub)s with this address, in "
            "%(device)s.",
            hub=site,
            device=device,
        ),
        ngettext(
            "To sign in, open this within %(num)s minute:",
            "To sign in, open this within %(num)s minutes:",
            minutes,
        )
        + f"\n{link}",
        _("Or type this code on the page where you began:") + f"\n{spaced(code)}",
        _("Tell the code to nobody. Nobody of %(hub)s will ever ask you for it.", hub=site),
        _("If it was not you, do nothing: without this letter nobody gets in."),
    )


def to_confirm(site: str, link: str, code: str, minutes: int) -> Words:
    return _("Confirm your address for %(hub)s", hub=site), _paragraphs(
        _(
            "Somebody, most likely you, wants to sign in to %(hub)s with this address from now on.",
            hub=site,
        ),
        ngettext(
            "Is that so? Open this within %(num)s minute, in the browser where you are signed in:",
            "Is that so? Open this within %(num)s minutes, in the browser where you are signed in:",
            minutes,
        )
        + f"\n{link}",
        _("Or type this code on the page where you began:") + f"\n{spaced(code)}",
        _("Tell the code to nobody."),
        _("If it was not you, do nothing: your address is not added."),
    )


def is_taken(site: str) -> Words:
    """To the address itself: whoever asked is not told."""
    return _("Your address for %(hub)s", hub=site), _paragraphs(
        _(
            "Somebody wants to sign in to %(hub)s with this address, and it opens an account there "
            "already. Nothing was changed.",
            hub=site,
        ),
        _(
            "If it was you: an address opens one account alone. Sign in with this address, and "
            "remove it there, before you add it to another account."
        ),
    )


def has_changed(site: str, change: str, where: str) -> Words:
    """To every address of the account. `change` is a sentence of ours."""
    return _("Your account at %(hub)s was changed", hub=site), _paragraphs(
        _(change),
        _(
            "If it was you, there is nothing to do. If it was not: sign in, end all other sessions, "
            "and look at the ways into your account:"
        )
        + f"\n{where}",
    )


def _paragraphs(*said: str) -> str:
    return "\n\n".join(said) + "\n"
