"""The cases: for each exercise the arguments that it is tried with, drawn from a seed.

Each function takes a random generator and yields dictionaries of arguments for the functions of
the same name in exercises.py and answers.py. The shapes that catch mistakes are always there;
the numbers, and some of the shapes, are new for each seed.
"""
import zlib

import numpy as np

from make_data import DATA, distributed_weights, simple_weights


def draw(exercise, seed):
    """Return the list of cases of an exercise, the same for the same seed."""
    rng = np.random.default_rng([seed, zlib.crc32(exercise.encode())])
    return list(globals()[exercise](rng))


def multiple_choice(rng):
    yield {}


_SIZES = ["in_channel", "out_channel", "kernel_size", "stride"]

# batch, in_width, in_channel, out_channel, kernel_size, stride
_CONV_SHAPES = [
    (1, 1, 1, 1, 1, 1),
    (2, 9, 3, 4, 1, 1),
    (3, 14, 2, 5, 1, 3),   # kernel 1, gaps
    (2, 5, 3, 4, 5, 1),    # width = kernel
    (2, 7, 3, 4, 7, 4),
    (2, 20, 3, 4, 3, 1),
    (3, 21, 2, 3, 5, 2),   # windows overlap
    (2, 24, 4, 3, 4, 4),   # windows side by side
    (2, 23, 3, 4, 2, 5),   # stride > kernel, inputs left over
    (3, 30, 2, 3, 4, 7),
    (2, 22, 3, 2, 5, 3),   # inputs left over
    (1, 30, 4, 5, 3, 2),   # batch 1
    (2, 30, 1, 5, 3, 2),   # one channel in
    (2, 30, 4, 1, 3, 2),   # one channel out
    (4, 4, 4, 4, 2, 1),    # axes of equal length
    (3, 5, 3, 3, 3, 1),
    (2, 10, 3, 2, 6, 3),
]


def _conv_shapes(rng, random):
    """The shapes above, then the course's: `random` of them, and one that is wide."""
    yield from _CONV_SHAPES
    for width in [None] * random + [300]:
        batch, kernel, stride = (int(n) for n in rng.integers(1, [5, 11, 11]))
        channels = [int(n) for n in rng.integers(2, 16, 2)]
        if width is None:
            width = int(rng.integers(kernel, 120))
        yield (batch, width, *channels, kernel, stride)


def _conv(rng, batch, in_width, *sizes):
    in_channel, out_channel, kernel_size, stride = sizes
    case = dict(zip(_SIZES, sizes))
    case["W"] = rng.standard_normal((out_channel, in_channel, kernel_size))
    case["b"] = rng.standard_normal(out_channel)
    case["x"] = rng.standard_normal((batch, in_channel, in_width))
    return case


def _with_delta(rng, case, prefix=""):
    x = case[prefix + "x"]
    out_width = (x.shape[2] - case["kernel_size"]) // case["stride"] + 1
    case[prefix + "delta"] = rng.standard_normal((len(x), case["out_channel"], out_width))
    return case


def conv_forward(rng):
    for shape in _conv_shapes(rng, random=10):
        yield _conv(rng, *shape)
    case = _conv(rng, 3, 25, 4, 5, 3, 2)
    case["x"] = np.asfortranarray(case["x"])  # not contiguous
    yield case
    case = _conv(rng, 2, 25, 4, 5, 3, 2)
    case["W"] = rng.integers(-3, 4, case["W"].shape)
    yield case


def conv_forward_again(rng):
    for shape in _CONV_SHAPES[5:9]:
        case = _conv(rng, *shape)
        batch, channel, width = case["x"].shape
        case["other_x"] = rng.standard_normal((batch + 1, channel, width + 9))
        case["other_W"] = rng.standard_normal(case["W"].shape)
        yield case


def conv_attributes(rng):
    for sizes in (3, 4, 5, 2), (1, 1, 1, 1), (2, 7, 3, 4), (5, 5, 5, 5):
        yield dict(zip(_SIZES, sizes), seed=int(rng.integers(2 ** 31)))


def conv_backward(rng):
    for shape in _conv_shapes(rng, random=8):
        yield _with_delta(rng, _conv(rng, *shape))
    case = _with_delta(rng, _conv(rng, 3, 25, 4, 5, 3, 2))
    case["x"], case["delta"] = np.asfortranarray(case["x"]), np.asfortranarray(case["delta"])
    yield case


def conv_backward_again(rng):
    for case in conv_forward_again(rng):
        yield _with_delta(rng, _with_delta(rng, case), "other_")


