"""Hand-ins as files: what create_tarball.sh writes, and what the grader reads or refuses."""
import bz2
import gzip
import io
import lzma
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from conftest import TOP, unpack
from handins import handin
from hw2_autograder import handin as hand_ins

FILES = {"mytorch/__init__.py", "mytorch/loss.py", "mytorch/activation.py", "mytorch/batchnorm.py",
         "mytorch/linear.py", "mytorch/conv.py", "hw2/hw2.py", "hw2/mlp_scan.py", "hw2/mlp.py",
         "hw2/mc.py"}


def test_tarball_from_another_directory(tmp_path):
    top = tmp_path / "a folder" / "- top"
    for folder in "mytorch", "hw2":
        shutil.copytree(TOP / folder, top / folder)
        cache = top / folder / "__pycache__"
        cache.mkdir(exist_ok=True)
        for dropping in "__pycache__/conv.cpython-311.pyc", ".DS_Store", "conv.py~", ".conv.py.swp":
            (top / folder / dropping).write_text("")
    for name in "create_tarball.sh", "exclude.txt":
        shutil.copy(TOP / name, top)
    tarball = top / "handin.tar"
    before = set(top.rglob("*"))
    for _ in range(2):  # the second time over the first
        done = subprocess.run(["sh", str(top / "create_tarball.sh")], cwd=tmp_path,
                              capture_output=True, text=True)
        assert done.stderr == ""
        assert done.returncode == 0
        assert done.stdout == "wrote %s\n" % tarball
        with tarfile.open(tarball) as archive:
            names = {member.name for member in archive if not member.isdir()}
            assert names == FILES
            for name in FILES:
                content = archive.extractfile(name).read()
                assert content == (TOP / name).read_bytes(), name
    after = set(top.rglob("*"))
    assert after - before == {tarball}


def tar(*members):
    """A tarball's bytes, of (name, content) or of (name, content, type)."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content, *kind in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.linkname = "/etc/passwd"
            info.type, = kind or [tarfile.REGTYPE]
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def flipped(data, at):
    """The data with one bit of the byte at this index changed."""
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mytorch/conv.py", "")
    return file.getvalue()


def with_negative_size():
    """A tarball whose second header has a size that leads back to it."""
    data = bytearray(tar(("hw2/mc.py", b""), ("hw2/mlp.py", b"", b"Z")))
    header = data[512:1024]
    header[124:136] = tarfile.itn(-512, 12, tarfile.GNU_FORMAT)
    checksum, _ = tarfile.calc_chksums(header)
    header[148:156] = b"%06o\0 " % checksum
    data[512:1024] = header
    return bytes(data)


def sparse():
    """A small tarball of a file that says it has 60 MiB, nearly all of it a hole."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("hw2/mc.py")
        size = str(60 * 2 ** 20)
        info.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1",
                            "GNU.sparse.size": size, "GNU.sparse.map": size + ",0"}
        archive.addfile(info)
    return file.getvalue()


def below(folder, files):
    """The members of a tarball that has these files below a folder."""
    return [(folder + name, content) for name, content in files.items()]


RIGHT = {name: text.encode() for name, text in handin().items()}
PLAIN = tar(*RIGHT.items())
GZIPPED = gzip.compress(PLAIN)
HEADER = PLAIN.index(b"mytorch/conv.py\0")
OTHERS = [
    ("../mytorch/conv.py", b"no"),
    ("/hw2/mc.py", b"no"),
    ("notes", b"no"),
    ("hw2/../../../mc.py", b"no"),
    ("hw2/..\\..\\mc.py", b"no"),
    ("hw2/C:mc.py", b"no"),
    ("hw2/.DS_Store", b"no"),
    ("hw2/link", b"", tarfile.SYMTYPE),
    ("hw2/hard", b"", tarfile.LNKTYPE),
    ("hw2/null", b"", tarfile.CHRTYPE),
    ("hw2/pipe", b"", tarfile.FIFOTYPE),
    ("mytorch/__pycache__/conv.cpython-311.pyc", b"no")]
MANY = [("hw2/%d" % i, b"") for i in range(1001)]
LARGE = ("hw2/mc.py", bytes(51 * 2 ** 20))
READ = {
    "plain": PLAIN,
    "gzipped": GZIPPED,
    "names that start with ./": tar(*below("./", RIGHT)),
    "other files and other kinds": tar(*RIGHT.items(), *OTHERS)}
