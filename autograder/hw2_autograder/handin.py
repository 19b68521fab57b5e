"""A hand-in's files, read from a tarball or a folder into memory; nothing is ever extracted."""
import fnmatch
import gzip
import io
import os
import posixpath
import stat
import tarfile
import zlib
from pathlib import Path, PurePosixPath

LIMIT = 50 * 2 ** 20  # bytes, of an unpacked tarball or of a folder's files
MAX_FILES = 1000
MAX_NAME = 100  # characters of a file's or a folder's name
TOO_LARGE = "it has more than %d MiB" % (LIMIT >> 20)
OTHER_FORMATS = {b"PK": "a zip file", b"\xfd7zXZ": "compressed with xz", b"BZh": "compressed with"
                 " bzip2"}
MAKE_ONE = "make one with create_tarball.sh"
FOLDERS = ("mytorch", "hw2")
EXCLUDED = Path(__file__).resolve().parents[2] / "exclude.txt"  # create_tarball.sh reads it too


class Unreadable(Exception):
    """What is wrong with something that cannot be graded, in a sentence."""


def read(path):
    """Return the contents of the regular files below mytorch/ and hw2/, by path.

    Files that create_tarball.sh would leave out are left out.

    Parameters
    ----------
    path : Path
        A folder, or a tarball that may be compressed with gzip.

    Raises
    ------
    Unreadable
        If it is something else, is damaged or too large, or has no mytorch and no hw2 at its top.
    """
    patterns = EXCLUDED.read_text().split()
    files = {}
    inside = None
    try:
        for name, content in _folder(path) if path.is_dir() else _tarball(path):
            if "\\" in name or ":" in name:  # on Windows, they may lead out of the folder
                continue
            folder, *rest = posixpath.normpath(name).split("/")
            if folder in FOLDERS and rest and not _is_excluded(rest, patterns):
                if max(map(len, rest)) > MAX_NAME:
                    raise Unreadable("a name in it is too long: %s..." % rest[-1][:40])
                files["/".join([folder, *rest])] = content
                if len(files) > MAX_FILES:
                    raise Unreadable("it has more than %d files" % MAX_FILES)
            elif rest and rest[0] in FOLDERS:
                inside = folder
    except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError, OverflowError) as error:
        raise Unreadable("it cannot be read: %s" % error) from error
    for name in files:
        for parent in PurePosixPath(name).parents:
            if str(parent) in files:
                raise Unreadable("%s is both a file and a folder" % parent)
    if not files and inside:
        raise Unreadable("mytorch and hw2 are inside %s/, not at the top: %s" % (inside, MAKE_ONE))
    if not files:
        raise Unreadable("there is no mytorch and no hw2 in it: " + MAKE_ONE)
    return files


def _is_excluded(parts, patterns):
    """Return whether a part of a path matches a pattern."""
    return any(fnmatch.fnmatch(part, pattern) for part in parts for pattern in patterns)


def write(files, folder):
    """Write files, by path, below a folder."""
    for name, content in files.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _folder(top):
    """Yield each regular file's name and content in mytorch and hw2, or in a folder's mytorch."""
    def stop(error):
        raise error

    size = 0
    starts = [top / name for name in FOLDERS]
    starts += [path / "mytorch" for path in top.iterdir()]
    for start in filter(Path.is_dir, starts):
        for folder, _, names in os.walk(start, onerror=stop):
            for name in names:
                path = Path(folder, name)
                status = path.lstat()
                if stat.S_ISREG(status.st_mode):
                    size += status.st_size
                    if size > LIMIT:
                        raise Unreadable(TOO_LARGE)
                    yield path.relative_to(top).as_posix(), path.read_bytes()


def _tarball(path):
    """Yield the name and the content of each regular file in a tarball."""
    data = _unpacked(path)
    try:
        archive = tarfile.open(fileobj=io.BytesIO(data), mode="r:")
    except tarfile.ReadError:
        kind = "not a tarball" if data else "empty"
        raise Unreadable("it is %s: %s" % (kind, MAKE_ONE)) from None
    size = 0
    for member in archive:
        if member.size < 0:
            raise tarfile.ReadError("a size is negative")
        size += member.size  # of a sparse file, what it unpacks to
        if size > LIMIT:
            raise Unreadable(TOO_LARGE)
        if member.type in (tarfile.REGTYPE, tarfile.AREGTYPE):
            yield member.name, archive.extractfile(member).read()
    # tarfile takes a damaged header for the end, which is a block of zeros.
    if len(data) - archive.offset < tarfile.BLOCKSIZE or data[archive.offset:].strip(b"\0"):
        raise Unreadable("it is damaged: a header cannot be read")


def _unpacked(path):
    """Return a tarball's bytes, without the compression."""
    if not path.is_file():
        raise Unreadable("it is neither a file nor a folder")
    with open(path, "rb") as file:
        start = file.read(6)
        file.seek(0)
        for magic, kind in OTHER_FORMATS.items():
            if start.startswith(magic):
                raise Unreadable("it is %s, not a tarball: %s" % (kind, MAKE_ONE))
        if start[:2] == b"\x1f\x8b":
            data = gzip.GzipFile(fileobj=file).read(LIMIT + 1)
        else:
            data = file.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise Unreadable(TOO_LARGE)
    return data
