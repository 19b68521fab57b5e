"""The known mistakes: each makes its mistake on purpose, to be recognized in a hand-in.

A mistake is a function whose name is its name and whose docstring is the sentence that a student
reads. It takes the result's name, torch's results and the case, and returns what a hand-in with
this mistake would have for that result. The decorator names the results that it may spoil, as
"exercise.result", where * stands for any. To add a mistake is to add such a function.
"""
import fnmatch

import numpy as np

import answers
from make_data import repeat
from verdict import wrong

MISTAKES = []
KINDS = []  # of mistakes that show in the type or size of what is wrong


def diagnose(exercise, name, cases, expected, outcome, failures):
    """Return the sentence of the mistake that explains a result in every case, or None.

    A mistake fits if the hand-in's result is what the mistake makes of it wherever there is
    one, and that is not right everywhere.
    """
    known = [(case, right, record["results"].get(name))
             for case, right, record in zip(cases, expected, outcome.records)
             if name in right and "results" in record]
    for patterns, make in MISTAKES:
        if any(fnmatch.fnmatchcase("%s.%s" % (exercise, name), p) for p in patterns):
            try:
                if known and all(_same(make(name, right, case), got) for case, right, got in known):
                    return make.__doc__
            except (TypeError, ValueError, IndexError, KeyError, AttributeError, RuntimeError):
                continue  # this mistake cannot be made here
    mine = [failure for failure in failures if failure.result == name]
    return next((test.__doc__ for test in KINDS if test(mine)), None)


def _same(value, got):
    value = np.asarray(value)
    return (isinstance(got, (np.ndarray, float)) and np.shape(got) == value.shape
            and value.dtype.kind == "f" and not wrong(value, np.asarray(got)).any())


def mistake(*patterns):
    """Enter the function below into the table, for the results that these patterns name."""
    def enter(make):
        MISTAKES.append((patterns, make))
        return make
    return enter


def kind(test):
    """Enter the function below, which tells from a result's failures whether it is this mistake."""
    KINDS.append(test)
    return test


def _again(exercise, name, case, **changes):
    """Torch's result for a changed case."""
    return getattr(answers, exercise)(**{**case, **changes})[name]


def _bias(case):
    """The bias, to be added to an output."""
    return case["b"][:, np.newaxis] if case["x"].ndim == 3 else case["b"]


def _window_gradient(case, t):
    """What one window's output gives to dx."""
    return np.tensordot(case["delta"][:, :, t], case["W"], axes=([1], [0]))


@mistake("conv_forward.output", "linear.output")
def bias_forgotten(name, right, case):
    """your output is the reference without the bias"""
    return right[name] - _bias(case)


@mistake("conv_forward.output", "linear.output")
def bias_added_twice(name, right, case):
    """your output has the bias added twice"""
    return right[name] + _bias(case)


@mistake("conv_forward.output")
def bias_subtracted(name, right, case):
    """your output has the bias subtracted; it is added"""
    return right[name] - 2 * _bias(case)


@mistake("conv_forward.output")
def first_bias_only(name, right, case):
    """your output has the first filter's bias everywhere; each filter has its own"""
    return right[name] - _bias(case) + case["b"][0]


@mistake("conv_forward.output")
def kernel_flipped(name, right, case):
    """you flip the kernel: the layer is a cross-correlation, not the mathematical convolution"""
    return _again("conv_forward", name, case, W=case["W"][:, :, ::-1])


@mistake("conv_forward.output")
def channels_reversed(name, right, case):
    """your output pairs the input's channels with the weights' in reversed order"""
    return _again("conv_forward", name, case, W=case["W"][:, ::-1])


@mistake("conv_forward.output")
def first_channel_only(name, right, case):
    """your output reads the first input channel only; a filter sums over all of them"""
    return _again("conv_forward", name, case, W=case["W"][:, :1], x=case["x"][:, :1])


@mistake("conv_forward.output")
def output_averaged(name, right, case):
    """your output averages over the window; a filter sums over it"""
    return (right[name] - _bias(case)) / case["W"][0].size + _bias(case)


@mistake("conv_forward.output")
def last_window_zero(name, right, case):
    """your output lacks the last window: check where your loop over positions ends"""
    value = right[name].copy()
    value[:, :, -1] = 0
    return value