REFUSED = {
    "empty": (b"", "it is empty"),
    "text": (b"just a text" * 100, "it is not a tarball"),
    "zip": (zipped(), "a zip file"),
    "xz": (lzma.compress(PLAIN), "compressed with xz"),
    "bz2": (bz2.compress(PLAIN), "compressed with bzip2"),
    "cut in a header": (PLAIN[:HEADER + 100], "damaged|read to its end"),
    "cut before a header": (PLAIN[:HEADER], "damaged"),
    "cut in content": (PLAIN[:HEADER + 600], "cannot be read"),
    "a flipped byte in a name": (flipped(PLAIN, HEADER + 5), "damaged"),
    "a flipped byte in the first header": (flipped(PLAIN, 20), "not a tarball"),
    "a size that is negative": (with_negative_size(), "cannot be read: a size is negative"),
    "gzip cut": (GZIPPED[:-100], "cannot be read"),
    "gzip cut in its checksum": (GZIPPED[:-6], "cannot be read"),
    "gzip with a flipped byte": (flipped(GZIPPED, len(GZIPPED) // 2), "cannot be read"),
    "gzip with a wrong checksum": (flipped(GZIPPED, len(GZIPPED) - 6), "cannot be read"),
    "too many files": (tar(*MANY), "more than 1000 files"),
    "too large": (tar(LARGE), "more than 50 MiB"),
    "too large for its holes": (sparse(), "more than 50 MiB"),
    "in a folder": (tar(*below("student/", RIGHT)),
                    "mytorch and hw2 are inside student/, not at the top"),
    "of something else": (tar(("notes.txt", b"")), "no mytorch and no hw2"),
    "of nothing": (tar(), "no mytorch and no hw2")}


@pytest.mark.parametrize("name", READ)
def test_the_regular_files_of_mytorch_and_hw2_are_read_and_nothing_else(tmp_path, name):
    path = tmp_path / "handin.tar"
    path.write_bytes(READ[name])
    assert hand_ins.read(path) == RIGHT
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_hand_in_is_refused_in_a_sentence(tmp_path, name):
    data, words = REFUSED[name]
    path = tmp_path / "handin.tar"
    path.write_bytes(data)
    with pytest.raises(hand_ins.Unreadable, match=words) as refused:
        hand_ins.read(path)
    assert "\n" not in str(refused.value)


# Grades a hand-in as the script does, and prints the memory that it took.
MEMORY = """
import sys
sys.path.insert(0, sys.argv[1])
from hw2_autograder import command_line
command_line.main(["2", "--handin", sys.argv[2]])
print(open("/proc/self/status").read())
"""


def test_a_small_file_that_unpacks_to_much_takes_little_memory(tmp_path):
    path = tmp_path / "handin.tar"
    header = tarfile.TarInfo("././@LongLink")
    header.type = tarfile.GNUTYPE_LONGNAME
    header.size = 100 * 2 ** 20
    small = gzip.compress(header.tobuf() + bytes(header.size), 1)
    path.write_bytes(small)
    command = [sys.executable, "-c", MEMORY, str(TOP / "autograder"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.splitlines()[1] == "not graded: it has more than 50 MiB"
    highest = re.search(r"VmHWM:\s+(\d+) kB", done.stdout)[1]
    assert int(highest) < 450 * 2 ** 10


def test_a_folder_is_read_like_a_tarball(tmp_path):
    top = unpack(handin(), tmp_path / "handin")
    (top / "hw2" / "link.py").symlink_to("/etc/passwd")
    os.mkfifo(top / "mytorch" / "pipe.py")
    (top / "hw2" / "__pycache__").mkdir()
    (top / "hw2" / "__pycache__" / "mc.cpython-311.pyc").write_bytes(b"compiled")
    assert hand_ins.read(top) == RIGHT
    with pytest.raises(hand_ins.Unreadable, match="inside handin/"):
        hand_ins.read(tmp_path)
    with pytest.raises(hand_ins.Unreadable, match="no mytorch and no hw2"):
        hand_ins.read(top / "hw2")
    with pytest.raises(hand_ins.Unreadable, match="neither a file nor a folder"):
        hand_ins.read(top / "mytorch" / "pipe.py")


def test_a_folder_that_cannot_be_read_or_is_too_large_is_refused(tmp_path):
    top = unpack(handin(), tmp_path / "handin")
    with open(top / "hw2" / "large", "wb") as file:
        file.truncate(51 * 2 ** 20)
    with pytest.raises(hand_ins.Unreadable, match="more than 50 MiB"):
        hand_ins.read(top)
    (top / "hw2" / "large").unlink()
    for path in top / "mytorch" / "conv.py", top / "mytorch":
        path.chmod(0)
        if not os.access(path, os.R_OK):  # root reads all
            with pytest.raises(hand_ins.Unreadable, match="Permission denied"):
                hand_ins.read(top)
