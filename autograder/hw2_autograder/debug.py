"""One case of a check in this process, where the hand-in has the terminal and pdb works."""
import os
import sys
import tempfile

from . import child, grading, handin, report, sandbox, wire
from .checks import SECTIONS


def run(check, files, seed, time_limit):
    """Run the case that the report shows, or the first if all pass, and print its results.

    Returns
    -------
    bool
        Whether all of it is right.
    """
    section = next(section for section in SECTIONS if check in section.checks)
    (_, verdicts), = grading.grade(files, [section], seed, time_limit)
    verdict = next(verdict for verdict in verdicts if verdict.check is check)
    index = min(verdict.shown[0], len(verdict.cases) - 1) if verdict.failures else 0
    print("%s: %s\n%d of %d cases fail%s; this is %s" % (
        check.__name__, check.__doc__.split("\n")[0], len(verdict.failures), len(verdict.cases),
        "s" * (len(verdict.failures) == 1), "one of them" if verdict.failures else "the first"))
    print("\n".join(report.arguments(verdict.cases[index])))
    with tempfile.TemporaryDirectory() as top:
        handin.write(files, top)
        child.prepare(top, sandbox.PACKAGES)
        sys.modules["torch"] = None  # importing it fails, as in grading
        record = wire.read(wire.write(wire.Record(
            *child.use(check, verdict.cases[index], top), "", None)))
        os.chdir(os.path.dirname(top))  # Windows removes no folder that one is in
    problems = grading.problems_of(check, verdict.expected[index], record)
    for name in record.results:
        print("%s: %s" % (name, problems.get(name, "right")))
    if record.error:
        print("left the debugger" if "BdbQuit" in record.error else record.frames + record.error)
    return not problems
