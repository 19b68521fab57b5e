"""The report: a line for each section and, for each failed exercise, what went wrong."""
import json
import textwrap

import numpy as np

import exercises

LINES = 6  # of a traceback or of what was printed
ROWS, COLUMNS = 3, 72  # of a picture


class Report:
    """Prints a hand-in's report as its sections finish, in colour on a terminal."""

    def __init__(self, stream, handin=None):
        self.stream = stream
        self.colour = stream.isatty()
        self.handin = handin
        self.begin()

    def begin(self):
        if self.handin:
            self._print("hand-in %s" % self.handin)

    def breach(self, sentence):
        self._print(self._paint("rule    ", False) + _clean(sentence))

    def section(self, section, points, failed):
        """Print the section's line: its points, or whether its unpointed checks passed."""
        if section.points:
            mark = "%3d / %3d" % (points, section.points)
        else:
            mark = "failed" if failed else "passed"
        self._print(self._paint("%-6s %-36s %s" % (section.number, section.title, mark),
                                not failed))

    def failed(self, exercise, cases, outcome, failures, hint, builds_on, rerun):
        """Print what was asked, what was wrong with the first case, and what to do about it."""
        result, sentence = hint
        if builds_on and not sentence:
            self._print("   %s: fails too; it builds on %s, which failed: fix that first"
                        % (exercise, ", ".join(builds_on)))
            self._print("     again: " + rerun)
            return
        first = _telling([f for f in failures if result in (None, f.result)])
        self._print("   %s: %s" % (exercise, getattr(exercises, exercise).__doc__.split("\n")[0]))
        if first.case < len(cases) and cases[first.case]:
            for line in textwrap.wrap("asked: " + asked(cases[first.case]), 95, max_lines=2,
                                      placeholder=" ..."):
                self._print("     " + line)
        lines = [] if "not implemented" in (sentence or "") else _explain(first)
        for line in lines:
            self._print("     " + line)
        if outcome.printed.strip():
            self._print("     it printed:")
            for line in outcome.printed.strip().splitlines()[:LINES // 2]:
                self._print("     | " + _clean(line))
        if sentence:
            self._print("     hint: " + sentence)
        others = len({failure.case for failure in failures}) - 1
        if builds_on:
            self._print("     it builds on %s, which failed too: fix that first"
                        % ", ".join(builds_on))
        more = "%d more of the %d cases fail; " % (others, len(cases)) if others else ""
        self._print("     %sagain: %s" % (more, rerun))

    def total(self, points, sections):
        got, out_of = sum(points.values()), sum(section.points for section in sections)
        self._print(self._paint("%-43s %3d / %3d" % ("total", got, out_of), got == out_of))

    def autolab(self, points, sections):
        """Print the line that Autolab reads: it has to be the last."""
        self._print(json.dumps({"scores": {
            "%s %s" % (section.number, section.title): points[section.number]
            for section in sections if section.points}}))

    def _print(self, line):
        print(line, file=self.stream, flush=True)

    def _paint(self, text, good):
        return "\033[%dm%s\033[0m" % (32 if good else 31, text) if self.colour else text


class Brief(Report):
    """One line for a hand-in among others: the points of its sections, and the total."""

    def begin(self):
        self.notes = []

    def breach(self, sentence):
        self.notes.append(_clean(sentence))

    def section(self, section, points, failed):
        if failed and not section.points:
            self.notes.append("%s failed" % section.number)

    def failed(self, *details):
        pass

    def total(self, points, sections):
        parts = ["%s: %d/%d" % (section.number, points[section.number], section.points)
                 for section in sections if section.points]
        got, out_of = sum(points.values()), sum(section.points for section in sections)
        line = "%s  %s  total: %d/%d" % (self.handin, "  ".join(parts), got, out_of)
        self._print(self._paint("; ".join([line] + self.notes), got == out_of and not self.notes))


def _telling(failures):
    """The failure to show: the first that is not of an array of one element, which says little."""
    return next((f for f in failures if f.where is None or f.where.shape != (1,) * f.where.ndim
                 or not f.where.ndim), failures[0])


def asked(case):
    """A case in one line: plain values as they are, arrays by their shapes."""
    return ", ".join(_name_value(name, value) for name, value in case.items())


def _name_value(name, value):
    if isinstance(value, np.ndarray):
        return "%s %s" % (name, value.shape)
    if isinstance(value, dict):
        return asked(value)
    if isinstance(value, (list, tuple)) and any(isinstance(v, (np.ndarray, tuple)) for v in value):
        return "%s [%s]" % (name, ", ".join(
            str(v.shape) if isinstance(v, np.ndarray) else str([np.shape(a) for a in v])
            for v in value))
    return "%s=%r" % (name, value)


def _explain(failure):
    """Lines on one failure: the traceback, or expected this, not that, and where."""
    if failure.traceback is not None:
        for line in failure.traceback.strip().splitlines()[-LINES:]:
            yield "| " + _clean(line)
        return
    yield "%s: %s" % (failure.result, _clean(failure.problem))
    where = failure.where
    if where is not None and where.size > 1:
        difference = np.abs(failure.got - failure.expected)
        yield "%d of %d elements are wrong, by %.2g at most" % (
            where.sum(), where.size, np.nanmax(difference, initial=0))
        yield from picture(where, failure.result)


def picture(where, result=""):
    """Draw which elements are wrong: x in a grid of channels (or samples) by positions.

    Of three axes the first sample with a wrong element is drawn. Where the grid is larger than
    the page, a cell stands for several elements, wrong if one of them is.
    """
    title = ""
    if where.ndim == 3:
        samples = np.flatnonzero(where.any(axis=(1, 2)))
        filters = result.split(" ")[0].split(".")[-1] in ("W", "dW")
        what, across = ("filter", "taps") if filters else ("sample", "positions")
        title = "in %ss %s of %d; in %s %d, channels down and %s across:" % (
            what, ", ".join(map(str, samples[:8])), len(where), what, samples[0], across)
        where = where[samples[0]]
    elif where.ndim == 2:
        title = "rows down and columns across:"
    where = where.reshape(-1, where.shape[-1])
    if title:
        yield title
    for row in _fold(_fold(where, ROWS).T, COLUMNS).T:
        yield "  " + "".join("x" if cell else "." for cell in row)


def _fold(where, most):
    """At most this many rows, each of which stands for as many of the given ones."""
    each = -(-len(where) // most)
    return np.array([where[i:i + each].any(axis=0) for i in range(0, len(where), each)])


def _clean(line):
    """A line of the hand-in's without control characters and of bounded length."""
    return "".join(c if c.isprintable() else "?" for c in line.expandtabs())[:120]
