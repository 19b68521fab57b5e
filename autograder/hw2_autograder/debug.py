"""One case of a check in this process, where the hand-in has the terminal and pdb works."""
import bdb
import os

from . import child, grading, report, supervisor
from .compare import compare


def run(check, top, seed, time_limit):
    """Run a check's first failing case, or its first one, and print what comes of it.

    Returns
    -------
    bool
        Whether all of it is right.
    """
    cases, expected = grading.draw(check, seed), grading.expected(check, seed)
    outcome = supervisor.run(check, cases, top, time_limit, breaks=False)
    verdict = grading.judge(check, cases, expected, outcome, {})
    print("%s: %s" % (check.__name__, check.__doc__.split("\n")[0]))
    index = 0
    if verdict.failures:
        index = min(report.telling(verdict).case, len(cases) - 1)
        print("%d of %d cases fail, this one first" % (
            len({failure.case for failure in verdict.failures}), len(cases)))
    else:
        print("no case fails; this is the first")
    print("case: %s" % report.asked(cases[index].arguments))
    os.chdir(top)
    child.use(str(top))
    right = True
    try:
        for name, result in check.handin(cases[index]):
            result = child.wire.read(child.wire.line({name: child.wire.encode(result)}, None))
            problem = compare(expected[index][name], result.results[name], check.tolerance)
            print("%s: %s" % (name, problem.sentence if problem else "right"))
            right = right and not problem
    except bdb.BdbQuit:
        print("left the debugger")
        return False
    except Exception as error:
        print(child.describe(error, str(top)))
        return False
    return right
