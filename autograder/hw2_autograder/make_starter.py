"""Makes a starter hand-in: the homework with the methods that students write left empty.

Run it from anywhere: python3 autograder/hw2_autograder/make_starter.py FOLDER
"""
import argparse
import ast
import shutil
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

# Each of these keeps its signature and docstring; the private helpers of these classes go,
# but for the checks of their arguments.
EMPTY = {
    "mytorch/conv.py": ["Conv1D.forward", "Conv1D.backward", "Flatten.forward",
                        "Flatten.backward"],
    "hw2/mc.py": ["question_%d" % i for i in range(1, 6)],
    "hw2/mlp_scan.py": ["_ScanningCNN.init_weights", "_ScanningCNN.forward",
                        "_ScanningCNN.backward", "CNN_SimpleScanningMLP.__init__",
                        "CNN_DistributedScanningMLP.__init__"],
    "hw2/hw2.py": ["CNN.__init__", "CNN.forward", "CNN.backward"],
}


def emptied(source, names):
    """Return a file's source with these functions and methods emptied."""
    lines = source.splitlines(keepends=True)
    functions = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            functions[node.name] = node
        elif isinstance(node, ast.ClassDef):
            functions.update({"%s.%s" % (node.name, method.name): method for method in node.body
                              if isinstance(method, ast.FunctionDef)})
    classes = {name.split(".")[0] for name in names if "." in name}
    for name, node in sorted(functions.items(), key=lambda item: -item[1].lineno):
        owner, _, method = name.rpartition(".")
        if name in names:
            body = node.body[1] if ast.get_docstring(node) else node.body[0]
            indent = " " * body.col_offset
            lines[_first(body) - 1:node.end_lineno] = [indent + "raise NotImplementedError\n"]
        elif owner in classes and method[:1] == "_" and not method.startswith(("__", "_check")):
            lines[_first(node) - 2:node.end_lineno] = []
    return "".join(lines)


def _first(node):
    """A node's first line, its decorators' and its comments' included."""
    return min([node.lineno] + [d.lineno for d in getattr(node, "decorator_list", [])])


def main():
    parser = argparse.ArgumentParser(description="Makes a starter hand-in for students.")
    parser.add_argument("folder", type=Path, help="where to write it: must not exist yet")
    folder = parser.parse_args().folder
    if folder.exists():
        parser.error("%s exists" % folder)
    skip = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "tests", "make_starter.py")
    for name in "mytorch", "hw2", "autograder":
        shutil.copytree(TOP / name, folder / name, ignore=skip)
    for name in "create_tarball.sh", "exclude.txt":
        shutil.copy(TOP / name, folder)
    for name, names in EMPTY.items():
        path = folder / name
        path.write_text(emptied(path.read_text(encoding="utf-8"), names), encoding="utf-8")


if __name__ == "__main__":
    main()
