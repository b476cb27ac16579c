# -*- coding: utf-8 -*-
"""The faults table: what can be wrong, what is said, what is left, and what 2017 made of it.

fault       what is wrong
made        how: bash, in a copy of a small demo's folder (8 training, 4 test pictures), with
            prelude.sh's helpers
command     ./run.sh with this; {work} is that folder, {new} a folder beside it
status      the exit status; 0: taken as it is, and `says` is then on stdout
says        what its one line on stderr must hold
leaves      what has changed in the folders afterwards (shell patterns): nothing, where not said
article     what the article's own program does with it, as tried with `faults/try_article.py`;
            WRONG: it ends well, with a wrong or worthless answer, and says nothing; in the
            last part, what surrounds the program, it was not tried

`python tests/faults/faults_table.py` prints it.
"""
from __future__ import print_function

import collections

LINKS = 'exec --work {work} python -m repro links'
GAP = 'exec --work {work} python -m repro gap --networks ResNet50'
HEAD = 'exec --work {work} python -m repro head'
SUBMIT = 'exec --work {work} python -m repro submit'
VERIFY = 'verify --work {work}'
DEMO = 'demo --train 8 --test 4 --work {work}'
REAL = 'cpu --data {work} --networks ResNet50 --work {new}'
WEIGHTS = REAL + ' --weights {work}/weights'
RESNET = 'weights/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5'
XCEPTION = 'weights/xception_weights_tf_dim_ordering_tf_kernels_notop.h5'
SWAP = 'ResNet50', 'Xception'
LIMITED = 'exec --work {work} bash -c \'ulimit %s; exec python -m repro %s\''

# what a real run links into its folder before it looks at the weights
ADOPTED = 'new new/.repro new/.repro/lock new/weights new/train new/test new/sample_submission.csv'

# Keras 1.2.2 loses the exception of the thread that reads
LATE = 'its reading thread dies, and predict_generator fails on a None batch that has no name'

Row = collections.namedtuple('Row', 'part fault made command status says leaves article')
ROWS = []


def part(name):
    """A function that adds rows under this heading."""
    def row(fault, made, command, status, says, article, leaves=''):
        ROWS.append(Row(name, fault, made, command, status, says, leaves, article))
    return row


data = part('data')
data('no training pictures', 'rm -r train', LINKS, 4, 'train/ is missing',
     'OSError: no such directory: train')
data('no test pictures', 'rm -r test', LINKS, 4, 'test/ is missing',
     'IndexError, after the training pictures are extracted')
data('an empty test folder', 'rm test/*', LINKS, 4, 'test/ holds no picture',
     'IndexError, after the training pictures are extracted')
data('a class without pictures', 'rm train/cat.*', LINKS, 4, 'train/ holds no cat',
     'WRONG: learns from one class, and pred.csv says dog everywhere')
data('a zip unpacked into itself: train/train/', 'mkdir t; mv train t/; mv t train', LINKS, 4,
     'train/ holds no cat', 'IndexError: found 0 images')
data('a third animal', 'cp train/cat.0.jpg train/cow.1.jpg', LINKS, 4, 'train/cow.1.jpg',
     'leaves it out, and says nothing: right, if that was meant')
data('a name in capitals', 'mv train/cat.0.jpg train/Cat.0.JPG', LINKS, 4, 'train/Cat.0.JPG',
     'WRONG: leaves the picture out (found 7 of 8)')
data('a training picture without a number', 'cp train/cat.0.jpg train/cat.jpg', LINKS, 4,
     'train/cat.jpg', 'takes it for one more cat: right, if it is one')
data('a test picture whose name is no number', 'cp test/1.jpg test/one.jpg', LINKS, 4,
     'test/one.jpg', 'ValueError in the last step, after all extraction')
data('a non-ASCII name', u'cp test/1.jpg test/\u732b.jpg', LINKS, 4, u'test/\u732b.jpg',
     'ValueError in the last step, after all extraction')
