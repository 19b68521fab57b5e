"""The report: what a graded hand-in looks like in text, in full, in one line, or for Autolab.

`graded` is what grading.grade returns: (section, verdicts) for each section.
"""
import json
import re
import textwrap

import numpy as np

from .checks import SECTIONS
from .grading import points

WIDTH = 78
LINES = 5  # of an exception's text, or of what is printed
SMALL = 40  # numbers in a case, or a result, that is shown in full
NUMBERS = {check.__name__: section.number for section in SECTIONS for check in section.checks}


def full(graded, again):
    """Yield the lines of a report: what to fix, in order, then the points.

    Parameters
    ----------
    again : callable
        Returns the command that runs the runner again with these arguments.
    """
    errors, details = {}, []
    for section, verdicts in graded:
        details += _section(section, verdicts, again, errors)
    stops = {record.stops: verdict.check.__name__ for _, verdicts in graded[::-1]
             for verdict in verdicts[::-1] for record in verdict.records if record.stops}
    for place, name in stops.items():
        details += [*_wrap("%s, has a breakpoint: remove it, or run" % place),
                    "  " + again("--debug", name)]
    yield from details + [""] * bool(details)
    for section, verdicts in graded:
        line = "%-6s %-36s " % (section.number, section.title)
        yield line + ("%3d / %3d" % (points(section, verdicts), section.points) if section.points
                      else "failed" if failed(verdicts) else "passed")
    yield "%-43s %3d / %3d" % ("total", *total(graded))
    wrong = [section.number for section, verdicts in graded if failed(verdicts)]
    if wrong:
        yield "again: " + again(*wrong)


def failed(verdicts):
    """Return whether any check of a section failed."""
    return any(verdict.failures for verdict in verdicts)


def total(graded):
    """Return a hand-in's points, and the maximum."""
    return sum(points(*pair) for pair in graded), sum(section.points for section, _ in graded)


def brief(name, graded):
    """Return one line: the points of each section, and the total."""
    parts = ["%s: %d/%d" % (section.number, points(section, verdicts), section.points)
             for section, verdicts in graded if section.points]
    return "  ".join([name, *parts, *["total: %d/%d" % total(graded)] * bool(graded)])


def autolab(graded):
    """Return the line that Autolab reads: it has to be the last."""
    return json.dumps({"scores": {"%s %s" % (section.number, section.title): points(
        section, verdicts) for section, verdicts in graded if section.points}})


def reason(graded):
    """Return why points are missing, in one line: a cause for each section that failed."""
    explained = {name for _, verdicts in graded for verdict in verdicts
                 for name in verdict.depends_on}
    causes = []
    for section, verdicts in graded:
        first = next((verdict for verdict in verdicts if verdict.failures and (
            section.points or verdict.check.__name__ in explained)), None)
        if first and first.depends_on:
            causes.append("%s: see %s" % (section.number, _depends_on([first])))
        elif first:
            index, name = first.shown
            problem = " ".join(first.failures[index][name].split())[:120]
            unwritten = _not_written(first)
            causes.append("%s: %s" % (section.number, unwritten and "not written yet: " + unwritten
                                      or first.hint or (
                "%s: %s" % (name, problem) if name else problem)))
    return "; ".join(causes)


def _depends_on(verdicts):
    return ", ".join(dict.fromkeys(NUMBERS[name] for verdict in verdicts
                                   for name in verdict.depends_on))


def _section(section, verdicts, again, errors):
    """Yield lines on what to fix in a section: one if a method is unwritten or others come first.

    `errors` maps an error to the first check that ended with it.
    """
    title = "%s %s" % (section.number, section.title)
    own = [verdict for verdict in verdicts if verdict.failures and not verdict.depends_on]
    unwritten = [name for name in map(_not_written, own) if name]
    if unwritten:
        yield from _wrap("%s: not written yet: %s" % (title, ", ".join(unwritten)))
    elif own:
        yield title
        for verdict in own:
            yield from _verdict(verdict, again, errors)
    elif failed(verdicts):
        yield "%s: depends on %s; fix that first" % (title, _depends_on(verdicts))


def _not_written(verdict):
    """Return the name of the method that is still as the starter has it, or None."""
    for record in verdict.records:
        if re.match("NotImplemented|TypeError: exceptions must derive", record.error or ""):
            return (re.findall(r", in ([\w.<>]+)\n", record.frames) or [None])[-1]
    return None


