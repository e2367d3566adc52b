"""Where a page leads afterwards (`?next=`): to an address of this hub, and never elsewhere."""

FIELD = "next"


def local_address(text: str | None) -> str | None:
    """The address where it is one of this hub, so that nobody is sent elsewhere; None otherwise.

    One slash, and no backslash: browsers read `//x`, `/\\x` and `/<tab>/x` as another host.
    """
    if not text or len(text) > 4_000 or not text.isascii() or not text.isprintable():
        return None
    if not text.startswith("/") or text.startswith("//") or "\\" in text:
        return None
    return text
