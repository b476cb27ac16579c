"""The layers, in files named as Keras 1's keras/layers/*.py; ../registry.py explains @converts."""