def _verdict(verdict, again, errors):
    """Yield lines on a failed check: the hint, then the case that shows it, then the rest."""
    check, failures, (index, name) = verdict.check, verdict.failures, verdict.shown
    problem, record = failures[index][name], None
    yield from _wrap("%s: %s" % (check.__name__, check.__doc__.split("\n")[0]), "   ")
    if verdict.hint:
        yield from _wrap("hint: " + verdict.hint, "     ")
    if index < len(verdict.records):
        record, case = verdict.records[index], verdict.cases[index]
        if name is None and errors.setdefault(record.frames + problem, check) is not check:
            yield "     the same error as in %s" % errors[record.frames + problem].__name__
            return
        yield from ["     case:"] * bool(case.arguments)
        yield from ("       " + line for line in arguments(case))
    if record is None:
        slow = " (%d cases): it may be right but slow%s. Use --time-limit to give it more" % (
            len(verdict.cases), "; it was at %s" % verdict.line if verdict.line else "")
        yield from _wrap(problem + slow * ("did not finish" in problem), "     ")
    elif name is None:
        yield from ("     | " + clean(line) for line in _clip(record.frames.splitlines()))
        for line in problem.splitlines()[:LINES]:
            yield from _wrap(line, "     | ")
    else:
        yield from _wrap("%s: %s" % (name, problem), "     ")
        right, got = np.asarray(verdict.expected[index][name]), record.results[name]
        if isinstance(got, np.ndarray) and 1 < got.size <= SMALL >= right.size and (
                0 < case.size() <= SMALL):
            yield from ("       " + line for line in _array("expected", right) + _array("got", got))
    printed = record.printed.strip().splitlines() if record else []
    if printed:
        yield from ["     it printed:", *("     | " + clean(line) for line in printed[:LINES])]
        if len(printed) > LINES:
            yield "     all of it: " + again("--debug", check.__name__)
    wrong = {name: None for problems in failures.values() for name in problems if name}
    good = {name: None for record in verdict.records for name in record.results
            if name in verdict.expected[0] and name not in wrong}
    if len(wrong) + len(good) > 1:
        yield from _wrap("; ".join("%s: %s%s" % (word, ", ".join(list(names)[:4]), (
            ", and %d more" % (len(names) - 4)) * (len(names) > 4)) for word, names in (
                ("wrong", wrong), ("right", good)) if names), "     ")
    if len(verdict.cases) == len(verdict.records) > 1:
        yield "     %d of %d cases fail%s" % (len(failures), len(verdict.cases),
                                              "s" * (len(failures) == 1))


def arguments(case):
    """Return a case's arguments as lines: in full where it is small, otherwise arrays as shapes."""
    lines, plain, small = [], [], case.size() <= SMALL
    for name, value in {**case.arguments, **case.arguments.get("sizes", {})}.items():
        if isinstance(value, np.ndarray) and value.dtype != object:
            if small:
                lines += _array(name, value)
            else:
                plain.append("%s of shape %s" % (name, value.shape))
        elif small and name == "parameters":
            for i, (W, b) in enumerate(value):
                lines += _array("W of layer %d" % i, W) + _array("b of layer %d" % i, b)
        elif isinstance(value, (int, str)) or name in case.arguments.get("sizes", {}):
            plain.append("%s=%s" % (name, value))
    return textwrap.wrap(", ".join(plain), WIDTH - 8) + lines


def _array(name, array):
    """Return an array as lines that can be copied into Python."""
    text = np.array2string(array, separator=", ", prefix=name + " = ", max_line_width=WIDTH,
                           formatter={"float_kind": lambda x: "%.4g" % x})
    return [line for line in ("%s = %s" % (name, text)).splitlines() if line.strip()]


def _wrap(text, indent=""):
    return textwrap.wrap(clean(text, 600), WIDTH, initial_indent=indent, subsequent_indent=indent,
                         break_on_hyphens=False)


def _clip(lines):
    """Return a traceback's lines, long ones cut so that what the carets mark stays."""
    clipped = []
    for line, below in zip(lines, [*lines[1:], ""]):
        carets = next((text for text in (line, below) if re.fullmatch(r"[\s~^]+", text)), "")
        start = max(len(carets.rstrip()) - WIDTH + 10, 0)
        clipped.append(line[start:])
    return clipped


def clean(line, length=WIDTH - 8):
    """Return a line of the hand-in's without control characters and of bounded length."""
    text = "".join(c if c.isprintable() else "?" for c in line.expandtabs())
    return text if len(text) <= length else text[:length - 3] + "..."


def paint(lines):
    """Yield the lines colored for a terminal: what is right green, what to fix red."""
    for line in lines:
        score = re.match(r"\S.* (\d+) / +(\d+)$|\S.*(passed)$", line)
        green = score and (score[3] or score[1] == score[2])
        if score or re.match(r"[23][.\d]* |not ", line):
            line = "\033[%dm%s\033[0m" % (32 if green else 31, line)
        yield line
