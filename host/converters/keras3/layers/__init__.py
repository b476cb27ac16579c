"""The layers, in files named as Keras 1's keras/layers/*.py; ../registry.py says what a row means."""
