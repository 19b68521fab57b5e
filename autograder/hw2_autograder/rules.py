"""The handout's rules on files and imports: a breach gives a warning."""
import ast
import contextlib
import sys
from pathlib import Path

FILES = ["mytorch/loss.py", "mytorch/activation.py", "mytorch/batchnorm.py", "mytorch/linear.py",
         "mytorch/conv.py", "hw2/hw2.py", "hw2/mlp_scan.py", "hw2/mlp.py", "hw2/mc.py"]
OPTIONAL = ["mytorch/__init__.py"]
REFERENCE = "hw2/mlp.py"  # given: its imports are not the student's
MAX_SHOWN = 5  # warnings of a kind
MAX_BYTES = 2 ** 18  # bytes of a source that is parsed


def breaches(files):
    """Return a sentence for each breach of a rule by these files, contents by path."""
    missing = ["%s is missing" % name for name in FILES if name not in files]
    added = ["%s was added: a hand-in has only the handout's files" % name
             for name in sorted(files) if name not in FILES + OPTIONAL]
    own = {Path(path).stem for path in [*files, *FILES]} | {"mytorch", "hw2", "numpy"}
    imports = ["%s, line %d, imports %s: grading has only NumPy and the"
               " standard library" % (name, line, module)
               for name in FILES if name in files and name != REFERENCE
               for line, module in imported(files[name])
               if module.split(".")[0] not in sys.stdlib_module_names | own]
    return [sentence for kind in (missing, added, imports) for sentence in
            kind[:MAX_SHOWN] + ["and %d more" % (len(kind) - MAX_SHOWN)] * (len(kind) > MAX_SHOWN)]


def imported(source):
    """Yield the line and the module of each import in a source that can be parsed."""
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        for node in ast.walk(ast.parse(source)) if len(source) <= MAX_BYTES else ():
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield node.lineno, node.module