@mistake("conv_backward.dx")
def last_window_without_gradient(name, right, case):
    """your dx lacks the last window's part: check where your loop over positions ends"""
    delta = case["delta"].copy()
    delta[:, :, -1] = 0
    return _again("conv_backward", name, case, delta=delta)


@mistake("conv_forward.output")
def out_width_short(name, right, case):
    """your output is one position short: see question 2 for the output's width"""
    return right[name][:, :, :-1]


@mistake("conv_forward.output")
def stride_ignored(name, right, case):
    """your windows start at every input: they are to step by the stride"""
    return _again("conv_forward", name, case, stride=1)[:, :, :right[name].shape[2]]


@mistake("conv_backward.dx")
def stride_ignored_in_dx(name, right, case):
    """your dx puts each window's gradient where a stride of 1 would have it"""
    dx = np.zeros_like(case["x"])
    for t in range(case["delta"].shape[2]):
        dx[:, :, t:t + case["kernel_size"]] += _window_gradient(case, t)
    return dx


@mistake("conv_forward.output", "conv_backward.dx")
def first_sample_only(name, right, case):
    """your result is right for the first sample and zero for all others"""
    value = np.zeros_like(right[name])
    value[0] = right[name][0]
    return value


@mistake("conv_backward.dW", "conv_backward.db")
def gradient_of_first_sample(name, right, case):
    """your gradient takes the first sample only; it is summed over the batch"""
    return _again("conv_backward", name, case, x=case["x"][:1], delta=case["delta"][:1])


@mistake("conv_forward.output")
def first_sample_repeated(name, right, case):
    """your output repeats the first sample's for every sample"""
    return np.broadcast_to(right[name][:1], right[name].shape)


@mistake("conv_backward.d*", "linear.dx", "loss.derivative()", "batchnorm.dgamma",
         "batchnorm.dbeta", "cnn.loss", "cnn.dx")
def averaged_over_batch(name, right, case):
    """your result is averaged over the batch; it should not be divided by the batch size"""
    return right[name] / len(case["x"])


@mistake("conv_backward.dW", "conv_backward.db")
def averaged_over_positions(name, right, case):
    """your gradient is averaged over the positions; it is summed over them"""
    return right[name] / case["delta"].shape[2]


@mistake("linear.dW", "linear.db")
def summed_over_batch(name, right, case):
    """your gradient is summed over the batch; homework 1's linear layer averages"""
    return right[name] * len(case["x"])


@mistake("conv_backward_again.dW", "conv_backward_again.db")
def accumulated(name, right, case):
    """your backward adds to the gradients of the call before; it is to replace them"""
    names = "in_channel", "out_channel", "kernel_size", "stride", "W", "b"
    other = answers.conv_backward(*(case[n] for n in names), case["other_x"], case["other_delta"])
    return right[name] + other[name]


@mistake("linear.dW")
def linear_accumulated(name, right, case):
    """your Linear's backward adds to the gradients of the call before; it is to replace them"""
    return 3 * right[name]


@mistake("conv_backward.d*", "linear.d*", "loss.forward(x, y)", "loss.derivative()")
def sign_flipped(name, right, case):
    """your result has the wrong sign"""
    return -right[name]


@mistake("conv_backward.dW", "conv_backward.db")
def stays_zero(name, right, case):
    """your backward leaves this gradient at zero: it never sets it"""
    return np.zeros_like(right[name])


@mistake("conv_backward.dW")
def dW_flipped(name, right, case):
    """your dW is flipped along the taps"""
    return right[name][:, :, ::-1]


@mistake("conv_backward.dx")
def dx_kernel_flipped(name, right, case):
    """your dx flips the kernel: tap k of W belongs to input k of the window, backward too"""
    return _again("conv_backward", name, case, W=case["W"][:, :, ::-1])


@mistake("conv_backward.dx")
def overlap_overwritten(name, right, case):
    """where windows overlap, your dx keeps the last one's gradient; an input sums over its windows"""
    dx = np.zeros_like(case["x"])
    for t in range(case["delta"].shape[2]):
        start = t * case["stride"]
        dx[:, :, start:start + case["kernel_size"]] = _window_gradient(case, t)
    return dx


def _end(case):
    return (case["delta"].shape[2] - 1) * case["stride"] + case["kernel_size"]


@mistake("conv_backward.dx")
def leftover_cut(name, right, case):
    """your dx ends with the last window; inputs past it get zero"""
    return right[name][:, :, :_end(case)]


