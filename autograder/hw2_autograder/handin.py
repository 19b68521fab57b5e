"""The hand-in as a folder: the working tree, or a tarball unpacked where nothing else is."""
import tarfile

LIMIT = 50 * 2 ** 20  # bytes that a hand-in may unpack to


def unpack(path, folder):
    """Unpack the tarball at `path` into `folder`.

    Raises
    ------
    ValueError
        If it is not a tarball, is damaged, too large, or holds anything unsafe: a path that
        leads out of the folder, a device, a link to elsewhere.
    """
    try:
        with tarfile.open(path) as archive:
            size = 0
            for member in archive:
                size += member.size
                if size > LIMIT:
                    raise ValueError("it unpacks to more than %d MiB" % (LIMIT // 2 ** 20))
                archive.extract(member, folder, filter="data")
    except tarfile.FilterError as error:
        raise ValueError("it is unsafe: %s" % error) from error
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ValueError("it cannot be unpacked: %s" % error) from error
