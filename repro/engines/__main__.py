# -*- coding: utf-8 -*-
"""What the engines declare, for the shell; standard library only, Python 2.7 and 3.

    python -B -m repro.engines names            one name a line
    python -B -m repro.engines needs NAME       lines: title TEXT, server yes|no,
                                                and where something must be installed: lock FILE,
                                                files REGEX
"""
from __future__ import print_function

import sys

from repro import engines


def main(arguments):
    declared = engines.declarations()
    if arguments == ['names']:
        print('\n'.join(declared))
    elif len(arguments) == 2 and arguments[0] == 'needs' and arguments[1] in declared:
        engine = declared[arguments[1]]
        print('title', engine['title'])
        print('server', 'yes' if engine.get('server') else 'no')
        for key in ('lock', 'files'):
            if key in engine:
                print(key, engine[key])
    else:
        sys.exit('python -m repro.engines names, or needs and one of %s' % ', '.join(declared))


if __name__ == '__main__':
    main(sys.argv[1:])
