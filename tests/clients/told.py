"""What a program told of its steps, in the words in which a test asks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# The library's class, the status (an answer in an address has none), and the word of the RFCs.
Refusal = tuple[str, int | None, str | None]

BODY, CHALLENGE = "ResponseBodyError", "WWWAuthenticateChallengeError"
ADDRESS, PROGRAM = "AuthorizationResponseError", "ClientError"
NO_GRANT: Refusal = (BODY, 400, "invalid_grant")
NO_SCOPE: Refusal = (BODY, 400, "invalid_scope")
NO_TARGET: Refusal = (BODY, 400, "invalid_target")
NO_CLIENT: Refusal = (CHALLENGE, 401, "invalid_client")
NO_TOKEN: Refusal = (CHALLENGE, 401, "invalid_token")


@dataclass
class Told:
    """What a program told of its steps, and what the hub knows of who they were about."""

    steps: dict[str, dict[str, Any]]
    errors: str  # of the program itself
    is_finished: bool
    issuer: str
    anna_id: str
    machine_id: str

    def of(self, step: str) -> Any:
        """What it gave, where nothing was wrong with it."""
        line = self._line(step)
        assert "error" not in line, line["error"]
        return line["told"]

    def error(self, step: str) -> dict[str, Any]:
        """What the library raised."""
        line = self._line(step)
        assert "error" in line, f"not refused: {line['told']}"
        error: dict[str, Any] = line["error"]
        return error

    def refusal(self, step: str) -> Refusal:
        error = self.error(step)
        return error["type"], error.get("status"), error.get("error")

    def _line(self, step: str) -> dict[str, Any]:
        failed = {
            name: line["error"]["message"] for name, line in self.steps.items() if "error" in line
        }
        assert step in self.steps, f"not reached. {self.errors} What failed: {failed}"
        return self.steps[step]


Given = Callable[[Told], object]
