"""The command line: which hand-ins are graded in which sections, and where the reports go."""
import argparse
import csv
import secrets
import shlex
import sys
import time
from pathlib import Path

import numpy as np

from . import debug, grading, handin, report, rules, supervisor
from .checks import SECTIONS, choose

TOP = Path(__file__).resolve().parents[2]


def parse(argv):
    """Return the arguments, or end with what is wrong with them and exit status 2."""
    parser = argparse.ArgumentParser(
        prog="runner.py", description="Grades the hand-in against PyTorch.",
        epilog="Exit status: 0 for all points of the chosen sections, 1 for fewer, 2 for wrong"
               " usage; with -A 0 whenever there are scores.")
    parser.add_argument("sections", nargs="*", metavar="SECTION",
                        help="only these sections, such as 3.1 or 3.4 (default: all)")
    parser.add_argument("--handin", nargs="+", default=[], metavar="PATH", action="extend",
                        help="grade these tarballs or folders (default: the mytorch and hw2 beside"
                             " autograder)")
    parser.add_argument("--seed", type=int, metavar="N",
                        help="draw the random cases from this seed (default: a new one)")
    parser.add_argument("--time-limit", type=float, default=20, metavar="S",
                        help="seconds that a check may take (default: 20)")
    parser.add_argument("--debug", metavar="CHECK",
                        help="run a check's first failing case here, where pdb works")
    parser.add_argument("-A", "--autolab", action="store_true",
                        help="print Autolab's JSON line of scores, last")
    parser.add_argument("-v", "--verbose", action="store_true",
                        help="full reports for more than one hand-in too")
    parser.add_argument("--csv", metavar="FILE", help="write a row of points for each hand-in")
    parser.add_argument("--reports", metavar="FOLDER", type=Path,
                        help="write a full report for each hand-in")
    args = parser.parse_args(argv)
    # "--handin bob.tar 3.1" means section 3.1
    numbers = [path for path in args.handin if _is_section(path) and not Path(path).exists()]
    args.handin = [Path(path) for path in args.handin if path not in numbers]
    checks = {check.__name__: check for section in SECTIONS for check in section.checks}
    try:
        args.sections = choose(args.sections + numbers)
    except ValueError as error:
        parser.error(str(error))
    if args.debug and args.debug not in checks:
        parser.error("--debug: there is no check %s: choose from %s"
                     % (args.debug, ", ".join(checks)))
    args.debug = checks.get(args.debug)
    if args.debug and len(args.handin) > 1:
        parser.error("--debug: expected one hand-in, got %d" % len(args.handin))
    if args.seed is None:
        args.seed = secrets.randbelow(10 ** 6)
    if args.seed < 0:
        parser.error("--seed: expected 0 or more, got %d" % args.seed)
    if not args.time_limit > 0:
        parser.error("--time-limit: expected more than 0, got %g" % args.time_limit)
    for path in args.handin:
        if not path.exists():
            parser.error("--handin: there is no file %s" % path)
    return args


def _is_section(number):
    try:
        return bool(choose([number]))
    except ValueError:
        return False


def main(argv=None):
    """Grade what the arguments say, and return the exit status."""
    args = parse(argv)
    sys.stdout.reconfigure(errors="replace", line_buffering=True)
    np.seterr(all="ignore")  # what a hand-in's numbers do in a comparison is no news
    try:
        supervisor.prepare()
        return debug_one(args) if args.debug else grade_all(args)
    except KeyboardInterrupt:
        supervisor.stop()
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read the output, such as head, has had enough
        supervisor.stop()
        return 1


def debug_one(args):
    """Run one case of a check of the hand-in in this process."""
    path = args.handin[0] if args.handin else TOP
    print("seed %d" % args.seed)
    try:
        with handin.opened(path) as top:
            return 0 if debug.run(args.debug, top, args.seed, args.time_limit) else 1
    except handin.Unreadable as error:
        print("not graded: %s" % error)
        return 1


def grade_all(args):
    """Grade each hand-in and print, or write, what came out."""
    print("seed %d" % args.seed)
    rows, all_right, start = [], True, time.monotonic()
    brief = len(args.handin) > 1 and not args.verbose
    if brief and not args.reports:  # nothing would be said of it
        args.sections = [s for s in args.sections
                         if s.number != "beyond" or len(args.sections) == 1]
    for count, path in enumerate(args.handin or [TOP]):
        _progress(count, len(args.handin), time.monotonic() - start)
        warnings, graded = grade(path, args)
        got, out_of = report.total(graded)
        all_right = all_right and got == out_of
        full = (["hand-in %s" % path] if args.handin else []) + [
            *warnings, *report.full(graded, lambda numbers: again(args, path, numbers))]
        why = report.reason(warnings, graded)
        _progress(None, len(args.handin), 0)
        if brief:
            print(report.brief(path, graded) + ("  " + why if why else ""))
        else:
            print("\n".join(report.paint(full) if sys.stdout.isatty() else full))
        if args.autolab:
            print(report.autolab(graded))
        if args.reports:
            args.reports.mkdir(parents=True, exist_ok=True)
            name = "_".join(part for part in path.with_suffix("").parts if part not in ("/", ".."))
            (args.reports / (name + ".txt")).write_text(
                "\n".join(["seed %d" % args.seed, *full, ""]), encoding="utf-8")
        rows.append([str(path), *(g.points for g in graded if g.section.points), got, why])
    if args.csv:
        header = [section.number for section in args.sections if section.points]
        with open(args.csv, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["hand-in", *header, "total", "why"], *rows])
    return 0 if all_right or args.autolab else 1


def _progress(count, of, seconds):
    """Show on a terminal how many of several hand-ins are done and the time left, or None."""
    if of > 1 and sys.stderr.isatty():
        text = "" if count is None else "%d of %d" % (count, of)
        if count:
            text += ", %d s left" % (seconds / count * (of - count))
        sys.stderr.write("\r%-40s\r" % text)
        sys.stderr.flush()


def grade(path, args):
    """Return warnings about a hand-in and its list of Graded sections."""
    try:
        with handin.opened(path) as top:
            return (["warning: " + sentence for sentence in rules.warnings(top)],
                    list(grading.grade(top, args.sections, args.seed, args.time_limit)))
    except handin.Unreadable as error:
        return ["not graded: %s" % error], [grading.Graded(section, 0, [])
                                            for section in args.sections]


def again(args, path, numbers):
    """The command that grades sections of a hand-in again, from where the user stands."""
    words = ["python3", sys.argv[0], *numbers, "--seed", str(args.seed)]
    return shlex.join(words + (["--handin", str(path)] if args.handin else []))
