"""The report: what a graded hand-in looks like in text, in full, in one line, or for Autolab."""
import json
import re
import shutil
import textwrap

import numpy as np

WIDTH = max(80, min(shutil.get_terminal_size().columns, 120))
LINES = 6  # of a traceback or of what was printed
ROWS = 8  # of a picture


def full(graded, again):
    """Yield the lines of a report: what to mend, first things first, then the points.

    Parameters
    ----------
    graded : list of grading.Graded
    again : callable
        Returns the command that runs sections of these numbers again.
    """
    said = {}  # the check that first ended with an error, by the error's place and type
    unwritten = {}
    sections = {check.__name__: g.section.number for g in graded for check in g.section.checks}
    details = [line for g in graded if g.section.number != "beyond" or len(graded) == 1
               for line in _section(g, said, unwritten, sections)]
    if unwritten:
        yield from _wrap("not written yet: " + ", ".join(unwritten))
    yield from details
    if unwritten or details:
        yield ""
    yield from _table(graded)
    wrong = [s.section.number for s in graded if _failed(s) and s.section.number != "beyond"]
    if wrong:
        yield "again: " + again(wrong)


def _failed(graded):
    return any(verdict.failures for verdict in graded.verdicts)


def _table(graded):
    """The points of each section, the total, and a line on what goes beyond."""
    for section, points, verdicts in graded:
        line = "%-6s %-36s " % (section.number, section.title)
        if not verdicts:
            continue
        if section.points:
            yield line + "%3d / %3d" % (points, section.points)
        elif section.number != "beyond":
            failed = any(verdict.failures for verdict in verdicts)
            yield line + ("failed" if failed else "passed")
    if any(section.points for section, _, _ in graded):
        got, out_of = total(graded)
        yield "%-43s %3d / %3d" % ("total", got, out_of)
    for section, _, verdicts in graded:
        if section.number == "beyond" and verdicts:
            missing = [verdict.check.__name__ for verdict in verdicts if verdict.failures]
            line = "beyond the handout, without points: %d of %d" % (
                len(verdicts) - len(missing), len(verdicts))
            yield from _wrap(line + ("; not " + ", ".join(missing) if missing else ""), lines=2)


def total(graded):
    """Return the points of a hand-in, and of how many."""
    return sum(g.points for g in graded), sum(g.section.points for g in graded)


def brief(name, graded):
    """Return one line: the points of each section, and the total."""
    parts = ["%s: %d/%d" % (section.number, points, section.points)
             for section, points, _ in graded if section.points]
    return "%s  %s  total: %d/%d" % (name, "  ".join(parts), *total(graded))


def autolab(graded):
    """Return the line that Autolab reads: it has to be the last."""
    return json.dumps({"scores": {"%s %s" % (section.number, section.title): points
                                  for section, points, _ in graded if section.points}})


def reason(warnings, graded):
    """Return in one line why a hand-in has not all points, and what it was warned of."""
    first = next((verdict for section, points, verdicts in graded if points < section.points
                  for verdict in verdicts if verdict.failures), None)
    words = []
    if first:
        problem = telling(first)
        words.append("%s: %s" % (first.check.__name__, first.outcome.ended or first.hint or (
            problem.error or problem.problem.sentence).strip().splitlines()[-1]))
    return "; ".join(words + warnings)


def _section(graded, said, unwritten, sections):
    """Lines on what is to be mended in a section: on a mere consequence of others but one."""
    section, points, verdicts = graded
    title = "%s %s" % (section.number, section.title)
    failed = [verdict for verdict in verdicts if verdict.failures]
    own = [verdict for verdict in failed if not verdict.consequence]
    names = [_not_written(verdict) for verdict in own]
    unwritten.update(dict.fromkeys(name for name in names if name))
    shown = [verdict for verdict, name in zip(own, names) if not name]
    if shown:
        yield title
        for verdict in shown:
            further = [v.hint for v in failed if verdict.check.__name__ in v.consequence
                       and v.hint and not v.hint.startswith("it fails")]
            yield from _verdict(verdict, verdict.hint or "".join(further[:1]), said)
    elif failed and not own:
        first = [sections[name] for verdict in failed for name in verdict.consequence]
        yield "%s: mend %s first, on which it builds" % (title, ", ".join(dict.fromkeys(first)))


def _not_written(verdict):
    """The name of the method that is still as the starter has it, or None."""
    error = verdict.failures[0].error or ""
    if re.search(r"NotImplemented|must derive from BaseException", error):
        return (re.findall(r", in ([\w.<>]+)\n", error) or [None])[-1]
    return None


