"""What the rules of `domain/policy.py` say, where they say it in several ways."""

from collections.abc import Collection

from domain.words import say

# By what the thing is called in the rules.
NO_SUCH = {
    "organization": say("There is no such organization, or it is not shared with you."),
    "group": say("There is no such group, or it is not shared with you."),
    "event": say("There is no such event, or it is not shared with you."),
    "alliance": say("There is no such alliance, or it is not shared with you."),
}


def of_the_host(others: Collection[str], theirs: Collection[str]) -> str:
    """To change these fields, where it may change `theirs`."""
    named = ", ".join(others)
    if not named:
        return say("Only the host may change: this event.")
    if not theirs:
        return say("Only the host may change: %(named)s.", named=named)
    return say(
        "Only the host may change: %(named)s. Your organization may change: %(theirs)s.",
        named=named,
        theirs=", ".join(sorted(theirs)),
    )


def merged_into(replaced_by_id: str) -> str:
    return say(
        "It was merged into %(replaced_by_id)s: do it there, or call unmergeEvents first.",
        replaced_by_id=replaced_by_id,
    )
