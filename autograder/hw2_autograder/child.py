"""Inside the hand-in's process: uses the hand-in in each case and sends what comes of it."""
import contextlib
import errno
import faulthandler
import os
import pdb
import re
import site
import sys
import time
import traceback

import numpy as np

from . import rules, wire
from .check import NotWritten
from .results import CaseResult, Error, Frame
from .sections import choose, draw

MAX_FILE = 2 ** 26  # bytes of a file, of what a case prints too
LIMITS = {"RLIMIT_AS": 2 ** 32, "RLIMIT_FSIZE": MAX_FILE, "RLIMIT_CORE": 0}  # bytes
PRINTED = 1500  # bytes kept of what a case prints
MAX_FRAMES = 3
MAX_TEXT = 3000  # characters of an exception's text, or of a line


def main(top, numbers, seed, deadline):
    """Run the checks of some sections on the hand-in at `top`.

    Descriptor 1, a file, gets the results; 2, another one, gets all that is printed. The process
    ends here, whatever threads or exit handlers the hand-in has left.
    """
    results = os.dup(1)
    printed = os.dup(2)
    os.dup2(2, 1)
    sys.stdout = sys.stderr = open(1, "w", buffering=1, encoding="utf-8", errors="replace",
                                   newline="\n", closefd=False)
    seconds = float(deadline) - time.time()
    # When the time is over, print where the hand-in was, and exit.
    faulthandler.dump_traceback_later(max(seconds, 0.1), file=2, exit=True)
    todo = []
    for section in choose(numbers.split(",")):
        for check in section.checks:
            for case in draw(check, int(seed)):
                todo.append((check, case))
    set_limits()
    prepare(top)
    breakpoints = []
    sys.breakpointhook = pdb.set_trace = lambda *args, **kwargs: breakpoints.append(place(top))
    send(results, b"ready\n")
    for check, case in todo:
        os.ftruncate(printed, 0)
        os.lseek(printed, 0, os.SEEK_SET)
        breakpoints.clear()
        values, error = use(check, case, top)
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        os.lseek(printed, 0, os.SEEK_SET)
        text = os.read(printed, PRINTED).decode(errors="replace").replace(top + os.sep, "")
        os.lseek(printed, 0, os.SEEK_END)
        result = CaseResult(values, error, text, breakpoints[0] if breakpoints else None)
        send(results, wire.write(result))
    send(results, b"done")
    os._exit(0)


def send(descriptor, line):
    """Write all of a line."""
    while line:
        line = line[os.write(descriptor, line):]


def set_limits():
    """Limit the memory and the files of this process, where the system can."""
    with contextlib.suppress(ImportError):  # as on Windows
        import resource
        for name, value in LIMITS.items():
            with contextlib.suppress(ValueError, OSError, AttributeError):  # as on macOS
                resource.setrlimit(getattr(resource, name), (value, value))


def place(top):
    """Return where the caller of a breakpoint is."""
    frame = sys._getframe(2)
    return "%s, line %d" % (without_folder(frame.f_code.co_filename, top), frame.f_lineno)


def without_folder(text, top):
    """Return a text without the folder of the hand-in."""
    return text.replace(top + os.sep, "").replace(os.sep, "/")


class OnlyAllowed:
    """A finder that refuses all modules but the allowed ones."""

    def __init__(self, allowed):
        self.allowed = allowed

    def find_spec(self, name, path=None, target=None):
        """Leave a module to the next finder, or raise."""
        first = name.partition(".")[0]
        # sysconfig imports a module with a name that depends on the system.
        if first not in self.allowed and not first.startswith("_sysconfigdata"):
            raise ModuleNotFoundError("No module named %r (a hand-in can import only NumPy, the"
                                      " standard library and its own files)" % name, name=name)


def prepare(top):
    """Make the hand-in's modules importable, beside them NumPy and the standard library alone."""
    sys.dont_write_bytecode = True
    folders = [os.path.join(top, "mytorch"), os.path.join(top, "hw2"), top]
    sys.path[:] = folders + sys.path
    names = []
    for folder in folders:
        with contextlib.suppress(OSError):
            names += os.listdir(folder)
    sys.meta_path.insert(0, OnlyAllowed(rules.importable(names)))
    sys.argv[:] = ["runner.py"]
    os.chdir(top)
    site.setquit()  # exit and quit, which python -S leaves out


def use(check, case, top):
    """Return a case's values by name, encoded, and the Error that ended it, or None."""
    values = {}
    try:
        for name, value in check.use(case):
            values[name] = wire.encode(value)
    except BaseException as error:  # sys.exit() and Ctrl-C too
        return values, describe(error, top)
    return values, None


def describe(error, top):
    """Return an exception as an Error, with the hand-in's own lines of its traceback."""
    frames = []
    summaries = traceback.extract_tb(error.__traceback__)
    for summary, (frame, _) in zip(summaries, traceback.walk_tb(error.__traceback__)):
        if summary.filename.startswith(top + os.sep):
            frames.append(describe_frame(summary, frame, top))
    try:
        lines = traceback.format_exception_only(type(error), error)
    except Exception:  # its __str__ is the hand-in's
        lines = [type(error).__name__]
    if isinstance(error, NotWritten):
        lines = [str(error)]
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        lines = ["it printed, or wrote to a file, more than %d MiB" % (MAX_FILE >> 20)]
    text = without_folder("".join(lines).strip(), top)[:MAX_TEXT]
    return Error(type(error).__name__, text, frames[-MAX_FRAMES:])


def describe_frame(summary, frame, top):
    """Return a Frame: a line of the hand-in, and the sizes of what it names."""
    function = summary.name
    if "self" in frame.f_locals:
        function = "%s.%s" % (type(frame.f_locals["self"]).__name__, function)
    _, _, source = traceback.format_list([summary])[0].partition("\n")
    return Frame(without_folder(summary.filename, top), summary.lineno, function[:MAX_TEXT],
                 source.rstrip()[:MAX_TEXT], sizes(source, frame.f_locals))


def sizes(source, variables):
    """Return the shape of each array and the value of each integer that a line names."""
    found = {}
    for name in re.findall(r"[A-Za-z_]\w*(?:\.\w+)?", source):
        first, _, attribute = name.partition(".")
        value = variables.get(first)
        if attribute and not isinstance(value, np.ndarray):
            # Looked up, so that nothing of the hand-in's runs.
            value = getattr(value, "__dict__", {}).get(attribute)
        else:
            name = first
        if isinstance(value, np.ndarray):
            found[name] = np.ndarray.shape.__get__(value)
        elif type(value) is int:
            found[name] = value
    return found
