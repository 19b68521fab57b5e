"""What counts as equal to an expected result, and what is wrong with a result that is not."""
import numpy as np


def differs(expected, got, tolerance):
    """Return a mask of where `got` differs from `expected` by more than rounding."""
    with np.errstate(all="ignore"):
        scale = np.nanmax(np.abs(expected), initial=1.0)
        return ~((np.abs(got - expected) <= tolerance * scale) | np.isnan(expected) & np.isnan(got))


def same(expected, got, tolerance):
    """Return whether a result, an array or a str, equals this array up to rounding."""
    return (isinstance(got, np.ndarray) and got.shape == np.shape(expected)
            and not differs(np.asarray(expected), got, tolerance).any())


def compare(expected, got, tolerance):
    """Return what is wrong with a result as a sentence, or None if it is right.

    Parameters
    ----------
    expected : array_like
    got : ndarray or str
        A str describes what is not an array.
    """
    expected = np.asarray(expected)
    if same(expected, got, tolerance):
        return None
    if not isinstance(got, np.ndarray):
        kind = "an array of shape %s" % (expected.shape,) if expected.ndim else "a number"
        return "expected %s, got %s%s" % (
            kind, got, ": is a return missing?" if got == "None" else "")
    if got.shape != expected.shape:
        return "expected shape %s, got %s" % (expected.shape, got.shape)
    where = differs(expected, got, tolerance)
    first = tuple(int(i) for i in np.argwhere(where)[0])
    sentence = "%sexpected %.10g, got %.10g" % (
        "at %s: " % list(first) if first else "", expected[first], got[first])
    if where.size == 1:
        return sentence
    error = np.abs(got - expected).max()
    count = "all %d" % where.size if where.all() else "%d of %d" % (where.sum(), where.size)
    return "%s; %s elements differ%s" % (
        sentence, count, ", max error %.2g" % error if np.isfinite(error) else "")
