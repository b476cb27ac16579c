# -*- coding: utf-8 -*-
"""What can go wrong, as one line for the user (what, where, what to do) and an exit status."""


class Failure(Exception):
    """Its text is one line for the user; `status` is the program's exit status."""
    status = 1

    def __str__(self):
        """In Python 2 bytes, UTF-8: a message that took in a JSON's value is unicode there."""
        text = Exception.__str__(self) if not self.args else self.args[0]
        return text if isinstance(text, str) else text.encode('utf-8')


class WrongUsage(Failure):
    """The command line makes no sense."""
    status = 2


class NoRuntime(Failure):
    """Nothing here can run this: no Python 2.7, container runtime, GPU or engine."""
    status = 3


class BadInput(Failure):
    """A file, or the machine, is not as it must be."""
    status = 4


class InUse(Failure):
    """Another run holds the folder's lock."""
    status = 5


class OtherInputs(Failure):
    """The folder's files were made from other inputs than are there now."""
    status = 5
