"""The command line: which hand-ins are graded in which sections, and what is printed of them."""
import argparse
import secrets
import shlex
import sys
from pathlib import Path

from . import grading, handin, report, rules, supervisor
from .checks import choose

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
    parser.add_argument("-A", "--autolab", action="store_true",
                        help="print Autolab's JSON line of scores, last")
    parser.add_argument("-v", "--verbose", action="store_true",
                        help="full reports for more than one hand-in too")
    args = parser.parse_args(argv)
    # "--handin bob.tar 3.1" means section 3.1
    numbers = [path for path in args.handin if _is_section(path) and not Path(path).exists()]
    args.handin = [Path(path) for path in args.handin if path not in numbers]
    try:
        args.sections = choose(args.sections + numbers)
    except ValueError as error:
        parser.error(str(error))
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
    args = parse(argv)
    sys.stdout.reconfigure(errors="replace", line_buffering=True)
    supervisor.prepare()
    print("seed %d" % args.seed)
    all_right = True
    for path in args.handin or [TOP]:
        warnings, graded = grade(path, args)
        got, out_of = report.total(graded)
        all_right = all_right and got == out_of
        if len(args.handin) > 1 and not args.verbose:
            print("; ".join([report.brief(path, graded)] + warnings))
        else:
            if args.handin:
                print("hand-in %s" % path)
            for sentence in warnings:
                print("warning: %s" % sentence)
            for line in report.full(graded, lambda numbers: again(args, path, numbers),
                                    sys.stdout.isatty()):
                print(line)
        if args.autolab:
            print(report.autolab(graded))
    return 0 if all_right or args.autolab else 1


def grade(path, args):
    """Return warnings about a hand-in and its list of Graded sections."""
    try:
        with handin.opened(path) as top:
            return rules.warnings(top), list(grading.grade(top, args.sections, args.seed,
                                                           args.time_limit))
    except ValueError as error:
        return [str(error)], [grading.Graded(section, 0, []) for section in args.sections]


def again(args, path, numbers):
    """The command that grades sections of a hand-in again, from where the user stands."""
    words = ["python3", sys.argv[0], *numbers, "--seed", str(args.seed)]
    return shlex.join(words + (["--handin", str(path)] if args.handin else []))
