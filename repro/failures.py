# -*- coding: utf-8 -*-
"""What can go wrong, as one line for the user (what, where, what to do) and an exit status."""


class Failure(Exception):
    """What went wrong in one line: what, where, what to do.  `status` is the exit status."""
    status = 1


class WrongUsage(Failure):
    status = 2


class NoRuntime(Failure):
    status = 3


class BadInput(Failure):
    status = 4


class InUse(Failure):
    status = 5


class OtherInputs(Failure):
    """The folder's files were made from other inputs than are there now."""
    status = 5
