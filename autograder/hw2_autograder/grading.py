"""The way through the autograder: the command line, then each hand-in from results to report."""
import argparse
import functools
import secrets
import sys
import tempfile
from pathlib import Path

import cases
import handin
import rules
import sections
import supervisor
from report import Brief, Report
from verdict import judge

TOP = Path(__file__).resolve().parents[2]


def parse(argv):
    parser = argparse.ArgumentParser(
        prog="runner.py", description="Grades the hand-in against PyTorch.",
        epilog="Exit status: 0 for full marks with every check passed, 1 otherwise, 2 for wrong"
               " usage.")
    parser.add_argument("sections", nargs="*", metavar="SECTION",
                        help="only these sections, such as 3.1 or 3.4 (default: all)")
    parser.add_argument("--handin", nargs="+", default=[], metavar="TAR", type=Path,
                        help="grade these tarballs (default: the mytorch and hw2 beside"
                             " autograder)")
    parser.add_argument("--seed", type=int, metavar="N",
                        help="draw the random cases from this seed (default: a new one)")
    parser.add_argument("--time-limit", type=float, default=10, metavar="S",
                        help="seconds that an exercise may take (default: 10)")
    parser.add_argument("-A", "--autolab", action="store_true",
                        help="print Autolab's JSON line of scores, last")
    parser.add_argument("-v", "--verbose", action="store_true",
                        help="full reports for more than one hand-in too")
    args = parser.parse_args(argv)
    try:
        args.sections = sections.choose(args.sections)
    except ValueError as error:
        parser.error(str(error))
    if args.seed is None:
        args.seed = secrets.randbelow(10 ** 6)
    if args.seed < 0:
        parser.error("--seed: expected 0 or more, got %d" % args.seed)
    if not args.time_limit > 0:
        parser.error("--time-limit: expected more than 0, got %g" % args.time_limit)
    if len(args.handin) == 1 and not args.handin[0].is_file():
        parser.error("--handin: there is no file %s" % args.handin[0])
    return args


@functools.lru_cache(maxsize=None)
def answer(exercise, seed):
    """Torch's results for each case of an exercise."""
    import answers  # here, so that the hand-in's processes are at work while torch loads
    return [getattr(answers, exercise)(**case) for case in cases.draw(exercise, seed)]


def hint(exercise, drawn, expected, outcome, failures):
    """The first failed result that has a diagnosis, and the diagnosis; else (None, None)."""
    import mistakes  # here, because it asks torch
    for name in dict.fromkeys(failure.result for failure in failures):
        sentence = mistakes.diagnose(exercise, name, drawn, expected, outcome, failures)
        if sentence:
            return name, sentence
    return None, None


def grade(top, folders, args, report):
    """Grade the hand-in at `top`; return its points by section, and whether all is right."""
    drawn = {name: cases.draw(name, args.seed) for s in args.sections for name in s.exercises}
    outcomes = supervisor.start(top, drawn, args.time_limit)
    broken = rules.breaches(top, folders)
    for sentence in broken:
        report.breach(sentence)
    points, failed = {}, set()
    for section in args.sections:
        verdicts = {name: judge(drawn[name], answer(name, args.seed), outcomes[name].result())
                    for name in section.exercises}
        wrong = {name: failures for name, failures in verdicts.items() if failures}
        failed.update(wrong)
        points[section.number] = 0 if wrong else section.points
        report.section(section, points[section.number], bool(wrong))
        for name, failures in wrong.items():
            outcome = outcomes[name].result()
            below = [n for n in sections.BUILDS_ON.get(name, []) if n in failed]
            if below and section.number >= "3.3":  # a network cannot be judged on broken layers
                found = None, None
            else:
                found = hint(name, drawn[name], answer(name, args.seed), outcome, failures)
            report.failed(name, drawn[name], outcome, failures, found, below,
                          "python3 autograder/hw2_autograder/runner.py %s --seed %d%s"
                          % (section.number, args.seed, " --handin %s" % report.handin if report.handin else ""))
    return points, not (broken or failed)


def grade_tarball(path, args, report):
    """Grade exactly what a tarball holds, unpacked into a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        try:
            handin.unpack(path, top)
        except ValueError as error:
            report.breach("%s: %s" % (path, error))
            return {section.number: 0 for section in args.sections}, False
        return grade(top, list(top.iterdir()), args, report)


def main(argv=None):
    args = parse(argv)
    sys.stdout.reconfigure(errors="replace")
    print("seed %d" % args.seed, flush=True)
    all_right = True
    for path in args.handin or [None]:
        brief = len(args.handin) > 1 and not args.verbose
        report = (Brief if brief else Report)(sys.stdout, path)
        if path:
            points, right = grade_tarball(path, args, report)
        else:
            points, right = grade(TOP, [TOP / "mytorch", TOP / "hw2"], args, report)
        report.total(points, args.sections)
        if args.autolab:
            report.autolab(points, args.sections)
        all_right = all_right and right
    return 0 if all_right else 1

