"""The handout's rules on files and imports, read from the sources without running them.

What breaks one is worth a warning, no points: what is missing when the hand-in runs costs enough.
"""
import ast
import fnmatch
import itertools
import sys
from pathlib import Path

FILES = {
    "mytorch": ["loss.py", "activation.py", "batchnorm.py", "linear.py", "conv.py"],
    "hw2": ["hw2.py", "mlp_scan.py", "mlp.py", "mc.py"],
}
OPTIONAL = {Path("mytorch/__init__.py")}
REFERENCE = {Path("hw2/mlp.py")}  # handed out as it is: what it imports is nobody's breach
MOST = 5  # warnings of a kind
FOUND = 2000  # files looked at
SIZE = 2 ** 18  # bytes of a source that is parsed
EXCLUDED = Path(__file__).resolve().parents[2] / "exclude.txt"  # which create_tarball.sh reads too


def warnings(top):
    """Return a sentence for each breach by the hand-in at `top`, the folder of mytorch and hw2."""
    wanted = {Path(folder, name) for folder, names in FILES.items() for name in names}
    inside = itertools.chain.from_iterable((top / folder).rglob("*") for folder in FILES)
    paths = (path.relative_to(top) for path in inside if not path.is_dir())
    patterns = EXCLUDED.read_text().split() if EXCLUDED.exists() else []
    found = {path for path in itertools.islice(paths, FOUND) if not any(
        fnmatch.fnmatch(part, pattern) for part in path.parts for pattern in patterns)}
    missing = ["%s is missing" % path.as_posix() for path in sorted(wanted - found)]
    added = ["%s was added: only the handout's files belong in a hand-in" % path.as_posix()
             for path in sorted(found - wanted - OPTIONAL)]
    modules = {path.stem for path in found} | set(FILES)
    imports = [sentence for path in sorted(found & (wanted | OPTIONAL) - REFERENCE)
               for sentence in _imports(top, path, modules)]
    return [sentence for kind in (missing, added, imports) for sentence in _most(kind)]


def _most(sentences):
    more = len(sentences) - MOST
    return sentences[:MOST] + (["%d more like this" % more] if more > 0 else [])


def _imports(top, path, modules):
    """Sentences on imports of anything but NumPy, the standard library and the hand-in."""
    try:
        size = (top / path).stat().st_size
        if size > SIZE:
            yield "%s is too large to be looked at: %d KiB" % (path.as_posix(), size // 1024)
            return
        tree = ast.parse((top / path).read_bytes())
    except (SyntaxError, ValueError, OSError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        yield "%s%s cannot be read: %s" % (path.as_posix(), ", line %d," % line if line else "",
                                           getattr(error, "msg", error))
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module]
        else:
            continue
        for name in names:
            if name.split(".")[0] not in {"numpy", *sys.stdlib_module_names, *modules}:
                yield ("%s, line %d, imports %s: only NumPy and the standard library are there when"
                       " it is graded" % (path.as_posix(), node.lineno, name))