data('two test pictures with one number', 'cp test/2.jpg test/02.jpg', LINKS, 4,
     'two pictures with number 2', "WRONG: the later one's prediction overwrites the first's")
data('a folder inside test/', 'mkdir test/old; cp test/1.jpg test/old', LINKS, 4,
     'test/old is a folder',
     "WRONG: its pictures' predictions overwrite those of the same numbers")
data('what systems leave: .DS_Store, Thumbs.db, a folder of thumbnails',
     'touch test/.DS_Store train/Thumbs.db test/desktop.ini; mkdir test/@eaDir', LINKS, 0,
     'test2/test 4', 'passes over them: right', 'run.json')
data('the same, after the run', 'touch test/.DS_Store test/Thumbs.db; mkdir test/@eaDir', VERIFY,
     0, '0 FAIL', 'passes over them: right')
data('a Mac\'s ._1.jpg in test/', 'echo x >test/._1.jpg', LINKS, 4, 'test/._1.jpg',
     LATE + ', after the training pictures')
data('a test picture as GIF', 'picture test/2.jpg "save(im, \'GIF\')"; mv test/2.jpg test/2.gif',
     LINKS, 4, 'test/2.gif', 'WRONG: leaves it out, and its row keeps 0.5')
data('a link to nowhere', 'ln -sf nowhere train/cat.1.jpg', LINKS, 4, 'train/cat.1.jpg',
     LATE)
data('pictures behind a link, moved since', 'mv test old; ln -s ../there/test test', LINKS, 4,
     'test is a link that leads nowhere (to ../there/test): put it back',
     'IndexError, after the training pictures are extracted')
data('a pipe named like a picture', 'rm test/2.jpg; mkfifo test/2.jpg', LINKS, 4,
     'test/2.jpg is not a file', 'hangs for ever (ended after 150 s)')
data('a file of one\'s own in train2/', 'echo mine >train2/cat/notes.txt', LINKS, 4,
     'train2/cat/notes.txt', 'deletes it')
data('test2/ copied with its link followed', 'rm test2/test; cp -r test test2/test', GAP, 5,
     'test2/test is not test', 'deletes the copy, and links anew')
data('a picture added after the links', 'cp train/cat.0.jpg train/cat.4.jpg', GAP, 5,
     'train2/cat/ holds other pictures', 'has no such thing: it links anew')
data('no folder where --data points', 'true', 'cpu --data {work}/nowhere --work {new}', 4,
     'not a folder', 'has no such option')
data('the demo\'s drawings for a real run', 'true', REAL, 4, 'stand-ins',
     'would take them for photographs', ADOPTED)
data('a demo in a real run\'s folder', 'true', 'cpu --work {work}', 5, 'holds a demo run',
     'has no such thing')
data('pictures of one\'s own in a demo\'s folder', 'echo mine >test/9.jpg', DEMO, 4,
     'test/9.jpg is not a drawing', 'has no such thing')

image = part('images')
image('zero bytes', ': >test/2.jpg', LINKS, 4, 'test/2.jpg is not a picture',
      LATE)
image('a page of text', 'echo "<html>" >train/cat.1.jpg', LINKS, 4, 'train/cat.1.jpg',
      LATE)
image('cut off in the middle', 'cut train/dog.1.jpg 9000', LINKS, 4, 'truncated',
      LATE)
image('CMYK', 'picture train/cat.1.jpg "save(im.convert(\'CMYK\'), \'JPEG\')"', LINKS, 0,
      '(train/cat.1.jpg): CMYK, converted to RGB',
      'converts it, and says nothing: the colours are near (Pillow knows no profile)', 'run.json')
image('grey', 'picture train/cat.1.jpg "save(im.convert(\'L\'), \'JPEG\')"', LINKS, 0,
      '(train/cat.1.jpg): grey, converted to RGB', 'converts it, and says nothing: right',
      'run.json')
image('transparent', 'picture train/cat.1.jpg "save(im.convert(\'RGBA\'), \'PNG\')"', LINKS, 0,
      '(train/cat.1.jpg): transparent, converted to RGB',
      'WRONG where it matters: drops the transparency, and what was hidden shows', 'run.json')
