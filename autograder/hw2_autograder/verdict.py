"""The verdict: the hand-in's results against torch's, case by case."""
from collections import namedtuple

import numpy as np

TOLERANCE = 1e-12  # of the largest expected value, or of 1 where all are smaller

# What is wrong with one result of one case: `problem` is a sentence, `where` marks the wrong
# elements where only values are wrong, `traceback` is the hand-in's where it raised something.
Failure = namedtuple("Failure", "case result problem where expected got traceback",
                     defaults=(None, None, None, None))


def judge(cases, expected, outcome):
    """Return the list of Failures of an exercise, empty if all is right.

    Parameters
    ----------
    cases, expected : list of dict
        The arguments and torch's results, case by case.
    outcome : supervisor.Outcome
        What came from the hand-in.
    """
    failures = []
    for i, (case, right, record) in enumerate(zip(cases, expected, outcome.records)):
        if "error" in record:
            error = record["error"]
            failures.append(Failure(i, error["name"], "raised " + error["name"],
                                    traceback=error["traceback"]))
            continue
        results = {**record["results"], **_arguments(record["arguments"])}
        for name, value in {**right, **_arguments(case)}.items():
            problem, where = compare(value, results.get(name))
            if problem:
                failures.append(Failure(i, name, problem, where, value, results.get(name)))
    if outcome.ended:
        failures.append(Failure(len(outcome.records), "process", outcome.ended))
    return failures


def _arguments(tree, name="argument"):
    """The arrays of a case by name: none of them may be changed in place."""
    if isinstance(tree, np.ndarray):
        return {name: tree}
    if isinstance(tree, dict):
        items = [("%s %s" % (name, key), value) for key, value in tree.items()]
    elif isinstance(tree, (list, tuple)):
        items = [("%s[%d]" % (name, i), value) for i, value in enumerate(tree)]
    else:
        return {}
    return {key: array for label, value in items for key, array in _arguments(value, label).items()}


def compare(expected, got):
    """Compare one result with the right one.

    Returns
    -------
    problem : str or None
        What was expected and what came instead, or None if the result is right.
    where : ndarray of bool or None
        Which elements are wrong, if the type and shape are right.
    """
    if isinstance(expected, float):
        number = (isinstance(got, (int, float)) and not isinstance(got, bool)
                  or isinstance(got, np.ndarray) and got.shape == () and got.dtype.kind in "fiu")
        if not number:
            return "expected a number, not %s" % describe(got), None
        expected, got = np.array(expected), np.array(got, dtype=float)
    if not isinstance(expected, np.ndarray):
        got = got.item() if isinstance(got, np.ndarray) and got.shape == () else got
        if type(got) is type(expected) and got == expected:
            return None, None
        if isinstance(expected, str) and got == expected:
            return None, None
        return "expected %r, not %s" % (expected, describe(got)), None
    if not isinstance(got, np.ndarray):
        return "expected an array of shape %s, not %s" % (expected.shape, describe(got)), None
    if got.shape != expected.shape:
        return "expected shape %s, not %s" % (expected.shape, got.shape), None
    if got.dtype != expected.dtype:
        return "expected dtype %s, not %s" % (expected.dtype, got.dtype), None
    where = wrong(expected, got)
    if not where.any():
        return None, None
    first = tuple(int(i) for i in np.argwhere(where)[0]) if where.ndim else ()
    return ("expected %s%s, not %s" % (_number(expected[first]), " at %s" % (list(first),)
                                       if first else "", _number(got[first]))), where


def wrong(expected, got):
    """Which elements of `got`, of the same shape, are not those of `expected` but for rounding."""
    if expected.dtype.kind != "f":
        return expected != got
    with np.errstate(all="ignore"):
        scale = np.nanmax(np.abs(expected), initial=1.0)
        right = np.abs(got - expected) <= TOLERANCE * scale
    return ~(right | (np.isnan(expected) & np.isnan(got)))


def describe(value):
    """A hand-in's result in a few words: quoted if it is text, never at length."""
    if isinstance(value, dict):
        return "a value of type %r" % str(value.get("type"))[:40]
    if isinstance(value, np.ndarray):
        return "an array of shape %s" % (value.shape,)
    if isinstance(value, list):
        return "the list %s" % _short(repr(value))
    return "None" if value is None else _short(repr(value))


def _short(text):
    return text if len(text) <= 60 else text[:57] + "..."


def _number(value):
    return "%.10g" % value if isinstance(value, np.floating) else str(value)
