"""What came of grading, as data: of a case, a check, a section and a hand-in.

Everything that is printed, written or sent is a function of a HandinResult.
"""
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Frame:
    """A line of the hand-in that was running when an exception was raised."""

    path: str  # of the file in the hand-in, such as mytorch/conv.py
    line: int
    function: str
    source: str  # the line, and under it the carets that mark the part that failed
    sizes: dict  # the arrays in the line by name, as their shapes, and its integers


@dataclass(frozen=True)
class Error:
    """An exception."""

    type: str  # such as ValueError
    text: str  # with its type, as Python prints it
    frames: tuple  # the hand-in's own Frames, outermost first; () if it has none


@dataclass(frozen=True)
class CaseResult:
    """What came of one case in the hand-in's process."""

    values: dict  # by name: a float64 array, or a str that describes anything else
    error: Error | None  # the exception that ended the case, if one did
    printed: str  # the start of what the hand-in printed
    breakpoint: str | None  # where it has a breakpoint, if it met one


@dataclass(frozen=True)
class Stop:
    """Why a process ended before its last case."""

    reason: str  # a phrase
    timed_out: bool
    place: str | None  # where the hand-in was when its time ran out, if known
    printed: str = ""  # the start of what the hand-in printed in the case that did not end
    size: int = 0  # how many bytes it printed in that case


@dataclass(frozen=True)
class Failure:
    """The case that shows best what is wrong with a check."""

    case: object  # the Case
    name: str | None  # of the first wrong result; None if there was an exception
    problem: str  # what is wrong with it, in a sentence
    expected: object  # the right result: an array, or a str; None if there was an exception
    got: object  # the hand-in's result; None if there was an exception
    error: Error | None  # the exception, if one was raised
    printed: str  # the start of what the hand-in printed in this case
    worked_out: str | None  # how the first wrong entry is computed, if it can be said in a line


@dataclass(frozen=True)
class CheckResult:
    """What came of a check."""

    name: str
    sentence: str  # what it checks
    file: str  # of the hand-in, that a student writes for it
    cases: int  # how many there are
    finished: int  # how many were finished, with an exception or without
    failed: int  # how many of those are wrong
    stop: Stop | None  # why the others did not, if they did not
    failure: Failure | None  # None if all is right, or no case was finished
    hint: str | None  # what the mistake is, if that is known
    wrong: tuple  # names of the results that are wrong in some case
    right: tuple  # names of the results that are right in all cases, and in the one shown
    unwritten: tuple  # the methods that are not written yet
    may_come_from: tuple  # numbers of failed sections that this check builds on
    not_run: tuple  # numbers of sections that this check builds on and that were not chosen
    breakpoint: str | None  # where the hand-in has a breakpoint, if it met one

    @property
    def passed(self):
        return self.failed == 0 and self.stop is None


@dataclass(frozen=True)
class SectionResult:
    """What came of a section of the handout."""

    number: str
    title: str
    maximum: int  # points; 0 if it gives none
    checks: tuple  # the CheckResults

    @property
    def passed(self):
        return all(check.passed for check in self.checks)

    @property
    def score(self):
        return self.maximum if self.passed else 0


@dataclass(frozen=True)
class HandinResult:
    """What came of a hand-in."""

    path: str  # as it was given
    warnings: tuple  # sentences
    not_graded: str | None  # why it could not be graded, if it could not
    grader_failed: bool  # whether that is the grader's fault
    sections: tuple  # the SectionResults; () if it could not be graded
    maximum: int  # the points of the sections that were asked for
    seconds: float  # that grading took

    @property
    def passed(self):
        return self.not_graded is None and all(section.passed for section in self.sections)

    @property
    def total(self):
        return sum(section.score for section in self.sections)


@dataclass(frozen=True)
class Shape:
    """Stands for any array of this shape."""

    shape: tuple


def is_array(value):
    """Return whether a result is an array: anything else is a str that describes it."""
    return isinstance(value, np.ndarray)
