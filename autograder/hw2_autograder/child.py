"""Inside the hand-in's process: runs one check case by case and sends what comes of each."""
import contextlib
import faulthandler
import importlib.abc
import importlib.machinery
import os
import sys
import traceback

from . import wire

MEMORY = 4 * 2 ** 30  # bytes of address space
FILE_SIZE = 64 * 2 ** 20  # bytes of a file that it writes


def run(check, cases, top, time_limit, results, printed, breaks):
    """Run a check on the hand-in at `top`; send records and all that is printed.

    The process ends here, whatever threads or exit handlers the hand-in left behind.

    Parameters
    ----------
    check : type
    cases : list of Case
    top : str
        The folder that holds mytorch and hw2.
    time_limit : float
        Seconds.
    results, printed : multiprocessing.connection.Connection
        Where a record a case, and the text, are sent to.
    breaks : bool
        Whether a breakpoint stops it, which without a terminal is an exception.
    """
    _settle(top, time_limit, results.fileno(), printed.fileno())
    if not breaks:
        import pdb
        sys.breakpointhook = pdb.set_trace = lambda *args, **kwargs: None
    for case in cases:
        found, error = {}, None
        try:
            for name, result in check.handin(case):
                found[name] = wire.encode(result)
        except BaseException as exception:  # sys.exit() and Ctrl-C are the hand-in's failures too
            error = describe(exception, top)
        _send(results.fileno(), wire.line(found, error))
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    os._exit(0)


def _send(descriptor, data):
    while data:
        data = data[os.write(descriptor, data):]


def _settle(top, time_limit, results, printed):
    """Cut the process off from the grader's files and descriptors and from unlimited resources."""
    os.setsid()  # a group of its own, to be killed as one
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in (null, 0), (printed, 1), (printed, 2):
        os.dup2(source, target)
    os.closerange(3, results)
    os.closerange(results + 1, 1024)
    sys.stdin = open(0, closefd=False)
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = sys.stdout
    faulthandler.dump_traceback_later(0.97 * time_limit, file=2)  # says where the time ran out
    os.chdir(top)
    use(top)

    import resource
    for limit, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, FILE_SIZE),
                         (resource.RLIMIT_CPU, int(time_limit) + 2), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # where the system has a lower one
            resource.setrlimit(limit, (value, value))


def use(top):
    """Make the hand-in's modules importable, beside them NumPy and the standard library alone."""
    sys.dont_write_bytecode = True
    folders = [os.path.join(top, "mytorch"), os.path.join(top, "hw2"), top]
    sys.path[:] = folders + sys.path[1:]
    sys.meta_path[:] = [_Finder(folders, list(sys.meta_path))]


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the hand-in's sources, before all others; leaves NumPy and the library to the rest."""

    def __init__(self, folders, rest):
        self.folders, self.rest = folders, rest

    def find_spec(self, name, path=None, target=None):
        folders = self.folders if path is None else [p for p in path if p in self.folders]
        for folder in folders:
            stem = os.path.join(folder, name.split(".")[-1])
            for file, inside in ((stem + ".py", None), (os.path.join(stem, "__init__.py"), [stem])):
                if os.path.isfile(file):
                    return importlib.util.spec_from_file_location(
                        name, loader=_SourceLoader(name, file), submodule_search_locations=inside)
            if path is None and os.path.isdir(stem) and stem in self.folders:
                spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
                spec.submodule_search_locations = [stem]
                return spec
        if name.split(".")[0] in {"numpy", *sys.stdlib_module_names}:
            found = (finder.find_spec(name, path, target) for finder in self.rest)
            return next((spec for spec in found if spec), None)
        return None


class _SourceLoader(importlib.machinery.SourceFileLoader):
    """Runs what stands in the source, never a compiled file that lies beside it."""

    def path_stats(self, path):
        raise OSError("compiled files are not used")


def describe(error, top):
    """The traceback from the hand-in's first line on, without the folder's name."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame, (raw, _) in zip(frames, traceback.walk_tb(error.__traceback__)):
        frame.name = getattr(raw.f_code, "co_qualname", frame.name)
    folders = os.path.join(top, "mytorch") + os.sep, os.path.join(top, "hw2") + os.sep
    own = [i for i, frame in enumerate(frames) if frame.filename.startswith(folders)]
    lines = traceback.format_list(frames[own[0]:]) if own else []
    try:
        lines += traceback.format_exception_only(type(error), error)
    except Exception:  # its __str__ is the hand-in's
        lines.append(type(error).__name__)
    if isinstance(error, ModuleNotFoundError):
        lines.append("(a hand-in has NumPy, the standard library and its own files)")
    return "".join(lines).replace(top + os.sep, "")[-4000:]
