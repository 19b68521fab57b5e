"""Inside the hand-in's process: runs one exercise case by case and writes down what came out."""
import contextlib
import os
import sys
import traceback
from pathlib import Path

import exercises
import wire

MEMORY = 4 * 2 ** 30  # bytes of address space
FILE_SIZE = 64 * 2 ** 20  # bytes, of the results or of what the hand-in prints


def run(exercise, cases, top, folder, time_limit):
    """Run an exercise on the hand-in at `top`; leave `results` and `printed` in `folder`.

    The process ends here, whatever threads or exit handlers the hand-in left behind.
    """
    with open(os.path.join(folder, "results"), "wb") as results:
        _settle(top, folder, time_limit, results.fileno())
        for case in cases:
            try:
                record = {"results": getattr(exercises, exercise)(**case), "arguments": case}
            except BaseException as error:  # sys.exit() and Ctrl-C are the hand-in's failures too
                record = {"error": _describe(error, top)}
            wire.write(results, record)
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    os._exit(0)


def _settle(top, folder, time_limit, results):
    """Cut the process off from torch, the runner's files and unlimited resources."""
    if hasattr(os, "setsid"):
        os.setsid()  # a group of its own, to be killed as one
        os.closerange(3, results)
        os.closerange(results + 1, 1024)
    printed = os.open(os.path.join(folder, "printed"), os.O_WRONLY | os.O_CREAT)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = sys.stdout
    sys.dont_write_bytecode = True

    here = str(Path(__file__).resolve().parent)
    library = [p for p in sys.path if p and Path(p).resolve() != Path(here)
               and not {"site-packages", "dist-packages"} & set(Path(p).parts)]
    sys.path[:] = [str(Path(top, "mytorch")), str(Path(top, "hw2")), top] + library
    os.chdir(folder)
    sys.addaudithook(_no_torch)

    try:
        import resource
    except ImportError:  # not on Windows
        return
    for limit, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, FILE_SIZE),
                         (resource.RLIMIT_CPU, int(time_limit) + 2), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # where the system has a lower one
            resource.setrlimit(limit, (value, value))


def _no_torch(event, args):
    if event == "import" and str(args[0]).split(".")[0] == "torch":
        raise ModuleNotFoundError("No module named 'torch': a hand-in has NumPy only")


def _describe(error, top):
    """The error's name and text, and its traceback from the hand-in's first line on."""
    frames = traceback.extract_tb(error.__traceback__)
    folders = os.path.join(top, "mytorch") + os.sep, os.path.join(top, "hw2") + os.sep
    own = [i for i, frame in enumerate(frames) if frame.filename.startswith(folders)]
    lines = traceback.format_list(frames[own[0]:]) if own else []
    lines += traceback.format_exception_only(type(error), error)
    return {"name": type(error).__name__, "traceback": "".join(lines).replace(top + os.sep, "")}
