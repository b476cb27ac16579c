# -*- coding: utf-8 -*-
"""Which files of a folder are pictures: those that Keras 1.2.2 lists (its DirectoryIterator).

It takes these suffixes and silently passes over every other file: what systems leave behind
(.DS_Store, Thumbs.db, desktop.ini), notes, GIFs.  It looks into folders below, too, but follows no
links.
"""
import os

SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp')


def is_picture(name):
    return name.lower().endswith(SUFFIXES)


def names(folder):
    """The names of the pictures in a folder, sorted as strings: the author's order."""
    return sorted(name for name in os.listdir(folder) if is_picture(name))


def count(folder):
    """How many pictures Keras lists in a class's folder and below it."""
    return sum(is_picture(name) for _, _, files in os.walk(folder) for name in files)
