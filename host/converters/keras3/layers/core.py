"""Dense, Activation, Dropout and what else is in Keras 1's core.py; Merge is in merge.py."""
from keras import layers

from keras3 import masks
from keras3.arguments import activation, bias, named, with_kernel
from keras3.parts import activated, built, chain, hard_sigmoid
from keras3.registry import converts
from keras3.remarks import NoEqual, remark


@converts('Dense', 'TimeDistributedDense', weights=['W', 'b'])
def dense(old, x):
    return activated(old, built(layers.Dense(old.config['output_dim'], **with_kernel(old)),
                                x.shape, old.weights['W'], *bias(old)))


@converts('Activation')
def activation_layer(old, x):
    if activation(old) == 'hard_sigmoid':
        return hard_sigmoid(old)
    return layers.Activation(activation(old), **named(old))


@converts('Dropout', 'SpatialDropout1D', 'SpatialDropout2D', 'SpatialDropout3D')
def dropout(old, x):
    options = {'data_format': 'channels_last'} if old.kind[-2:] in ('2D', '3D') else {}
    return getattr(layers, old.kind)(old.config['p'], name=named(old)['name'], **options)


@converts('Flatten')
def flatten(old, x):
    # channels_last for Theano's ordering, too: Keras 1 flattens what is there.
    return layers.Flatten('channels_last', **named(old))


@converts('Reshape')
def reshape(old, x):
    return layers.Reshape(tuple(old.config['target_shape']), **named(old))


@converts('Permute')
def permute(old, x):
    return layers.Permute(tuple(old.config['dims']), **named(old))


@converts('RepeatVector')
def repeat(old, x):
    return layers.RepeatVector(old.config['n'], **named(old))


@converts('Lambda')
def python_function(old, x):
    raise NoEqual(old, 'it is code of Python 2.7\'s, which Keras 3 cannot hold: '
                  'onnx, savedmodel and openvino take it')


@converts('ActivityRegularization')
def activity_regularization(old, x):
    remark(old, 'its penalty is divided by the batch\'s size in Keras 3')
    return layers.ActivityRegularization(old.config['l1'], old.config['l2'], **named(old))


@converts('Masking', masks=masks.begun)
def masking(old, x):
    return layers.Masking(old.config['mask_value'], **named(old))


@converts('MaxoutDense', weights=['W', 'b'])
def maxout(old, x):
    """The largest of several Denses: one EinsumDense for all, and the maximum over them."""
    options, W = with_kernel(old, same_axes=False), old.weights['W']
    options.update(bias_axes='ko' if options.pop('use_bias') else None)
    together = layers.EinsumDense('bi,kio->bko', (W.shape[0], W.shape[2]), **options)
    return chain(built(together, x.shape, W, *bias(old)),
                 layers.GlobalMaxPooling1D('channels_last', **named(old, 'max')))


@converts('Highway', weights=['W', 'W_carry', 'b', 'b_carry'])
def highway(old, x):
    """transform * activation(W x + b) + (1 - transform) * x"""
    size, carry = x.shape[-1], [w for n, w in sorted(old.weights.items()) if 'carry' in n]
    inner = activated(old, built(layers.Dense(size, **with_kernel(old)), x.shape,
                                 old.weights['W'], *bias(old)))
    transform = built(layers.Dense(size, activation='sigmoid', use_bias=old.config['bias'],
                                   **named(old, 'transform')), x.shape, *carry)
    rest = layers.Rescaling(-1., 1., **named(old, 'rest'))
    through, past = (layers.Multiply(**named(old, role)) for role in ('through', 'past'))
    both = layers.Add(**named(old, 'sum'))

    def call(x):
        t = transform(x)
        return both([through([inner(x), t]), past([rest(t), x])])
    return call
