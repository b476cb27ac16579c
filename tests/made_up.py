# -*- coding: utf-8 -*-
"""What the competition gives, and what a full real run leaves, made up for tests."""
from __future__ import print_function

import io
import zipfile

from PIL import Image

from repro.inputs import data
from repro.work import record

SAMPLE = 'id,label\n' + ''.join('%d,0.5\n' % i for i in range(1, 12501))


def jpeg():
    """The bytes of a picture of 8 x 8 pixels."""
    picture = io.BytesIO()
    Image.new('RGB', (8, 8)).save(picture, 'JPEG', quality=1)
    return picture.getvalue()


def zipped(names, folder='', data=jpeg(), **changed):
    """The bytes of a zip; data: of each file but those of changed, {name: bytes}."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, 'w') as z:
        for name in sorted(names):
            z.writestr(folder + name, changed.get(name, data))
    return archive.getvalue()


def competition():
    """{file name: bytes}: the competition's 37,500 names, each picture of 8 x 8 pixels."""
    zips = dict((part + '.zip', zipped(data.wanted(part), part + '/'))
                for part in ('train', 'test'))
    return dict(zips, **{'sample_submission.csv': SAMPLE})


def finished_run(folder, **changes):
    """What a full real run leaves in the folder, as far as submitting it looks at it."""
    with folder.as_cwd():
        folder.join('pred.csv').write(SAMPLE.replace('0.5', '0.995').replace('2,0.995', '2,0.005'))
        record.begin('features', seeding='article')
        record.append('features', 0, features_are='unmarked', cats=12500, dogs=12500, test=12500)
        record.append('submit', 0, ['pred.csv'], **dict(
            {'rows': 12500, 'predicted': 12500, 'validation': {'log_loss_clipped': 0.0169}},
            **changes))
    return folder
