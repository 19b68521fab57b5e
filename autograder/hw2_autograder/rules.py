"""The handout's rules on files and imports: a breach gives a warning."""
import ast
import sys
from pathlib import Path

from . import gaps

FILES = ["mytorch/loss.py", "mytorch/activation.py", "mytorch/batchnorm.py", "mytorch/linear.py",
         "mytorch/conv.py", "hw2/hw2.py", "hw2/mlp_scan.py", "hw2/mlp.py", "hw2/mc.py"]
OPTIONAL = ["mytorch/__init__.py"]
REFERENCE = "hw2/mlp.py"  # given: its imports are not the student's
MAX_SHOWN = 5  # warnings of a kind


def importable(names):
    """Return the modules that a hand-in with files and folders of these names can import."""
    own = {Path(name).stem for name in names if Path(name).suffix in ("", ".py")}
    return {"numpy", *sys.stdlib_module_names, *own} - {"hw2_autograder"}


def breaches(files):
    """Return a sentence for each breach of a rule by these files, contents by path."""
    missing = ["%s is missing" % name for name in FILES if name not in files]
    sentences = first(missing)
    added = []
    for name in sorted(set(files) - set(FILES) - set(OPTIONAL)):
        if Path(name).stem in sys.stdlib_module_names:
            added.append("%s hides Python's module %s: rename it" % (name, Path(name).stem))
        else:
            added.append("%s was added: a hand-in has only the handout's files" % name)
    sentences += first(added)
    sentences += first([name + " " + problem for name in FILES if name in files
                        for problem in unreadable(files[name])])
    allowed = importable([*files, *FILES, "mytorch", "hw2"])
    imports = []
    for name in FILES:
        if name in files and name != REFERENCE:
            for line, module in imported(files[name]):
                if module.split(".")[0] not in allowed:
                    imports.append("%s, line %d, imports %s: grading has only NumPy and the"
                                   " standard library" % (name, line, module))
    return sentences + first(imports)


def unreadable(content):
    """Yield why a source of this content, text or bytes, is not Python, where that is known."""
    if isinstance(content, str):
        content = content.encode()
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content:
        yield "is not saved as UTF-8, but maybe as UTF-16: save it as UTF-8"
    if content.lstrip().startswith(b"{") and b'"cells"' in content:
        yield "is a notebook: export it as a Python file"


def first(sentences):
    """Return the first few, and how many more there are."""
    more = len(sentences) - MAX_SHOWN
    if more > 0:
        return [*sentences[:MAX_SHOWN], "and %d more" % more]
    return sentences


def imported(source):
    """Yield the line and the module of each import in a source that can be parsed."""
    for node in ast.walk(gaps.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, node.module
