# -*- coding: utf-8 -*-
"""The embedded default: the article's program runs where neither Kaggle's pictures nor ImageNet's
weights may be.

pictures.py draws cartoon cats and dogs in Kaggle's layout; weights.py makes weights in Keras
1.2.2's HDF5 layout under the file names that Keras would fetch.  Both are made by hand so that
one cue reaches the head: every drawn cat is striped, no drawn dog is, and the weights are built
to pass that cue on.  A run on them shows that the pipeline works.  It shows nothing about
recognising cats and dogs, and nothing about the article's 99.6 %.

    python -m repro.standin pictures --train 64 --test 16
    python -m repro.standin weights ResNet50 InceptionV3 Xception
"""
