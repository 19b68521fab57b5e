"""The report of a graded hand-in: what to fix, in order, then the points."""
import re
import textwrap
from dataclasses import dataclass

import numpy as np

from .results import is_array

WIDTH = 78
LINES = 5  # of an exception's text, or of what is printed
SMALL = 40  # numbers in a case, or a result, that is shown in full
MAX_NAMES = 4  # of results in a list
GREEN = 32  # codes of a terminal
RED = 31


@dataclass(frozen=True)
class Line:
    """A line of a report."""

    text: str
    color: int | None = None  # GREEN for what is right, RED for what to fix


def plain(lines):
    """Return the lines as text."""
    return "\n".join(line.text for line in lines)


def painted(lines):
    """Return the lines as text with the codes of colors."""
    found = []
    for line in lines:
        text = line.text
        if line.color is not None:
            text = "\033[%dm%s\033[0m" % (line.color, text)
        found.append(text)
    return "\n".join(found)


def full(result, again):
    """Return the Lines of a HandinResult.

    Parameters
    ----------
    again : callable
        Returns the command that runs the runner again with these arguments.
    """
    lines = [Line("warning: " + clean(sentence, 300)) for sentence in result.warnings]
    if result.not_graded is not None:
        lines += [Line(text, RED) for text in _wrap("not graded: " + result.not_graded)]
        if not result.grader_failed:
            lines.append(total_line(result))
        return lines
    writer = _Writer(again)
    for section in result.sections:
        writer.section(section)
    writer.breakpoints(result)
    lines += writer.lines
    if lines:
        lines.append(Line(""))
    lines += [points_line(section) for section in result.sections]
    lines.append(total_line(result))
    wrong = [section.number for section in result.sections if not section.passed]
    if wrong:
        lines.append(Line("again: " + again(*wrong)))
    return lines


def points_line(section):
    """Return the Line of a section's points."""
    if section.maximum:
        end = "%3s / %3d" % (section.score, section.maximum)
    else:
        end = "passed" if section.passed else "failed"
    color = GREEN if section.passed else RED
    return Line("%-6s %-36s %s" % (section.number, section.title, end), color)


def total_line(result):
    """Return the Line of the total."""
    color = GREEN if result.passed else RED
    return Line("%-43s %3s / %3d" % ("total", result.total, result.maximum), color)


def section_lines(section, again):
    """Return the Lines on what to fix in a section."""
    writer = _Writer(again)
    writer.section(section)
    return writer.lines


def brief(result):
    """Return one line: the points of each section, the total, and why points are missing."""
    parts = [clean(result.path, 300)]
    for section in result.sections:
        if section.maximum:
            parts.append("%s: %s/%d" % (section.number, section.score, section.maximum))
    if result.sections:
        parts.append("total: %s/%d" % (result.total, result.maximum))
    reasons = ["%s: %s" % pair for pair in causes(result).items()]
    if result.not_graded is not None:
        reasons.append("not graded: " + result.not_graded)
    reasons += ["warning: " + sentence for sentence in result.warnings]
    return clean("%s %s" % ("  ".join(parts), "; ".join(reasons)), 2000).rstrip()


def causes(result):
    """Return why each failed section failed, in a sentence, by its number.

    A section without points is mentioned only if another one may fail because of it.
    """
    roots = set()
    for section in result.sections:
        for check in section.checks:
            roots.update(check.may_come_from)
    found = {}
    for section in result.sections:
        if not section.passed and (section.maximum or section.number in roots):
            found[section.number] = clean(_cause(section), 1000)
    return found


def _cause(section):
    failed = [check for check in section.checks if not check.passed]
    unwritten = [method for check in failed for method in check.unwritten]
    if unwritten:
        return "not written yet: " + ", ".join(unwritten)
    check = failed[0]
    if check.may_come_from:
        return "see " + ", ".join(check.may_come_from)
    if check.hint:
        return check.hint
    if check.failure is None:
        return check.stop.reason
    if check.failure.name is None:
        lines = check.failure.problem.splitlines()
        error = check.failure.error
        at_end = error is not None and error.type in ("SyntaxError", "IndentationError", "TabError")
        return lines[-1 if at_end else 0][:120]
    return "%s: %s" % (check.failure.name, check.failure.problem[:120])


