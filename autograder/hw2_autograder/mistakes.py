"""The known mistakes: each makes its mistake on purpose, to be recognized in a hand-in.

A mistake is a function whose name is its name and whose docstring is the sentence that a student
reads. It takes the result's name, torch's results and the case, and returns what a hand-in with
this mistake would have for that result. The decorator names the results that it may spoil, as
"exercise.result", where * stands for any. To add a mistake is to add such a function.
"""
import fnmatch

import numpy as np

import answers
from verdict import wrong

MISTAKES = []


def diagnose(exercise, name, cases, expected, outcome):
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
    return None


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


def _again(exercise, name, case, **changes):
    """Torch's result for a changed case."""
    return getattr(answers, exercise)(**{**case, **changes})[name]


def _column(b):
    return b[:, np.newaxis]


@mistake("conv_forward.output")
def bias_forgotten(name, right, case):
    """your output is the reference without the bias"""
    return right[name] - _column(case["b"])


@mistake("conv_forward.output")
def bias_added_twice(name, right, case):
    """your output has the bias added twice"""
    return right[name] + _column(case["b"])


@mistake("conv_forward.output")
def kernel_flipped(name, right, case):
    """you flip the kernel: the layer is a cross-correlation, as torch's, not the mathematical convolution"""
    return _again("conv_forward", name, case, W=case["W"][:, :, ::-1])


@mistake("conv_backward.dW", "conv_backward.db")
def averaged_over_batch(name, right, case):
    """your gradient is averaged over the batch; the handout asks for the sum"""
    return right[name] / len(case["x"])
