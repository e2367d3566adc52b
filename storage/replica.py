"""The read replica: the same rows a moment later, asked first where that is soon enough.

Whatever it cannot answer the primary answers: nobody notices that it is down but the log, which is
told once. It is then left in peace, and tried by one request at a time.
"""

import asyncio
import logging

from storage.refusals import is_unreachable, state_of

LEFT_IN_PEACE_SECONDS = 10.0
# A statement that was in the way of what the primary did (appendix A: serialization_failure), and
# tables or columns that a migration has made there, and not here yet.
_BEHIND = {"40001", "42P01", "42703", "42883"}

log = logging.getLogger("convoke.storage")


class Trust:
    """Whether the replica is asked just now."""

    def __init__(self) -> None:
        self._is_down = False
        self._asked_again_at = 0.0

    def is_asked(self) -> bool:
        if not self._is_down:
            return True
        now = asyncio.get_running_loop().time()
        if now < self._asked_again_at:
            return False
        self._asked_again_at = now + LEFT_IN_PEACE_SECONDS  # whoever comes after us is not the one
        return True

    def answered(self) -> None:
        if self._is_down:
            self._is_down = False
            log.warning("The read replica answers again.")

    def gives_way(self, error: BaseException) -> bool:
        """Whether the primary is to be asked in its place."""
        if not is_unreachable(error):
            return state_of(error) in _BEHIND
        self._asked_again_at = asyncio.get_running_loop().time() + LEFT_IN_PEACE_SECONDS
        if not self._is_down:
            self._is_down = True
            log.warning("The read replica does not answer: what it was for asks the primary.")
        return True