image('a PNG named .jpg', 'picture train/cat.1.jpg "save(im, \'PNG\')"', LINKS, 0, 'train2/cat 4',
      'reads it by its contents: right', 'run.json')
image('16 bits', 'png test/2.jpg 300 300 16', LINKS, 4, 'test/2.jpg has 16 bits',
      'WRONG: clips at 255, so the network sees a white square (0.82 instead of 0.58)')
image('1 x 1', 'picture test/2.jpg "save(im.resize((1, 1)), \'JPEG\')"', LINKS, 4,
      'test/2.jpg has 1 x 1 pixels',
      'WRONG: predicts from one blown-up pixel (0.83 instead of 0.58)')
image('20,000 x 20,000', 'png train/dog.1.jpg 20000 20000 1', LINKS, 4,
      'train/dog.1.jpg has 20000 x 20000 pixels',
      'a DecompressionBombWarning, 2 GB of memory, and goes on')
image('turned by EXIF', 'turned train/dog.1.jpg', LINKS, 0,
      '(train/dog.1.jpg): turned by an EXIF note', 'takes it as it lies, and says nothing',
      'run.json')
image('an EXIF note that is cut off', 'turned train/dog.1.jpg 9999', LINKS, 0,
      '(train/dog.1.jpg): Pillow warns "Possibly corrupt EXIF data"',
      'does not look at it, and says nothing: right', 'run.json')

sample = part('CSV')
sample('no file', 'rm sample_submission.csv', LINKS, 4, 'sample_submission.csv is missing',
       'IOError in the last step, after all extraction')
sample('an empty file', ': >sample_submission.csv', LINKS, 4, 'first line',
       'EmptyDataError in the last step, after all extraction')
sample('another delimiter', 'sed -i s/,/\\;/ sample_submission.csv', LINKS, 4, 'first line',
       'WRONG: pred.csv gets three columns, id;label,label')
sample('UTF-16', 'iconv -t UTF-16 sample_submission.csv >x; mv x sample_submission.csv', LINKS, 4,
       'sample_submission.csv', 'WRONG: pred.csv is of no use: no ids')
sample('a missing id', 'rows 1 3 4 5', LINKS, 4, 'line 3 should hold id 2',
       "WRONG: every picture after it gets its neighbour's prediction")
sample('a duplicate id', 'rows 1 1 3 4', LINKS, 4, 'line 3 should hold id 2',
       'WRONG: pred.csv has two rows 1, and none for picture 2')
sample('another order', 'rows 2 1 3 4', LINKS, 4, 'line 2 should hold id 1',
       'WRONG: writes by row number, so pictures 1 and 2 change places')
sample('too few rows', 'rows 1 2', LINKS, 4, 'test/4 has no row', 'WRONG: adds rows without ids')
sample('a label that is no number', 'sed -i "s/^3.*/3,dog/" sample_submission.csv', LINKS, 4,
       "line 4 has 'dog'", 'WRONG: writes [ 0.377] in brackets, as text')
sample('whole numbers as labels', "sed -i s/,0.5/,0/ sample_submission.csv", LINKS, 4,
       'all labels are whole numbers', 'WRONG: pandas cuts each prediction to 0')
sample('whole numbers as labels, before the last step', "sed -i s/,0.5/,1/ sample_submission.csv",
       SUBMIT, 4, 'all labels are whole numbers', 'WRONG: pandas cuts each prediction to 0')
sample('whole numbers, and one that is none', 'sed -i 2s/0.5/0/ sample_submission.csv',
       SUBMIT, 0, 'submit: validation', 'reads it: right', 'run.json')
sample('a byte order mark', 'sed -i "1s/^/\\xef\\xbb\\xbf/" sample_submission.csv', SUBMIT, 0,
       'submit: validation', 'passes over it: right', 'run.json')
sample('CRLF', 'sed -i "s/$/\\r/" sample_submission.csv', SUBMIT, 0, 'submit: validation',
       'reads it: right', 'run.json')
