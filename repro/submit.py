# -*- coding: utf-8 -*-
"""预测测试集 (predicting the test set): model.h5, gap_*.h5, sample_submission.csv → pred.csv.

The article: "we limit each prediction to the interval [0.005, 0.995] ... for a wrong one the
difference between 0 and 0.005 is very large", and "the files of the test set are not in the
order 1, 2, 3", so each file name is parsed for its row.

Departures from the listing: none in the calls; pred.csv is renamed when whole.  In a run on
features alone there is no test2/, and the names that flow_from_directory would list are the
competition's (repro/inputs/given.py).
"""
from __future__ import division, print_function

import time

import h5py
import numpy as np
import pandas as pd
from keras.models import load_model
from keras.preprocessing.image import ImageDataGenerator
from sklearn.metrics import log_loss

from repro import features, head
from repro.console.progress import say
from repro.engines import equality
from repro.failures import BadInput, OtherInputs
from repro.inputs import data
from repro.networks import CONCATENATION, in_order_of_concatenation
from repro.work import record
from repro.work.folder import replacing


def predict(networks):
    """The clipped predictions, (m, 1) float32, in the order of the features' rows."""
    X_test = []
    for filename in [features.filename(network) for network in networks]:
        with h5py.File(filename, 'r') as h:
            X_test.append(np.array(h['test']))
    X_test = np.concatenate(X_test, axis=1)
    model = trained()
    if model.input_shape[1] != X_test.shape[1]:
        raise OtherInputs('model.h5 needs %d features and gap_*.h5 hold %d: run the step '
                          'head again' % (model.input_shape[1], X_test.shape[1]))

    y_pred = model.predict(X_test, verbose=1)
    print()     # Keras's bar leaves the line open
    y_pred = y_pred.clip(min=0.005, max=0.995)
    return y_pred


def trained():
    """The head that the step head left.  Raises BadInput."""
    try:
        return load_model('model.h5')
    except (IOError, OSError, ValueError, KeyError) as e:
        raise BadInput('model.h5 is missing or not a whole model (%s): run the step head again'
                       % e)


def listed():
    """test/1.jpg, test/10.jpg, ...: the test pictures, in the order of the features' rows."""
    gen = ImageDataGenerator()
    test_generator = gen.flow_from_directory('test2', (224, 224), shuffle=False,
                                             batch_size=16, class_mode=None)
    return test_generator.filenames


def check_listed(filenames, names):
    """OtherInputs unless Keras lists test/'s own pictures; names: those that were checked."""
    if sorted(filenames) != sorted('test/' + n for n in names):
        raise OtherInputs('test2/ does not hold what test/ holds: run the step links again')


def fill(y_pred, filenames):
    """sample_submission.csv with the predictions written into its rows."""
    df = pd.read_csv('sample_submission.csv')

    if len(filenames) != len(y_pred):
        raise OtherInputs('test/ holds %d pictures and gap_*.h5 %d: run the step gap again'
                          % (len(filenames), len(y_pred)))

    for i, fname in enumerate(filenames):
        index = int(fname[fname.rfind('/')+1:fname.rfind('.')])
        df.set_value(index-1, 'label', y_pred[i])

    with replacing('pred.csv') as name:
        df.to_csv(name, index=None)
    return df


def is_level(y_pred):
    """Whether several predictions are all the same, which no trained head gives."""
    return len(y_pred) > 1 and y_pred.min() == y_pred.max()


def between_engines(networks):
    """What tf1's features of the sample would change in the predictions; {} for tf1 itself."""
    if not equality.is_there(networks):
        return {}
    model = trained()
    change = equality.decisions(networks, lambda X: model.predict(X).clip(min=0.005, max=0.995))
    say('submit: %(pictures)d pictures with tf1\'s features instead of the engine\'s: '
        '%(flips)d decisions flip, predictions change by %(largest_change).1e at most, the '
        'log loss by %(log_loss_change).1e' % change)
    return {'equality': change}


def validation():
    """The validation pictures' log loss (natural logarithms) without and with the clip."""
    table = pd.read_csv('validation.csv')
    y, p = table['label'].values, table['prediction'].values
    return {'pictures': len(y), 'accuracy': float(np.mean((p > .5) == (y > .5))),
            'log_loss': float(log_loss(y, p, labels=[0, 1])),
            'log_loss_clipped': float(log_loss(y, p.clip(0.005, 0.995), labels=[0, 1]))}


def main(networks=CONCATENATION):
    start = time.time()
    networks = in_order_of_concatenation(networks)
    rows_of_test = head.check(networks)[0].shapes['test'][0]
    run = record.read()
    without_pictures = record.has_given_features(run)
    names = data.numbered(rows_of_test) if without_pictures else data.names('test')
    rows = data.check_submission(names)
    y_pred = predict(networks)
    filenames = ['test/' + n for n in names] if without_pictures else listed()
    check_listed(filenames, names)
    df = fill(y_pred, filenames)
    print(df.head(10))
    if rows > len(y_pred):
        say('submit: %d rows of pred.csv have no picture and keep the sample\'s label'
            % (rows - len(y_pred)))
    if is_level(y_pred):
        say('submit: every prediction is %.4f: such a pred.csv is worth nothing' % y_pred[0, 0])
    v = validation()
    stand_ins = record.stand_ins(run)
    what = ('rows of stand-in features' if 'features' in stand_ins else
            'drawn stand-ins' if 'pictures' in stand_ins else 'pictures')
    say('submit: validation, %d %s: accuracy %.4f, log loss %.4f as predicted, %.4f '
        'with the clip to [0.005, 0.995]' % (v['pictures'], what, v['accuracy'],
                                             v['log_loss'], v['log_loss_clipped']))
    record.append('submit', time.time() - start, ['pred.csv'], networks=networks, rows=rows,
                  predicted=len(y_pred), validation=v, **between_engines(networks))
