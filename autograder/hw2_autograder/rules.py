"""The hand-in's rules, checked without importing it: its files, and what they import."""
import ast
import fnmatch
import sys
from pathlib import Path

FILES = {
    "mytorch": ["loss.py", "activation.py", "batchnorm.py", "linear.py", "conv.py"],
    "hw2": ["hw2.py", "mlp_scan.py", "mlp.py", "mc.py"],
}
OPTIONAL = {Path("mytorch/__init__.py")}
_OWN = {"mytorch", *(name[:-3] for files in FILES.values() for name in files)}


def breaches(top, folders):
    """Return a sentence for each breach of the rules by the hand-in at `top`.

    Parameters
    ----------
    top : Path
    folders : iterable of Path
        What belongs to the hand-in: mytorch and hw2, or all that a tarball held.
    """
    wanted = {Path(folder, name) for folder, names in FILES.items() for name in names}
    found = set()
    for folder in folders:
        inside = [folder] if folder.is_file() else folder.rglob("*")
        found |= {path.relative_to(top) for path in inside if not path.is_dir()}
    found = {path for path in found if not _excluded(path)}
    sentences = ["%s is missing" % path.as_posix() for path in sorted(wanted - found)]
    sentences += ["%s was added: hand in only the files of the handout" % path.as_posix()
                  for path in sorted(found - wanted - OPTIONAL)]
    for path in sorted(found & (wanted | OPTIONAL)):
        sentences += _imports(top, path)
    return sentences


def _excluded(path):
    """Whether exclude.txt, which create_tarball.sh reads too, leaves this path out."""
    patterns = Path(__file__).resolve().parents[2] / "exclude.txt"
    patterns = patterns.read_text().split() if patterns.exists() else []
    return any(fnmatch.fnmatch(part, pattern) for part in path.parts for pattern in patterns)


def _imports(top, path):
    """Sentences about imports of anything but NumPy, the standard library and the hand-in."""
    try:
        tree = ast.parse((top / path).read_bytes())
    except (SyntaxError, ValueError, OSError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        yield "%s is not a Python file: %s" % (_place(path, line), getattr(error, "msg", error))
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module]
        else:
            continue
        for name in names:
            package = name.split(".")[0]
            if package != "numpy" and package not in sys.stdlib_module_names | _OWN:
                yield ("%s imports %s: only NumPy and the standard library are allowed"
                       % (_place(path, node.lineno), name))


def _place(path, line):
    return path.as_posix() if line is None else "%s, line %d," % (path.as_posix(), line)
