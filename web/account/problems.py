"""A problem of a form, as its page says it once more: beside the field, and above all of them."""

from domain.errors import Problem, Refused
from web.speaking import refusal


def by_field(problem: Problem | None) -> dict[str, str]:
    """As `fields.html` shows them."""
    return {} if problem is None else {"-".join(problem.field) or "main": refusal(problem.message)}


def status_of(problem: Problem | None) -> int:
    return 200 if problem is None else 403 if isinstance(problem, Refused) else 400
