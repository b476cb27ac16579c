"""What the arguments that many layers share become in Keras 3."""
import keras

from keras3.remarks import NoEqual, remark

ACTIVATIONS = ('softmax', 'elu', 'softplus', 'softsign', 'relu', 'tanh', 'sigmoid', 'linear',
               'hard_sigmoid')


def named(old, role=''):
    """The name of the new layer and whether it is trainable."""
    name = (old.name + ('_' + role if role else '')).replace('/', '_')
    return {'name': name, 'trainable': old.config.get('trainable', True)}


def activation(old, argument='activation'):
    name = old.config.get(argument, 'linear')       # MaxoutDense has none
    if name not in ACTIVATIONS:
        raise NoEqual(old, 'its %s %s is not one of Keras 1\'s own' % (argument, name))
    return name


def plain_activation(old):
    """The argument of the new layer; None where parts.activated adds layers for it."""
    return None if activation(old) in ('linear', 'hard_sigmoid') else activation(old)


def ordering(old):
    """data_format.  Some layers of 1.2.2 do not save theirs: repro/conversion/ fills it in."""
    if old.config.get('dim_ordering', 'tf') == 'tf':
        return 'channels_last'
    remark(old, 'keeps Theano\'s ordering, which is channels_first')
    return 'channels_first'


def axes(old, shape):
    """The lengths of the axes of an image or a volume, without batch and channels."""
    return shape[1:-1] if ordering(old) == 'channels_last' else shape[2:]


def kernel(old, array):
    """A convolution's kernel with Theano's ordering, (out, in, rows, …), as TensorFlow's."""
    if old.config.get('dim_ordering', 'tf') == 'tf':
        return array
    return array.transpose(list(range(2, array.ndim)) + [1, 0])


def regularizer(old, argument):
    given = old.config.get(argument)
    if not given:
        return None
    if given.get('name') not in ('L1L2Regularizer', 'WeightRegularizer', 'ActivityRegularizer'):
        remark(old, 'without its %s, %s' % (argument, given.get('name')))
        return None
    return keras.regularizers.L1L2(given.get('l1', 0.), given.get('l2', 0.))


def constraint(old, argument, same_axes=True):
    """same_axes: whether the weights keep their shape; without it only NonNeg means the same."""
    given = old.config.get(argument)
    if not given:
        return None
    name, axis = given['name'].lower(), given.get('axis')
    if name == 'nonneg':
        return keras.constraints.NonNeg()
    if same_axes and name == 'maxnorm':
        return keras.constraints.MaxNorm(given['m'], axis)
    if same_axes and name == 'unitnorm':
        return keras.constraints.UnitNorm(axis)
    if same_axes and name == 'minmaxnorm':
        return keras.constraints.MinMaxNorm(given['low'], given['high'], given['rate'], axis)
    remark(old, 'without its %s, %s' % (argument, given['name']))


def with_kernel(old, same_axes=True):
    """The arguments of a layer with a kernel W and a bias b."""
    if old.config.get('activity_regularizer'):
        remark(old, 'without its activity_regularizer: Keras 3 divides it by the batch\'s size')
    return dict(named(old), use_bias=old.config['bias'], activation=plain_activation(old),
                kernel_regularizer=regularizer(old, 'W_regularizer'),
                bias_regularizer=regularizer(old, 'b_regularizer'),
                kernel_constraint=constraint(old, 'W_constraint', same_axes),
                bias_constraint=constraint(old, 'b_constraint'))


def bias(old):
    return [old.weights['b']] if old.config['bias'] else []
