"""The hand-in as a folder: the working tree, a folder as it is, or a tarball unpacked."""
import contextlib
import itertools
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

LIMIT = 50 * 2 ** 20  # bytes that a hand-in may unpack to
FILES = 10000  # and how many


class Unreadable(Exception):
    """What is wrong with something that cannot be graded, in a sentence."""


@contextlib.contextmanager
def opened(path):
    """Give the folder that a hand-in, a tarball or a folder, holds; it goes away afterwards.

    Raises
    ------
    Unreadable
        If it is no tarball, is damaged, too large, packed another way than create_tarball.sh does,
        or holds anything unsafe: a path out of the folder, a device, a link to elsewhere.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if not path.is_dir():
            _unpack(path, folder)
        top = Path(folder if not path.is_dir() else path).resolve()
        _check(top)
        yield top


def _check(top):
    """Raise if there is nothing to grade at `top`."""
    if not (top / "mytorch").is_dir() and not (top / "hw2").is_dir():
        inside = [entry.name for entry in itertools.islice(top.iterdir(), FILES)
                  if (entry / "mytorch").is_dir() or (entry / "hw2").is_dir()]
        raise Unreadable("mytorch and hw2 lie inside %s/ and not at the top: create_tarball.sh"
                         " packs them as they are to be" % inside[0] if inside else
                         "there is no mytorch and no hw2 in it: create_tarball.sh packs both")


def _unpack(path, folder):
    if not path.stat().st_size:
        raise Unreadable("it is empty")
    if zipfile.is_zipfile(path) and not tarfile.is_tarfile(path):
        raise Unreadable("it is a zip file: create_tarball.sh makes the tarball to hand in")
    try:
        archive = tarfile.open(path)
    except (tarfile.ReadError, EOFError, zlib.error):
        raise Unreadable("it is not a tarball: create_tarball.sh makes one") from None
    try:
        with archive:
            size = 0
            for count, member in enumerate(archive, 1):
                size += member.size
                if size > LIMIT:
                    raise Unreadable("it unpacks to more than %d MiB" % (LIMIT // 2 ** 20))
                if count > FILES:
                    raise Unreadable("it holds more than %d files" % FILES)
                archive.extract(member, folder, filter="data")
    except tarfile.FilterError as error:
        raise Unreadable("it is unsafe: %s" % error) from error
    except (tarfile.TarError, EOFError, OSError, ValueError, OverflowError, zlib.error) as error:
        raise Unreadable("it is damaged: %s" % error) from error
