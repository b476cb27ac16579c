"""A Keras 1.x model on its way to another format; host/converters/ takes it from there."""
