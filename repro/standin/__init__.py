# -*- coding: utf-8 -*-
"""The embedded default: drawn pictures and seeded weights, so that the
article's program runs where neither Kaggle's images nor ImageNet's weights
may be.

pictures.py draws cartoon cats and dogs in Kaggle's layout; weights.py makes
weights in Keras 1.2.2's HDF5 layout under the file names Keras would fetch.
Both are hand-made so that stripes reach the head: every drawn cat is striped,
no drawn dog is, and the kernels are built to carry fine contrast through to
the last layer. A run on them shows that the pipeline works. It shows nothing
about recognising cats and dogs, and nothing about the article's 99.6 %.

    python -m repro.standin pictures --train 128 --test 32
    python -m repro.standin weights ResNet50 InceptionV3 Xception
"""