class _Writer:
    """Writes what to fix."""

    def __init__(self, again):
        self.again = again
        self.lines = []
        self.errors = {}  # the check that first showed an exception, by its text and place

    def write(self, text, indent="", color=None):
        """Add a sentence, as lines."""
        self.lines += [Line(line, color) for line in _wrap(text, indent)]

    def quote(self, lines):
        """Add lines of the hand-in's."""
        self.lines += [Line("     | " + clean(line)) for line in lines]

    def section(self, section):
        """Add what to fix in a section."""
        failed = [check for check in section.checks if not check.passed]
        title = "%s %s" % (section.number, section.title)
        unwritten = [method for check in failed for method in check.unwritten]
        if unwritten:
            title += ": not written yet: " + ", ".join(unwritten)
        written = [check for check in failed if not check.unwritten]
        roots = [number for check in written for number in check.may_come_from]
        not_run = [number for check in written for number in check.not_run]
        if roots:
            roots = list(dict.fromkeys(roots))
            words = "which fails too: fix that" if len(roots) == 1 else "which fail too: fix those"
            title += ": may come from %s, %s first" % (" and ".join(roots), words)
        if failed:
            self.write(title, color=RED)
        if not_run:
            numbers = " and ".join(sorted(set(not_run)))
            self.write("it builds on %s, which this run did not grade" % numbers, "   ")
        for check in written:
            if not check.may_come_from:
                self.check(check)
            elif check.hint or _is_own(check.failure, check.file):
                self.dependent_check(check)

    def check(self, check):
        """Add what is wrong with a check: the hint, then the case that shows it, then the rest."""
        self.write("%s: %s" % (check.name, check.sentence), "   ")
        if check.stop is not None:
            self.stop(check)
        if check.hint:
            self.write("hint: " + check.hint, "     ")
        first = self.first_with_error(check)
        if first is not None:
            self.write("the same error as in " + first.name, "     ")
        elif check.failure is not None:
            self.failure(check)
        self.counts(check)

    def dependent_check(self, check):
        """Add only the hint and the exception of a check that may fail by another section."""
        self.write("%s: %s" % (check.name, check.sentence), "   ")
        if check.hint:
            self.write("hint: " + check.hint, "     ")
        if _is_own(check.failure, check.file) and self.first_with_error(check) is None:
            self.problem(check.failure)

    def stop(self, check):
        """Add why not all cases came to their end."""
        stop = check.stop
        if stop.printed:
            self.write("it printed %d bytes in the case that did not end:" % stop.size, "     ")
            self.quote(stop.printed.splitlines()[:LINES])
        done = "%d of %d cases were finished" % (check.finished, check.cases)
        if not stop.timed_out:
            self.write("%s; %s" % (stop.reason, done), "     ")
        elif check.finished == 0:
            where = ", it was at %s" % stop.place if stop.place else ""
            self.write("the first case %s%s: does this loop end?" % (stop.reason, where), "     ")
        elif check.failed:
            self.write("too slow: it %s; %s, %d of them wrong" % (stop.reason, done, check.failed),
                       "     ")
        else:
            where = "; it was at " + stop.place if stop.place else ""
            self.write("it %s; %s, all right: it may be right but slow%s" % (
                stop.reason, done, where), "     ")

    def first_with_error(self, check):
        """Return the check that showed the same exception before, or None; keep a new one."""
        error = check.failure and check.failure.error
        if error is None:
            return None
        place = [(frame.path, frame.line) for frame in error.frames[-1:]]
        first = self.errors.setdefault((error.text, *place), check)
        return None if first is check else first

    def failure(self, check):
        """Add the case that shows what is wrong, and what is wrong in it."""
        case = arguments(check.failure.case)
        if case:
            self.write("case:", "     ")
            self.lines += [Line("       " + line) for line in case]
        self.problem(check.failure)
        printed = check.failure.printed.strip().splitlines()
        if printed:
            self.write("it printed:", "     ")
            self.quote(printed[:LINES])
        if len(printed) > LINES:
            self.lines.append(Line("     all of it: " + self.again("--debug", check.name)))

    def problem(self, failure):
        """Add what is wrong in a case."""
        if failure.error is not None:
            for frame in failure.error.frames:
                self.frame(frame)
            if failure.error.frames:
                self.sizes(failure.error.frames[-1])
        if failure.name is None:
            for line in failure.problem.splitlines()[-LINES:]:
                self.write(line, "     | ")
            return
        self.write("%s: %s" % (failure.name, failure.problem), "     ")
        if failure.worked_out:
            self.write(failure.worked_out, "       ")
        shown = is_array(failure.got) and 1 < failure.got.size <= SMALL
        if shown and np.size(failure.expected) <= SMALL and 0 < failure.case.size() <= SMALL:
            for line in _array("expected", np.asarray(failure.expected)):
                self.lines.append(Line("       " + line))
            for line in _array("got", failure.got):
                self.lines.append(Line("       " + line))

    def frame(self, frame):
        """Add a line of a traceback."""
        self.quote(['File "%s", line %d, in %s' % (frame.path, frame.line, frame.function)])
        self.quote(_clip(frame.source.splitlines()))

    def sizes(self, frame):
        """Add the shapes of arrays in a line, and its integers."""
        shown = []
        for name, size in frame.sizes.items():
            shown.append("%s %s" % (name, size) if isinstance(size, tuple)
                         else "%s = %d" % (name, size))
        if shown:
            self.write("   ".join(shown), "     | ")

    def counts(self, check):
        """Add which results are wrong and which are right, and how many cases fail."""
        parts = []
        for word, names in ("wrong", check.wrong), ("right", check.right):
            if names:
                more = ", and %d more" % (len(names) - MAX_NAMES) if len(names) > MAX_NAMES else ""
                parts.append("%s: %s%s" % (word, ", ".join(names[:MAX_NAMES]), more))
        if len(check.wrong) + len(check.right) > 1:
            self.write("; ".join(parts), "     ")
        if check.stop is None and check.cases > 1:
            verb = "fails" if check.failed == 1 else "fail"
            self.write("%d of %d cases %s" % (check.failed, check.cases, verb), "     ")

    def breakpoints(self, result):
        """Add where the hand-in has breakpoints, and how to stop there."""
        checks = {}
        for section in result.sections:
            for check in section.checks:
                if check.breakpoint:
                    checks.setdefault(check.breakpoint, check.name)
        for place, name in checks.items():
            self.write("%s, has a breakpoint: remove it, or run" % place)
            self.lines.append(Line("  " + self.again("--debug", name)))


