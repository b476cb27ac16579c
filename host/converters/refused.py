"""What a converter cannot do, in words for the user."""


class Refused(Exception):
    """One line for the user, and the exit status."""

    def __init__(self, line, status=4):
        Exception.__init__(self, line)
        self.status = status
