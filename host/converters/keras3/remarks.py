"""What the user is told of a layer: a remark, or that it has no equal."""
import collections

from refused import Refused

REMARKS = collections.OrderedDict()     # text: the names of the layers that it is about


class NoEqual(Refused):
    """A layer has no equal: the line names it, its class, and why."""

    def __init__(self, old, why):
        Refused.__init__(self, '%s (%s): %s' % (old.name, old.kind, why))


def remark(old, text):
    names = REMARKS.setdefault(text, [])
    if old.name not in names:
        names.append(old.name)


def without(old, *arguments):
    """A remark for each of these arguments that the old layer has: the new one does not."""
    for argument in arguments:
        if old.config.get(argument):
            remark(old, 'without its ' + argument)


def forget():
    REMARKS.clear()


def lines():
    """The remarks of this model."""
    return ['%s: %s' % (', '.join(names), said) for said, names in REMARKS.items()]
