"""Whether this process is on its way out: told to stop, and letting what is running end."""


class Leaving:
    """One for each process."""

    def __init__(self) -> None:
        self.is_leaving = False

    def begin(self) -> None:
        self.is_leaving = True
