"""What a converter cannot do, as the user is told it."""


class Refused(Exception):
    """One line for the user, and the exit status."""

    def __init__(self, line, status=4):
        Exception.__init__(self, line)
        self.status = status