sample('more rows than pictures', 'rows 1 2 3 4 5 6 7', SUBMIT, 0,
       '3 rows of pred.csv have no picture', 'the other rows keep 0.5, and nothing is said',
       'pred.csv run.json')

features = part('features')
features('no file', 'rm gap_ResNet50.h5', HEAD, 4, 'gap_ResNet50.h5 is missing',
         'IOError: no such file')
features('zero bytes', ': >gap_ResNet50.h5', HEAD, 4, 'gap_ResNet50.h5 is not a whole HDF5',
         'IOError: signature not found')
features('cut off', 'cut gap_ResNet50.h5 1000', HEAD, 4, 'gap_ResNet50.h5 is not a whole HDF5',
         'IOError: truncated file')
features('an array missing', 'h5 gap_ResNet50.h5 "del h[\'label\']"', HEAD, 4,
         'gap_ResNet50.h5 has no dataset label', 'KeyError')
features('another shape', 'h5 gap_Xception.h5 "del h[\'train\']; h[\'train\'] = np.zeros((8, 2))"',
         HEAD, 4, 'gap_Xception.h5: train is (8, 2)',
         'ValueError when it predicts: expected (None, 4098)')
features('not a number', 'h5 gap_Xception.h5 "h[\'train\'][:, 5] = np.nan"', HEAD, 4,
         'gap_Xception.h5: train holds nan', 'WRONG: trains to nan, and pred.csv has no labels')
features('labels all 0', 'h5 gap_InceptionV3.h5 "h[\'label\'][:] = 0"', HEAD, 4,
         'gap_InceptionV3.h5: label is not', 'WRONG: learns that all are cats')
features('from other pictures', 'h5 gap_InceptionV3.h5 "h.attrs[\'picture_set\'] = b\'0\' * 64"',
         HEAD, 5, 'gap_InceptionV3.h5 is from another set',
         'WRONG: nothing tells it; rows of two sets are put side by side')
features('a picture added since', 'cp train/cat.0.jpg train/cat.9.jpg', HEAD, 5,
         'another set of pictures', 'WRONG: uses the old features for the new folder')
features('a picture replaced since, of the same size',
         'cp train/cat.0.jpg x; dd if=train/cat.1.jpg of=train/cat.0.jpg bs=1 count=500 skip=500 '
         'seek=500 conv=notrunc status=none',
         HEAD, 5, 'another set of pictures', 'WRONG: uses the old features for the new picture')
features('a head for other features', 'h5 model.h5 "pass"; rm gap_Xception.h5',
         'exec --work {work} python -m repro submit --networks ResNet50', 5,
         'model.h5 needs 6144 features', 'has no such thing: it trains anew')
features('a head that is cut off', 'cut model.h5 3000', SUBMIT, 4, 'model.h5 is missing or no',
         'has no such thing: it trains anew')

weights = part('weights')
weights('cut off', 'cut %s 5000' % RESNET, WEIGHTS, 4, 'md5',
        'downloads it again, over the old one', ADOPTED)
weights('zero bytes', 'cut %s 0' % RESNET, WEIGHTS, 4, 'md5',
        'downloads it again, over the old one', ADOPTED)
weights('Xception\'s, cut off', 'cut %s 5000000' % XCEPTION, WEIGHTS.replace(*SWAP), 4, 'md5',
        'checks no md5; IOError: truncated file', ADOPTED)
weights('a stand-in in a real run', 'true', WEIGHTS, 4, 'is a stand-in',
        "downloads ResNet50's and InceptionV3's again; takes any Xception", ADOPTED)
weights('a stand-in in a step of a real run', 'sed -i s/demo/real/ run.json', GAP, 4,
        'is a stand-in', "downloads ResNet50's and InceptionV3's again; takes any Xception")
weights('not in the folder named', 'mkdir w', REAL + ' --weights {work}/w', 4, 'is missing',
        'has no such option', ADOPTED)