def _is_own(failure, file):
    """Return whether a failure is an exception that was raised in this file."""
    if failure is None or failure.error is None or not failure.error.frames:
        return False
    return failure.error.frames[-1].path == file


def arguments(case):
    """Return a case's arguments as lines: in full where it is small, otherwise arrays as shapes."""
    small = case.size() <= SMALL
    in_words = []
    lines = []
    for name, value in case.arguments.items():
        if name == "parameters":
            for i, (W, b) in enumerate(value if small else ()):
                lines += _array("W of layer %d" % i, W)
                lines += _array("b of layer %d" % i, b)
        elif small and isinstance(value, np.ndarray):
            lines += _array(name, value)
        else:
            in_words.append(_in_words(name, value))
    lines = textwrap.wrap(", ".join(in_words), WIDTH - 8) + lines
    calls = [("before this, the same object was called with other %s", case.earlier),
             ("in between, another object was called with other %s", case.other)]
    for words, call in calls:
        if call is not None:
            others = ", ".join(_differences(call, case))
            lines += textwrap.wrap(words % others, WIDTH - 8)
    return lines


def _in_words(name, value):
    """Return an argument as words: arrays as shapes."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        return "%s of shape %s" % (name, value.shape)
    if name == "weights":
        shapes = ", ".join(str(W.shape) for W in value)
        return "weights: %s of shapes %s" % (type(value).__name__, shapes)
    return "%s=%s" % (name, value)


def _differences(call, case):
    """Yield the names of the arguments of a call that differ from the case's."""
    for name, value in call.arguments.items():
        now = case.arguments.get(name)
        if repr(value) != repr(now):
            yield _in_words(name, value) if is_array(value) and value.shape != now.shape else name


def _array(name, array):
    """Return an array as lines that can be copied into Python."""
    text = np.array2string(array, separator=", ", prefix=name + " = ", max_line_width=WIDTH,
                           formatter={"float_kind": "{:.4g}".format})
    return [line for line in ("%s = %s" % (name, text)).splitlines() if line.strip()]


def _wrap(text, indent=""):
    return textwrap.wrap(clean(text, 600), WIDTH, initial_indent=indent, subsequent_indent=indent,
                         break_on_hyphens=False)


def _clip(lines):
    """Return a traceback's lines, long ones cut so that what the carets mark stays."""
    clipped = []
    for line, below in zip(lines, [*lines[1:], ""]):
        carets = ""
        for text in line, below:
            if re.fullmatch(r"[\s~^]+", text):
                carets = carets or text
        start = max(len(carets.rstrip()) - WIDTH + 10, 0)
        clipped.append(line[start:])
    return clipped


def clean(line, length=WIDTH - 8):
    """Return a line of the hand-in's without control characters and of bounded length."""
    text = "".join(c if c.isprintable() else "?" for c in line.expandtabs())
    return text if len(text) <= length else text[:length - 3] + "..."