@mistake("conv_backward.dx")
def leftover_filled(name, right, case):
    """inputs past the last window get zero in dx; yours repeat the last gradient"""
    dx, end = right[name].copy(), _end(case)
    dx[:, :, end:] = dx[:, :, end - 1:end]
    return dx


for _axes in (0, 1), (1, 2):
    @mistake("conv_forward.output", "conv_backward.dW", "linear.dW", "conv_attributes.W")
    def axes_swapped(name, right, case, axes=_axes):
        """two axes of your result are swapped"""
        return right[name].swapaxes(*(axes if right[name].ndim > 2 else (0, 1)))


@mistake("conv_forward_again.output on*", "conv_forward_again.output with a new W")
def left_over(name, right, case):
    """your layer gives the first call's output again: something is kept from it"""
    return right["output"]


@mistake("conv_attributes.b")
def bias_not_zero(name, right, case):
    """your b starts as ones; by default it is zeros"""
    return np.ones_like(right[name])


@mistake("conv_attributes.b of bias_init_fn")
def init_fn_ignored(name, right, case):
    """your layer ignores the init function that it is given"""
    return np.zeros_like(right[name])


@mistake("flatten.output")
def flattened_width_major(name, right, case):
    """your Flatten is width-major; channels come first, as x is laid out"""
    return case["x"].transpose(0, 2, 1).reshape(len(case["x"]), -1)


@mistake("flatten.dx")
def unflattened_width_major(name, right, case):
    """your Flatten.backward does not undo forward: it takes the gradient as width-major"""
    batch, channel, width = case["x"].shape
    return case["delta"].reshape(batch, width, channel).transpose(0, 2, 1)


@mistake("activation.derivative()")
def derivative_is_output(name, right, case):
    """your derivative is the output itself"""
    return right["state"] if case["name"] == "Sigmoid" else right[name]


@mistake("activation.derivative()")
def square_forgotten(name, right, case):
    """your Tanh's derivative lacks the square of the output"""
    return 1 - right["state"] if case["name"] == "Tanh" else right[name]


@mistake("activation.derivative(state)")
def state_ignored(name, right, case):
    """your Tanh.derivative(state) ignores the state that it is given"""
    return right["derivative()"]


@mistake("activation.output")
def relu_leaky(name, right, case):
    """your ReLU leaks below zero"""
    return np.where(case["x"] > 0, right[name], 0.01 * case["x"]) if case["name"] == "ReLU" else right[name]


@mistake("activation.derivative()")
def relu_one_at_zero(name, right, case):
    """your ReLU's derivative is 1 where the output is 0; there it is 0"""
    return np.ones_like(case["x"]) if case["name"] == "ReLU" else right[name]


@mistake("activation.backward(delta)")
def delta_passed_on(name, right, case):
    """your ReLU.backward passes delta on as it is"""
    return case["delta"] if case["name"] == "ReLU" else right[name]


@mistake("activation.backward(delta)")
def delta_forgotten(name, right, case):
    """your backward returns the derivative alone: multiply it by delta"""
    if case["name"] == "ReLU":  # its backward may be its own
        return right[name]
    return right["derivative()"] * np.ones_like(case["delta"])


@mistake("loss.derivative()")
def labels_forgotten(name, right, case):
    """your derivative is the softmax alone: the labels are to be taken away"""
    return right[name] + case["y"]


@mistake("batchnorm.running_mean")
def alpha_swapped(name, right, case):
    """alpha is what stays of the running value; yours gives it to the new batch"""
    mean = [case[x].mean(axis=0, keepdims=True) for x in ("other_x", "x")]
    return (1 - case["alpha"]) * case["alpha"] * mean[0] + case["alpha"] * mean[1]


@mistake("batchnorm.var")
def variance_unbiased(name, right, case):
    """your variance divides by batch - 1; the biased one divides by batch"""
    return case["x"].var(axis=0, ddof=1, keepdims=True)


@mistake("batchnorm.output*")
def beta_forgotten(name, right, case):
    """your output lacks beta"""
    return right[name] - case["beta"]


@mistake("batchnorm.dx")
def mean_and_variance_constant(name, right, case):
    """your dx takes the batch's mean and variance for constants; they depend on x too"""
    return case["delta"] * case["gamma"] / np.sqrt(right["var"] + right["eps"])


@mistake("mlp.output")
def doubled(name, right, case):
    """your output is twice the right one"""
    return 2 * right[name]


