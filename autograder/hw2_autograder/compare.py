"""What counts as equal to an expected result, and what is wrong with a result that is not."""
import numpy as np

from .results import Shape, is_array


def differs(expected, got, tolerance):
    """Return a mask of where `got` differs from `expected` by more than rounding."""
    with np.errstate(all="ignore"):
        scale = np.fmax.reduce(np.abs(expected), axis=None, initial=1.0)
        near = np.abs(got - expected) <= tolerance * scale
    both_nan = np.isnan(expected) & np.isnan(got)
    return ~(near | both_nan)


def same(expected, got, tolerance):
    """Return whether a result equals what is expected, up to rounding.

    Parameters
    ----------
    expected : array_like or Shape
    got : ndarray or str
        A str describes what is not an array.
    tolerance : float
        Relative to the largest number expected, or to 1 where all are smaller.
    """
    if not is_array(got):
        return False
    if isinstance(expected, Shape):
        return got.shape == expected.shape
    expected = np.asarray(expected, dtype=float)
    return got.shape == expected.shape and not differs(expected, got, tolerance).any()


def compare(expected, got, tolerance):
    """Return what is wrong with a result as a sentence, or None if it is right.

    The parameters are those of `same`.
    """
    if same(expected, got, tolerance):
        return None
    expected = np.asarray(expected, dtype=float)
    if not is_array(got):
        kind = "an array of shape %s" % (expected.shape,) if expected.ndim else "a number"
        question = ": is a return missing?" if got == "None" else ""
        return "expected %s, got %s%s" % (kind, got, question)
    if got.shape != expected.shape:
        return "expected shape %s, got %s" % (expected.shape, got.shape)
    where = differs(expected, got, tolerance)
    first = first_wrong(where)
    sentence = "expected %.10g, got %.10g" % (expected[first], got[first])
    if first:
        sentence = "at %s: %s" % (list(first), sentence)
    if where.size == 1:
        return sentence
    count = "all %d" % where.size if where.all() else "%d of %d" % (where.sum(), where.size)
    sentence += "; %s elements differ" % count
    error = np.abs(got - expected).max()
    if np.isfinite(error):
        sentence += ", max error %.2g" % error
    return sentence


def first_wrong(where):
    """Return the index of the first true entry of a mask."""
    return tuple(int(i) for i in np.argwhere(where)[0])
