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


def place(text, name):
    """Return the indices of a definition's first line in a source, and of the line after its last.

    Where there is none of this name, both are the index after its class, or after all lines.
    """
    node = ast.parse(text)
    end = text.count("\n")
    for part in name.split("."):
        found = [n for n in node.body if getattr(n, "name", None) == part]
        if not found:
            return end, end
        node = found[0]
        end = node.end_lineno
    return node.lineno - 1, end


def swap(path, name, old, new):
    """The edit that replaces text which stands exactly once in a definition.

    Parameters
    ----------
    path : str
    name : str or None
        Of the definition, such as "Conv1D.forward"; None for the file.
    old, new : str
    """
    def edit(files):
        lines = files[path].splitlines(keepends=True)
        start, end = place(files[path], name) if name else (0, len(lines))
        within = "".join(lines[start:end])
        count = within.count(old)
        assert count == 1, "%r stands %d times in %s, %s" % (old, count, path, name)
        lines[start:end] = [within.replace(old, new)]
        files[path] = "".join(lines)
    return edit


def define(path, name, text):
    """The edit that puts a definition in place of that of `name`, such as "Conv1D.forward".

    Where there is none, it is added: a method at its class's end, others at the file's.
    """
    def edit(files):
        lines = files[path].splitlines(keepends=True)
        start, end = place(files[path], name)
        new = textwrap.dedent(text).strip("\n") + "\n"
        new = textwrap.indent(new, "    " * name.count("."))
        if start == end:
            new = "\n" + new
        lines[start:end] = [new]
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
