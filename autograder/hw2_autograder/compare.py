"""The verdict: what counts as equal to an expected result, and what is wrong with one that is not.

A hand-in's result is a real array, a str, or an Other (see wire.py). An expected result is an
array, a tuple of ints (a shape), a bool, an int, or one of the classes below.
"""
import hashlib
from collections import namedtuple

import numpy as np

# What is wrong: `sentence` says it; where shape and kind are right, `where` marks the wrong
# elements and `expected` and `got` are the two arrays.
Problem = namedtuple("Problem", "sentence where expected got", defaults=(None, None, None))


class Number:
    """A number: Python's, NumPy's, or an array with one element."""

    def __init__(self, value):
        self.value = np.array(value, dtype=float)

    def read(self, got):
        return got.reshape(()) if got.size == 1 else got


class Row(Number):
    """A vector, of shape (n,) or (1, n): homework 1 allows both."""

    def read(self, got):
        return got[0] if got.ndim == 2 and len(got) == 1 else got


class Slope(Number):
    """A derivative: numbers or booleans, or one number where it is the same everywhere."""

    def read(self, got):
        return np.broadcast_to(got, self.value.shape) if got.size == 1 else got


class Either:
    """One of several, the first of which is reported where it is none."""

    def __init__(self, *values):
        self.values = values


class Hidden:
    """A value that a report does not give away: it says this sentence instead."""

    def __init__(self, value, sentence):
        self.value, self.sentence = value, sentence


class Letter:
    """An answer, known by its digest."""

    def __init__(self, question, digest):
        self.question, self.digest = question, digest

    def is_right(self, text):
        return hashlib.sha256((self.question + text).encode()).hexdigest() == self.digest


def compare(expected, got, tolerance):
    """Return what is wrong with a result as a Problem, or None if it is right."""
    if isinstance(expected, Either):
        problems = [compare(value, got, tolerance) for value in expected.values]
        return problems[0] if all(problems) else None
    if isinstance(expected, Hidden):
        return compare(expected.value, got, tolerance) and Problem(expected.sentence)
    if isinstance(expected, Letter):
        return _compare_letter(expected, got)
    if not isinstance(got, np.ndarray):
        return Problem("expected %s, not %s" % (_kind(expected), describe(got)))
    if isinstance(expected, (tuple, bool, int)):
        right = np.array(expected)
        if got.shape == right.shape and (got == right).all():
            return None
        return Problem("expected %r, not %s" % (expected, _short(got.tolist())))
    if isinstance(expected, Number):
        expected, got = expected.value, expected.read(got)
    if got.shape != expected.shape:
        return Problem("expected shape %s, not %s" % (expected.shape, got.shape))
    where = wrong(expected, got, tolerance)
    if not where.any():
        return None
    first = tuple(int(i) for i in np.argwhere(where)[0])
    return Problem("expected %.10g%s, not %.10g" % (
        expected[first], " at %s" % list(first) if first else "", got[first]), where, expected, got)


def wrong(expected, got, tolerance):
    """Which elements of `got`, of the same shape, are not those of `expected` but for rounding."""
    with np.errstate(all="ignore"):
        scale = np.nanmax(np.abs(expected), initial=1.0)
        return ~(np.abs(got.astype(float) - expected) <= tolerance * scale)


def _compare_letter(expected, got):
    if not isinstance(got, str):
        return Problem("expected a letter, not %s" % describe(got))
    if expected.is_right(got):
        return None
    if expected.is_right("".join(filter(str.isalpha, got)).lower()):
        return Problem("%s is right, but not how it is written: the course reads one lower-case"
                       " letter" % _short(got))
    return Problem("expected another letter than %s" % _short(got))


def _kind(expected):
    if isinstance(expected, tuple):
        return "the shape %s" % (expected,)
    if isinstance(expected, Number):
        expected = expected.value
    if isinstance(expected, np.ndarray) and expected.ndim:
        return "an array of shape %s" % (expected.shape,)
    return "a number"


def describe(got):
    """A hand-in's result in a few words, never at length."""
    if isinstance(got, np.ndarray):
        return "an array of shape %s" % (got.shape,)
    return _short(got) if isinstance(got, str) else got.text


def _short(value):
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