def _verdict(verdict, hint, said):
    """Lines on a failed check: what is right and wrong, a hint, and the smallest failing case."""
    check, failures = verdict.check, verdict.failures
    yield from _wrap("%s: %s" % (check.__name__, check.__doc__.split("\n")[0]), "   ")
    failure = telling(verdict)
    place = re.findall(r'File "(.*)", line (\d+)', failure.error or "")[-1:]
    key = (*place, failure.error.strip().splitlines()[-1].split(":")[0]) if failure.error else None
    if said.setdefault(key, check.__name__) != check.__name__ and key:
        yield "     the same error as in %s" % said[key]
        return
    if verdict.wrong and (verdict.right or len(verdict.wrong) > 1):
        parts = [("right", verdict.right), ("wrong", verdict.wrong)]
        yield from _wrap("; ".join("%s: %s" % (word, _list(names)) for word, names in parts
                                   if names), "     ")
    if hint:
        yield from _wrap("hint: " + hint, "     ")
    if failure.case < len(verdict.cases) and verdict.cases[failure.case].arguments:
        yield from _wrap("case: " + asked(verdict.cases[failure.case].arguments), "     ", 2)
    for line in _explain(failure, verdict):
        yield "     " + line
    printed = verdict.outcome.printed.strip()
    if "BdbQuit" in (failure.error or "") or "(Pdb)" in printed:
        yield "     a debugger has no terminal here; in yours: --debug " + check.__name__
    elif printed and failure.problem.where is None and not verdict.outcome.line:
        yield "     it printed:"
        for line in printed.splitlines()[:LINES // 2]:
            yield "     | " + _clean(line)
    if len(verdict.cases) > 1 and not verdict.outcome.ended:
        yield "     %d of %d cases fail" % (len({f.case for f in failures}), len(verdict.cases))


def telling(verdict):
    """The failure to show: of results that are partly right, if any are, in the smallest case."""
    def rank(failure):
        where, case = failure.problem.where, failure.case
        return (where is None or where.all(),
                verdict.cases[case].size() if case < len(verdict.cases) else 0)
    hinted = [f for f in verdict.failures if f.result and f.result in (verdict.hint or "")]
    return min(hinted or verdict.failures, key=rank)


def asked(arguments):
    """A case in one line: plain values as they are, arrays by their shapes."""
    return ", ".join(_argument(name, value) for name, value in arguments.items()
                     if not name.startswith(("other", "third", "all_")))


def _argument(name, value):
    if isinstance(value, np.ndarray) and value.dtype != object:
        return "%s %s" % (name, value.shape)
    if isinstance(value, dict):
        return asked(value)
    if isinstance(value, (list, tuple, np.ndarray)) and any(
            isinstance(v, (np.ndarray, tuple)) for v in value):
        return "%s %s of %d arrays" % (name, type(value).__name__, len(value))
    return "%s=%r" % (name, value)


def _explain(failure, verdict):
    """Lines on one failure: the traceback, or expected this, not that, and where."""
    problem, name = failure.problem, failure.result
    if failure.error is not None:
        *lines, last = failure.error.strip().splitlines()[-LINES:]
        yield from ("| " + _clean(line) for line in lines)
        yield from _wrap(_clean(last, 3 * WIDTH), "| ")
    elif "did not finish" in problem.sentence:
        line = verdict.outcome.line
        yield from _wrap("%s, which is for all %d cases: the code may be right but slow%s;"
                         " --time-limit gives it more" % (
                             problem.sentence, len(verdict.cases),
                             "; it was at %s" % _clean(line) if line else ""))
    else:
        yield from _wrap("%s: %s" % (name, problem.sentence) if name else problem.sentence)
    if problem.where is not None and problem.where.size > 1:
        difference = np.abs(problem.got.astype(float) - problem.expected)
        count = "all" if problem.where.all() else "%d of" % problem.where.sum()
        size = ", by %.2g at most" % difference.max() if np.isfinite(difference).all() else ""
        yield "%s %d elements are wrong%s" % (count, problem.where.size, size)
        if not problem.where.all():
            yield from picture(problem.where, name)


def picture(where, name=""):
    """Draw which elements are wrong: x in a grid of channels (or rows) by positions.

    Of three axes the first sample with a wrong element is drawn. Where the grid is larger than
    the page, a cell stands for several elements, wrong if one of them is, and that is said.
    """
    words, down, across = [], "rows", "columns"
    if where.ndim == 3:
        what, down, across = "sample", "channels", "positions"
        if name.split(" ")[0].split(".")[-1] in ("W", "dW"):
            what, across = "filter", "taps"
        samples = np.flatnonzero(where.any(axis=(1, 2)))
        words = ["wrong in %ss %s of %d" % (what, _list([str(n) for n in samples]), len(where))
                 if len(samples) < len(where) else "wrong in every %s" % what,
                 "%s %d" % (what, samples[0])]
        where = where[samples[0]]
    where = where.reshape(-1, where.shape[-1])
    if len(where) > 1:
        words.append("%s down, %s across" % (down, across))
    rows, columns = -(-len(where) // ROWS), -(-where.shape[1] // (WIDTH - 8))
    words += ["%d %s in a cell" % (n, axis)
              for n, axis in ((rows, down), (columns, across)) if n > 1]
    if words:
        yield "; ".join(words) + ":"
    for row in _fold(_fold(where, rows).T, columns).T:
        yield "  " + "".join("x" if cell else "." for cell in row)


def _fold(where, each):
    """Rows that stand for `each` of the given ones."""
    return np.array([where[i:i + each].any(axis=0) for i in range(0, len(where), each)])


def _list(names):
    return ", ".join(names[:6]) + (", ... (%d more)" % (len(names) - 6) if len(names) > 6 else "")


def _wrap(text, indent="", lines=None):
    return textwrap.wrap(text, WIDTH - 5, initial_indent=indent,
                         subsequent_indent=indent, max_lines=lines, placeholder=" ...",
                         break_on_hyphens=False)


def _clean(line, length=WIDTH - 8):
    """A line of the hand-in's without control characters and of bounded length."""
    text = "".join(c if c.isprintable() else "?" for c in line.expandtabs())
    return text if len(text) <= length else text[:length - 3] + "..."


def paint(lines):
    """Colour a report for a terminal: what is right green, what is to be mended red."""
    for line in lines:
        points = re.search(r" (\d+) / +(\d+)$|(passed)$|(failed)$", line)
        if points and not line.startswith(" "):
            green = points[3] or points[1] and points[1] == points[2]
            line = "\033[%dm%s\033[0m" % (32 if green else 31, line)
        elif re.match(r"[2-3][.\d]* |not ", line):
            line = "\033[31m%s\033[0m" % line
        yield line
