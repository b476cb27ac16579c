# -*- coding: utf-8 -*-
"""What counts as a picture is what Keras 1.2.2 counts."""
from __future__ import print_function

import made_up
from keras.preprocessing.image import ImageDataGenerator
from repro.standin import pictures
from repro.work import listing

NAMES = ['1.jpg', '2.JPEG', '3.Png', '4.bmp', '._5.jpg', '.DS_Store', 'Thumbs.db', 'desktop.ini',
         'jpg', '6.gif', '7.jpg.part', 'below/8.jpg', 'below/notes.txt', '@eaDir/x.db']


def test_keras_and_this_program_count_alike(tmpdir):
    for name in NAMES:
        tmpdir.join('test', name).write('x', ensure=True)
    tmpdir.mkdir('elsewhere').join('9.jpg').write('x')
    tmpdir.join('test', 'linked').mksymlinkto(tmpdir.join('elsewhere'))
    tmpdir.mkdir('test2').join('test').mksymlinkto('../test/')
    with tmpdir.as_cwd():
        theirs = ImageDataGenerator().flow_from_directory('test2', class_mode=None)
        assert theirs.nb_sample == 6 == listing.count('test2/test') == listing.count('test')
        assert sorted('test/' + n for n in listing.names('test')) + ['test/below/8.jpg'] == \
            sorted(theirs.filenames)


def test_a_demo_draws_beside_what_systems_leave(tmpdir):
    tmpdir.mkdir('test').join('Thumbs.db').write(made_up.jpeg(), 'wb')
    with tmpdir.as_cwd():
        for drawn in (3, 0):
            assert pictures.write(2, 1)['drawn'] == drawn
        assert sorted(p.basename for p in tmpdir.join('test').listdir()) == ['1.jpg', 'Thumbs.db']