weights('no network to fetch them', 'export https_proxy=http://127.0.0.1:9',
        REAL + ' --any-weights', 4, 'could not be downloaded', 'Exception: URL fetch failure',
        ADOPTED + ' new/train2* new/test2* new/run.json')

around = part('environment')
around('no space for a file', 'true', LIMITED % ('-f 8; trap "" XFSZ', 'head'), 4, 'is full', '')
around('no space on the disk', 'disk "$new" 4', 'demo --train 8 --test 4 --work {new}/work', 4,
       'full', '', 'new/work new/work/.repro* new/work/t* new/work/weights new/work/*.csv')
around('a folder that cannot be written', 'echo >file', 'demo --work {work}/file/work', 4,
       'file/work', '')
around('a read-only file system', 'disk "$new" 1; mount -o remount,ro "$new"',
       'demo --work {new}/work', 4, 'new/work', '')
around('a read-only folder, to look at',
       'mount --bind . . && mount -o remount,ro,bind . || exit 77', VERIFY, 0, ', 0 FAIL', '')
around('a read-only folder, for a page',
       'mount --bind . . && mount -o remount,ro,bind . || exit 77', 'report --work {work}', 4,
       'with --out', '')
around('no memory', 'true', LIMITED % ('-v 2000000', 'demo --train 8 --test 4'), 4, 'MB of memory',
       '')
around('no memory, in an empty folder', 'mkdir "$new"',
       (LIMITED % ('-v 2000000', 'demo --train 8 --test 4')).replace('{work}', '{new}'), 4,
       'MB of memory', '', 'new/weights new/.repro new/.repro/lock')
around('no Python', 'export REPRO_PYTHON27=/nowhere REPRO_HOME="$new/home"', 'exec true', 3,
       'REPRO_PYTHON27', '', 'new')
around('no engine', 'program "$new/docker" "exit 1"; export PATH="$new:$PATH"',
       'exec --runtime docker true', 3, 'docker does not work here', '')
around('no GPU', 'program "$new/nvidia-smi" "exit 9"; export PATH="$new:$PATH"', 'gpu', 3,
       './run.sh cpu', '')
around('a clock that was set back: files from the future',
       'touch -d 2099-01-01 train/* test/* gap_*.h5 weights/* run.json', HEAD, 0, 'head:', '', '*')
around('a run.json that is cut off', 'cut run.json 100', DEMO, 4, 'run.json is not JSON', '')
around('a file where .repro/ should be', 'rm -r .repro; echo >.repro', LINKS, 4, '.repro', '')
around('somebody\'s keras.json in the folder',
       'echo \'{"backend": "theano"}\' >.repro/home/.keras/keras.json', HEAD, 4,
       "sets Keras's backend to theano", '')
around('a keras.json that is cut off', 'echo "{" >.repro/home/.keras/keras.json', HEAD, 4,
       'keras.json is not JSON', '')
around('a work folder whose name is in GBK', 'true',
       "exec bash -c 'd=$(printf \\\\262\\\\342); mkdir -p {new}/$d; cd {new}/$d; python -m repro "
       "head'", 4, 'path is not UTF-8', '', 'new new/*')
around('verify while a run goes on',
       'flock .repro/lock sleep 60 & until ! flock -n .repro/lock true; do sleep .1; done', VERIFY,
       5, 'a run is active in this work folder', '')
around('two runs in one folder',
       'flock .repro/lock sleep 60 & until ! flock -n .repro/lock true; do sleep .1; done', DEMO,
       5, 'another run', '')


def show():
    """The table as Markdown, a section a part."""
    heading = None
    for r in ROWS:
        if r.part != heading:
            heading = r.part
            print('\n## %s\n\n| fault | says | exit | leaves | the article\'s program |\n'
                  '|---|---|---|---|---|' % heading)
        cells = [r.fault, r.says, str(r.status), r.leaves or 'all as it was', r.article]
        print(u'| %s |' % u' | '.join(c.replace('|', '\\|') for c in cells))


if __name__ == '__main__':
    show()