@mistake("*_scan.output")
def scan_position_major(name, right, case):
    """your output is flattened position by position; Flatten is channel-major"""
    return right[name].reshape(len(case["x"]), 4, -1).transpose(0, 2, 1).reshape(right[name].shape)


def _first_layer(shape, case, change):
    """The scan's output where the filters of the first layer, (time, 24, filters), are changed."""
    first, *others = [np.nan_to_num(W) for W in case["weights"]]
    filters, _, time = shape
    block = change(first[:24 * time, :filters]).reshape(24 * time, filters)
    weights = [repeat(block, 8 // time, 0.0), *others]
    return answers._array(answers._scan(answers._leaf(case["x"]), weights))


@mistake("*_scan.output")
def rows_channel_major(name, right, case):
    """your weights take the rows as channel by time; row = time * 24 + feature"""
    return _first_layer(right["conv1.W.shape"], case, lambda W: W.reshape(24, -1, W.shape[1]).swapaxes(0, 1))


@mistake("*_scan.output")
def time_reversed(name, right, case):
    """your weights run backward in time"""
    return _first_layer(right["conv1.W.shape"], case, lambda W: W.reshape(-1, 24, W.shape[1])[::-1])


@mistake("*_scan.output")
def relu_missing(name, right, case):
    """your network has no ReLU between its layers"""
    weights = [np.nan_to_num(W) for W in case["weights"]]
    product = weights[0] @ weights[1] @ weights[2]
    return answers._array(answers._scan(answers._leaf(case["x"]), [product]))


def _step(name, right, case, factor):
    """A parameter after the first step, its change multiplied by a factor."""
    layer, parameter = name.split(" ")[0].split(".")
    index = -1 if layer == "linear_layer" else int(layer[layer.index("[") + 1:-1])
    before = case["parameters"][index]["Wb".index(parameter)]
    return before + factor * (right[name] - before)


@mistake("cnn_training.*after step 1")
def step_does_nothing(name, right, case):
    """your step() leaves a parameter as it was"""
    return _step(name, right, case, 0)


@mistake("cnn_training.*after step 1")
def step_ascends(name, right, case):
    """your step() goes up the gradient: the loss is to fall"""
    return _step(name, right, case, -1)


@mistake("cnn_training.*after step 1")
def step_without_lr(name, right, case):
    """your step() does not use the learning rate"""
    return _step(name, right, case, 1 / case["lr"])


@mistake("cnn_training.conv*after step 1")
def step_convs_summed(name, right, case):
    """your step() descends the summed loss in the convolutions; the loss to descend is the mean"""
    return _step(name, right, case, len(case["xs"][0]))


@mistake("cnn_training.linear*after step 1")
def step_linear_divided_twice(name, right, case):
    """your step() divides the linear layer's gradients by the batch size: they are averages already"""
    return _step(name, right, case, 1 / len(case["xs"][0]))


@mistake("cnn_training.*after zero_grads()")
def zero_grads_does_nothing(name, right, case):
    """your zero_grads() leaves the gradients as they were"""
    layers = ["convolutional_layers[%d]" % i for i in range(len(case["shape"]["strides"]))]
    parameters = [tuple(right["%s.%s after step 1" % (layer, p)] for p in "Wb")
                  for layer in layers + ["linear_layer"]]
    return answers.cnn(case["shape"], parameters, case["xs"][1], case["labels"][1],
                       case["xs"][1])[name.split(" ")[0]]


@kind
def not_implemented(failures):
    """your method is not implemented yet"""
    return all(f.problem == "raised NotImplementedError" for f in failures)


@kind
def argument_changed(failures):
    """your code changes an argument in place: the caller still needs it"""
    return failures[0].result.startswith("argument ") and failures[0].where is not None


@kind
def nothing_returned(failures):
    """your method returns nothing: it lacks a return"""
    returned = ("output", "dx", "forward", "logits", "backward", "derivative()")
    return all(f.result.startswith(returned) and f.got is None and not f.traceback
               for f in failures)


@kind
def computed_in_float32(failures):
    """your result is right to about 7 digits: something is computed in float32"""
    return all(isinstance(f.got, np.ndarray) and isinstance(f.expected, np.ndarray)
               and f.got.shape == f.expected.shape and f.expected.dtype == np.float64
               and np.array_equal(f.got, f.got.astype(np.float32))
               and np.allclose(f.got, f.expected, rtol=1e-5, atol=1e-5) for f in failures)
