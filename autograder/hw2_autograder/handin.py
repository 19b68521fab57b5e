"""A hand-in's files, read from a tarball or a folder into memory; nothing is ever extracted."""
import fnmatch
import gzip
import io
import os
import posixpath
import stat
import tarfile
import zlib
from pathlib import Path

LIMIT = 50 * 2 ** 20  # bytes, of an unpacked tarball or of a folder's files
MAX_FILES = 1000
TOO_LARGE = "it has more than %d MiB" % (LIMIT >> 20)
OTHER_FORMATS = {b"PK": "a zip file", b"\xfd7zXZ": "compressed with xz", b"BZh": "compressed with"
                 " bzip2"}
MAKE_ONE = "make one with create_tarball.sh"
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
    patterns, files, inside = EXCLUDED.read_text().split(), {}, None
    try:
        for name, content in _folder(path) if path.is_dir() else _tarball(path):
            folder, *rest = posixpath.normpath(name).split("/")
            if folder in ("mytorch", "hw2") and rest and not any(
                    fnmatch.fnmatch(part, pattern) for part in rest for pattern in patterns):
                files["/".join([folder, *rest])] = content
                if len(files) > MAX_FILES:
                    raise Unreadable("it has more than %d files" % MAX_FILES)
            elif {"mytorch", "hw2"} & set(rest[:1]):
                inside = folder
    except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError, OverflowError) as error:
        raise Unreadable("it cannot be read: %s" % error) from error
    if not files:
        raise Unreadable("mytorch and hw2 are inside %s/, not at the top: %s" % (inside, MAKE_ONE)
                         if inside else "there is no mytorch and no hw2 in it: " + MAKE_ONE)
    return files


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
    inner = ["mytorch", "hw2", *(path.name + "/mytorch" for path in top.iterdir())]
    for start in filter(Path.is_dir, (top / name for name in inner)):
        for folder, _, names in os.walk(start, onerror=stop):
            for path in (Path(folder, name) for name in names):
                status = path.lstat()
                if stat.S_ISREG(status.st_mode):
                    size += status.st_size
                    if size > LIMIT:
                        raise Unreadable(TOO_LARGE)
                    yield path.relative_to(top).as_posix(), path.read_bytes()


def _tarball(path):
    """Yield the name and the content of each regular file in a tarball."""
    if not path.is_file():
        raise Unreadable("it is neither a file nor a folder")
    with open(path, "rb") as file:
        start = file.read(6)
        file.seek(0)
        for magic, kind in OTHER_FORMATS.items():
            if start.startswith(magic):
                raise Unreadable("it is %s, not a tarball: %s" % (kind, MAKE_ONE))
        data = (gzip.GzipFile(fileobj=file) if start[:2] == b"\x1f\x8b" else file).read(LIMIT + 1)
    if len(data) > LIMIT:
        raise Unreadable(TOO_LARGE)
    try:
        archive = tarfile.open(fileobj=io.BytesIO(data), mode="r:")
    except tarfile.ReadError:
        kind = "not a tarball" if data else "empty"
        raise Unreadable("it is %s: %s" % (kind, MAKE_ONE)) from None
    for member in archive:
        if member.size < 0:
            raise tarfile.ReadError("a size is negative")
        if member.type in (tarfile.REGTYPE, tarfile.AREGTYPE):
            yield member.name, archive.extractfile(member).read()
    # tarfile takes a damaged header for the end, which is a block of zeros.
    if len(data) - archive.offset < tarfile.BLOCKSIZE or data[archive.offset:].strip(b"\0"):
        raise Unreadable("it is damaged: a header cannot be read")
