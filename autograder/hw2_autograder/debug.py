"""One case of a check in this process, where the hand-in has the terminal and pdb works."""
import os
import sys
import tempfile

from . import child, grading, handin, report, wire
from .results import CaseResult, is_array
from .sections import draw, section_of


def run(checks, files, seed, time_limit):
    """Run the case that the report shows, or the first if all pass, and print its results.

    Parameters
    ----------
    checks : list
        Checks of one section: the first that fails is run, or the first if all pass.

    Returns
    -------
    bool
        Whether all of it is right.
    """
    sections = grading.grade(files, [section_of(checks[0])], seed, time_limit)
    graded = {each.name: each for each in sections[0].checks}
    check = next((check for check in checks if not graded[check.name].passed), checks[0])
    found = graded[check.name]
    cases = draw(check, seed)
    index = 0
    if found.failure is not None:
        index = cases.index(found.failure.case)
    elif found.finished < found.cases:
        index = found.finished
    print("%s: %s" % (check.name, check.sentence))
    if found.hint:
        print("hint: " + found.hint)
    print("case %d of %d, %s:" % (index + 1, len(cases), _why(found)))
    print("\n".join(report.arguments(cases[index])))
    result = use(check, cases[index], files)
    right = grading.expected(check, seed)[index]
    problems = check.problems(right, result.values)
    for name in right:
        if name in result.values:
            got = result.values[name]
            shape = " %s" % (got.shape,) if is_array(got) else ""
            print("%s%s: %s" % (name, shape, problems.get(name, "right")))
    if result.error:
        print(_error_in_words(result.error))
    return check.passes(right, result)


def _why(graded):
    """Return why a case is run, in words."""
    if graded.failure is not None:
        return "one of %d that fail" % graded.failed if graded.failed > 1 else "the one that fails"
    return "the first" if graded.passed else "the first that did not come to its end"


def use(check, case, files):
    """Return the CaseResult of a case in this process, where PyTorch cannot be imported."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        top = os.path.realpath(folder)
        handin.write(files, top)
        child.prepare(top)
        sys.modules["torch"] = None  # it is there already: the finder is not asked
        values, error = child.use(check, case, top)
        os.chdir(os.path.dirname(top))  # Windows removes no folder that one is in
    return wire.read(wire.write(CaseResult(values, error, "", None)))


def _error_in_words(error):
    """Return an exception as lines."""
    if error.type == "BdbQuit":
        return "left the debugger"
    lines = []
    for frame in error.frames:
        lines.append('  File "%s", line %d, in %s' % (frame.path, frame.line, frame.function))
        lines.append(frame.source)
    return "\n".join([*lines, error.text])
