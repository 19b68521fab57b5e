"""One case of a check in this process, where the hand-in has the terminal and pdb works."""
import bdb
import tempfile

from . import child, grading, handin, report, wire
from .checks import SECTIONS


def run(check, files, seed, time_limit):
    """Run a check's first failing case, or its first one, and print what comes of it.

    Returns
    -------
    bool
        Whether all of it is right.
    """
    section = next(section for section in SECTIONS if check in section.checks)
    (_, verdicts), = grading.grade(files, [section], seed, time_limit)
    verdict = next(verdict for verdict in verdicts if verdict.check is check)
    index = min(verdict.shown[0], len(verdict.cases) - 1) if verdict.failures else 0
    print("%s: %s" % (check.__name__, check.__doc__.split("\n")[0]))
    print("%d of %d cases fail; this is %s" % (len(verdict.failures), len(verdict.cases), (
        "one of them" if verdict.failures else "the first")))
    case, right = verdict.cases[index], True
    print("\n".join(report.arguments(case)))
    with tempfile.TemporaryDirectory() as top:
        handin.write(files, top)
        child.prepare(top)
        try:
            for name, result in check.handin(case):
                if name in verdict.expected[index]:
                    line = wire.write(wire.Record({name: wire.encode(result)}, None, "", [], "",
                                                  None))
                    problem = check.problem(name, verdict.expected[index][name],
                                            wire.read(line).results[name])
                    print("%s: %s" % (name, problem or "right"))
                    right = right and not problem
        except bdb.BdbQuit:
            print("left the debugger")
            return False
        except (Exception, KeyboardInterrupt) as error:
            text, frames = child.describe(error, top)
            print(frames + text)
            return False
    return right
