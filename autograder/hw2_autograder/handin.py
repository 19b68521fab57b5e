"""The hand-in as a folder: the working tree, a folder as it is, or a tarball unpacked."""
import contextlib
import tarfile
import tempfile
from pathlib import Path

LIMIT = 50 * 2 ** 20  # bytes that a hand-in may unpack to
FILES = 2000  # and how many


@contextlib.contextmanager
def opened(path):
    """Give the folder that a hand-in, a tarball or a folder, holds; it goes away afterwards.

    Raises
    ------
    ValueError
        If it is not a tarball, is damaged, too large, or holds anything unsafe: a path that
        leads out of the folder, a device, a link to elsewhere.
    """
    if path.is_dir():
        yield path.resolve()
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        _unpack(path, folder)
        yield Path(folder).resolve()


def _unpack(path, folder):
    try:
        with tarfile.open(path) as archive:
            size = 0
            for count, member in enumerate(archive, 1):
                size += member.size
                if size > LIMIT:
                    raise ValueError("it unpacks to more than %d MiB" % (LIMIT // 2 ** 20))
                if count > FILES:
                    raise ValueError("it holds more than %d files" % FILES)
                archive.extract(member, folder, filter="data")
    except tarfile.FilterError as error:
        raise ValueError("it is unsafe: %s" % error) from error
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ValueError("it cannot be unpacked: %s" % error) from error
