# -*- coding: utf-8 -*-
"""For a set-up's own Python 2.7, by PYTHONPATH: text and bytes are joined as UTF-8, not ASCII.

pip 20.3.4 and virtualenv join paths, which are bytes, with names that are text.  In a folder such
as 下载 that is a UnicodeDecodeError.  Python reads this before site.py deletes the function.
The article's program never sees it.
"""
import sys

if sys.version_info[0] == 2:
    sys.setdefaultencoding('utf-8')