def flatten(rng):
    for batch, channel, width in (2, 3, 5), (1, 4, 4), (3, 1, 6), (4, 5, 1), (3, 3, 3):
        yield {"x": rng.standard_normal((batch, channel, width)),
               "delta": rng.standard_normal((batch, channel * width)),
               "other_x": rng.standard_normal((batch + 1, width, channel + 2))}
    yield {"x": np.asfortranarray(rng.standard_normal((2, 3, 5))),
           "delta": rng.standard_normal((2, 15)), "other_x": rng.standard_normal((2, 2, 2))}


def linear(rng):
    for batch, n, m, b_shape in ((2, 3, 4, (4,)), (3, 5, 2, (1, 2)), (1, 4, 3, (3,)),
                                 (4, 4, 4, (1, 4)), (5, 1, 3, (3,)), (2, 6, 1, (1, 1))):
        yield {"in_feature": n, "out_feature": m, "W": rng.standard_normal((n, m)),
               "b": rng.standard_normal(b_shape), "x": rng.standard_normal((batch, n)),
               "delta": rng.standard_normal((batch, m))}


def activation(rng):
    for name in "Identity", "Sigmoid", "Tanh", "ReLU":
        for shape in (3, 4), (2, 3, 5), (1, 1):
            x = 2 * rng.standard_normal(shape)
            yield {"name": name, "x": x, "delta": rng.standard_normal(shape),
                   "other_x": rng.standard_normal(shape)}
        x = np.array([[0.0, 1e-9, -1e-9, 30.0, -30.0, 1e3, -1e3, 1e4, -1e4]])
        yield {"name": name, "x": x, "delta": rng.standard_normal(x.shape), "other_x": x / 7}


def loss(rng):
    for batch, classes in (3, 4), (1, 10), (4, 4), (5, 1), (2, 3):
        x = 3 * rng.standard_normal((batch, classes))
        yield {"x": x, "y": np.eye(classes)[rng.integers(classes, size=batch)]}
        soft = rng.random((batch, classes)) + 0.1
        yield {"x": x, "y": soft / soft.sum(axis=1, keepdims=True)}
    yield {"x": np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [800.0, 801.0, 802.0]]),
           "y": np.eye(3)}


def batchnorm(rng):
    for batch, n, alpha in (4, 3, 0.9), (3, 3, 0.5), (7, 1, 0.1), (2, 5, 0.9):
        yield {"in_feature": n, "alpha": alpha, "gamma": rng.standard_normal((1, n)),
               "beta": rng.standard_normal((1, n)),
               "x": 2 + 3 * rng.standard_normal((batch, n)),
               "other_x": rng.standard_normal((batch + 2, n)),
               "delta": rng.standard_normal((batch, n))}


def float32(rng):
    case = _with_delta(rng, _conv(rng, 2, 12, 3, 4, 3, 2))
    case.update(linear_W=rng.standard_normal((5, 2)), linear_b=rng.standard_normal(2),
                linear_x=rng.standard_normal((3, 5)))
    yield {name: value.astype(np.float32) if isinstance(value, np.ndarray) else value
           for name, value in case.items()}


def imports(rng):
    modules = {
        "conv": ["Conv1D", "Flatten"], "linear": ["Linear"], "batchnorm": ["BatchNorm"],
        "activation": ["Activation", "Identity", "Sigmoid", "Tanh", "ReLU"],
        "loss": ["Criterion", "SoftmaxCrossEntropy", "np", "os"],
    }
    for style in "flat", "package":
        for module, names in modules.items():
            yield {"module": module, "names": names, "style": style}
    for module, name in (("mc", "question_1"), ("mlp", "MLP"), ("hw2", "CNN"),
                         ("mlp_scan", "CNN_SimpleScanningMLP")):
        yield {"module": module, "names": [name], "style": "flat"}


def mlp(rng):
    for batch, sizes in (3, [6, 5]), (2, [7, 4, 3]), (4, [192, 8, 16, 4]):
        yield {"layer_sizes": sizes,
               "weights": [rng.standard_normal(s) / s[0] ** 0.5 for s in zip(sizes, sizes[1:])],
               "x": rng.standard_normal((batch, sizes[0])),
               "delta": rng.standard_normal((batch, sizes[-1]))}


def _sample(name):
    """The sample weights and input that ship with the autograder, x as (1, 24, 128)."""
    with np.load(DATA / name) as weights:
        return {"weights": [weights[key] for key in weights.files],
                "x": np.load(DATA / "input.npy").T[np.newaxis].copy()}


