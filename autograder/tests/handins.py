"""Hand-ins for the tests: a student's files, with changes to them.

A hand-in is a dictionary of its files' contents by path. An edit is a function that changes one.
"""
import ast
import io
import tarfile
import textwrap
from pathlib import Path

STUDENT = Path(__file__).resolve().parent / "student"


def handin(*edits):
    """Return the files of student/ after these edits, in order."""
    files = {path.relative_to(STUDENT).as_posix(): path.read_text()
             for path in sorted(STUDENT.rglob("*.py"))}
    for edit in edits:
        edit(files)
    return files


def whole(path, content):
    """The edit that puts this content, text or bytes, in place of a file or adds it."""
    def edit(files):
        files[path] = textwrap.dedent(content) if isinstance(content, str) else content
    return edit


def gone(path):
    """The edit that leaves a file out."""
    return lambda files: files.pop(path)


def swap(path, old, new):
    """The edit that replaces text which stands in a file exactly once."""
    def edit(files):
        count = files[path].count(old)
        assert count == 1, "%r stands %d times in %s" % (old, count, path)
        files[path] = files[path].replace(old, new)
    return edit


def define(path, name, text):
    """The edit that puts a definition in place of that of `name`, such as "Conv1D.forward".

    Where there is none, it is added: a method at its class's end, others at the file's.
    """
    def edit(files):
        tree, lines = ast.parse(files[path]), files[path].splitlines(keepends=True)
        node = tree
        for part in name.split("."):
            parent = node
            node = next((n for n in parent.body if getattr(n, "name", None) == part), None)
        indent = "    " * name.count(".")
        new = textwrap.indent(textwrap.dedent(text).strip("\n") + "\n", indent)
        if node:
            lines[node.lineno - 1:node.end_lineno] = [new]
        else:
            end = getattr(parent, "end_lineno", len(lines))
            lines[end:end] = ["\n", new]
        files[path] = "".join(lines)
    return edit


def append(path, text):
    """The edit that adds text at a file's end."""
    def edit(files):
        files[path] += "\n\n" + textwrap.dedent(text).strip("\n") + "\n"
    return edit


def pack(path, files):
    """Write a hand-in as a tarball; a file whose content is None becomes a directory."""
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            if content is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(member)
                continue
            content = content.encode() if isinstance(content, str) else content
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path
