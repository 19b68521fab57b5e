"""Inside the hand-in's process: uses the hand-in in each case and sends what comes of it."""
import contextlib
import faulthandler
import os
import pdb
import site
import sys
import time
import traceback

from . import wire
from .checks import choose, draw

LIMITS = {"RLIMIT_AS": 2 ** 32, "RLIMIT_FSIZE": 2 ** 26, "RLIMIT_CORE": 0}  # bytes
PRINTED = 1500  # bytes kept of what a case prints


def main(top, numbers, seed, deadline):
    """Run the checks of some sections on the hand-in at `top`.

    Descriptor 1, a file, gets the results; 2, another one, gets all that is printed. The process
    ends here, whatever threads or exit handlers the hand-in has left.
    """
    results, printed = os.dup(1), os.dup(2)
    os.dup2(2, 1)
    sys.stdout = sys.stderr = open(1, "w", buffering=1, encoding="utf-8", errors="replace",
                                   closefd=False)
    seconds = float(deadline) - time.time()
    # On timeout, print where it was and exit, even without the launcher.
    faulthandler.dump_traceback_later(max(seconds - 0.2, 0.1), file=2, exit=True)
    with contextlib.suppress(ImportError):  # as on Windows
        import resource
        for name, value in {**LIMITS, "RLIMIT_CPU": int(seconds) + 3}.items():
            with contextlib.suppress(ValueError, OSError):  # where the system has a lower one
                resource.setrlimit(getattr(resource, name), (value, value))
    prepare(top, sys.argv[1:3])
    stops = []
    sys.breakpointhook = pdb.set_trace = lambda *args, **kwargs: stops.append("%s, line %d" % (
        sys._getframe(1).f_code.co_filename.replace(top + os.sep, ""), sys._getframe(1).f_lineno))
    os.write(results, b"ready\n")
    sections = [choose([number])[0] for number in numbers.split(",")]
    for check in [check for section in sections for check in section.checks]:
        for case in draw(check, int(seed)):
            start = os.fstat(printed).st_size
            found, error, frames, remarks = use(check, case, top)
            with contextlib.suppress(Exception):
                sys.stdout.flush()
            os.lseek(printed, start, os.SEEK_SET)
            text = os.read(printed, PRINTED).decode(errors="replace")
            os.lseek(printed, 0, os.SEEK_END)
            line = wire.write(wire.Record(found, error, frames, remarks, text,
                                          stops[0] if stops else None))
            stops.clear()
            while line:
                line = line[os.write(results, line):]
    os.write(results, b"done")
    os._exit(0)


def prepare(top, packages):
    """Make the hand-in's modules importable, beside them NumPy and the standard library alone."""
    sys.dont_write_bytecode = True
    sys.path[:] = [os.path.join(top, "mytorch"), os.path.join(top, "hw2"), top,
                   *(path for path in sys.path if path not in packages)]
    sys.argv[:] = ["runner.py"]
    os.chdir(top)
    site.setquit()  # exit and quit, which python -S leaves out


def use(check, case, top):
    """Return a case's results by name, the error that ended it and its frames, and remarks."""
    results, remarks = {}, []
    try:
        for name, result in check.handin(case):
            if name is None:
                remarks.append(result)
            else:
                results[name] = wire.encode(result)
    except BaseException as error:  # sys.exit() and Ctrl-C too
        return results, *describe(error, top), remarks
    return results, None, "", remarks


def describe(error, top):
    """Return an exception as text, and the hand-in's own lines of its traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame, (raw, _) in zip(frames, traceback.walk_tb(error.__traceback__)):
        frame.name = getattr(raw.f_code, "co_qualname", frame.name)
    own = [frame for frame in frames if frame.filename.startswith(top + os.sep)]
    lines = traceback.format_list(own[-3:]) or [
        "the autograder runs: %s\n" % frame.line for frame in frames[-1:]]
    try:
        text = traceback.format_exception_only(type(error), error)
    except Exception:  # its __str__ is the hand-in's
        text = [type(error).__name__]
    if isinstance(error, SyntaxError):
        lines, text = text[:-1], text[-1:]
    elif isinstance(error, ModuleNotFoundError):
        text.append("(a hand-in can import only NumPy, the standard library and its own files)")
    return ["".join(text).strip().replace(top + os.sep, "")[:3000],
            "".join(lines).replace(top + os.sep, "")[:3000]]