def _integers(weights):
    """As the course's weight files are: matrices of integers with the same structure."""
    return [np.rint(3 * W).astype(np.int64) for W in weights]


def simple_scan(rng):
    yield _sample("simple_weights.npz")
    for batch, width in (2, 128), (1, 128), (3, 8), (2, 53):
        yield {"weights": simple_weights(rng), "x": rng.standard_normal((batch, 24, width))}
    yield {"weights": tuple(_integers(simple_weights(rng))),
           "x": rng.standard_normal((1, 24, 128))}


def distributed_scan(rng):
    yield _sample("distributed_weights.npz")
    for batch, width, absent in ((2, 128, 0.0), (2, 128, np.nan), (1, 128, np.nan),
                                 (3, 8, 0.0), (2, 53, np.nan)):
        yield {"weights": distributed_weights(rng, absent),
               "x": rng.standard_normal((batch, 24, width))}
    yield {"weights": tuple(_integers(distributed_weights(rng))),
           "x": rng.standard_normal((1, 24, 128))}


def _scan_backward(rng, scan):
    for case in scan(rng):
        positions = (case["x"].shape[2] - 8) // 4 + 1
        yield {**case, "delta": rng.standard_normal((len(case["x"]), 4 * positions))}


def simple_scan_backward(rng):
    return _scan_backward(rng, simple_scan)


def distributed_scan_backward(rng):
    return _scan_backward(rng, distributed_scan)


FIGURE_4 = {"input_width": 128, "num_input_channels": 24, "num_channels": [56, 28, 14],
            "kernel_sizes": [5, 6, 2], "strides": [1, 2, 2], "num_linear_neurons": 10,
            "activations": ["Tanh", "ReLU", "Sigmoid"]}
_ONE_LAYER = {"input_width": 17, "num_input_channels": 3, "num_channels": [5],
              "kernel_sizes": [4], "strides": [3], "num_linear_neurons": 4,
              "activations": ["Sigmoid"]}
_TWO_LAYERS = {"input_width": 30, "num_input_channels": 4, "num_channels": [6, 3],
               "kernel_sizes": [3, 4], "strides": [2, 3], "num_linear_neurons": 2,
               "activations": ["ReLU", "Identity"]}
_FOUR_LAYERS = {"input_width": 41, "num_input_channels": 2, "num_channels": [4, 5, 3, 4],
                "kernel_sizes": [4, 1, 3, 2], "strides": [1, 2, 2, 1], "num_linear_neurons": 5,
                "activations": ["Tanh", "Sigmoid", "ReLU", "Tanh"]}


def _parameters(rng, shape):
    """A (W, b) for each convolution and the linear layer, of a size that saturates nothing."""
    parameters, channel, width = [], shape["num_input_channels"], shape["input_width"]
    for out, kernel, stride in zip(shape["num_channels"], shape["kernel_sizes"],
                                   shape["strides"]):
        W = rng.standard_normal((out, channel, kernel)) / (channel * kernel) ** 0.5
        parameters.append((W, 0.5 * rng.standard_normal(out)))
        channel, width = out, (width - kernel) // stride + 1
    W = rng.standard_normal((channel * width, shape["num_linear_neurons"]))
    parameters.append((2 * W / (channel * width) ** 0.5,
                       rng.standard_normal(shape["num_linear_neurons"])))
    return parameters


def _batch(rng, shape, batch):
    x = rng.standard_normal((batch, shape["num_input_channels"], shape["input_width"]))
    classes = shape["num_linear_neurons"]
    return x, np.eye(classes)[rng.integers(classes, size=batch)]


def cnn(rng):
    for shape, batch in (FIGURE_4, 2), (_ONE_LAYER, 1), (_TWO_LAYERS, 5), (_FOUR_LAYERS, 3):
        x, labels = _batch(rng, shape, batch)
        yield {"shape": shape, "parameters": _parameters(rng, shape), "x": x, "labels": labels,
               "other_x": _batch(rng, shape, batch + 1)[0]}


def cnn_training(rng):
    for shape, batches, lr in ((_ONE_LAYER, [1, 1, 1], 0.3), (_TWO_LAYERS, [4, 4, 3], 0.1),
                               (_FOUR_LAYERS, [3, 5, 2], 0.2)):
        xs, labels = zip(*(_batch(rng, shape, batch) for batch in batches))
        yield {"shape": shape, "parameters": _parameters(rng, shape), "xs": list(xs),
               "labels": list(labels), "lr": lr}
