# -*- coding: utf-8 -*-
"""The 2017 article's program, one file per step, in the article's order.

links → gap → head → submit → verify.  Each step reads and writes files of the current
directory, the work folder, so the article's relative paths stay the article's.
"""
