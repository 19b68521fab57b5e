"""create_tarball.sh writes the hand-in: the homework's files and nothing else."""
import shutil
import subprocess
import tarfile

from conftest import TOP

FILES = {"mytorch/__init__.py", "mytorch/loss.py", "mytorch/activation.py", "mytorch/batchnorm.py",
         "mytorch/linear.py", "mytorch/conv.py", "hw2/hw2.py", "hw2/mlp_scan.py", "hw2/mlp.py",
         "hw2/mc.py"}


def test_tarball_from_another_directory(tmp_path):
    top = tmp_path / "a folder" / "- top"
    for folder in "mytorch", "hw2":
        shutil.copytree(TOP / folder, top / folder)
        (top / folder / "__pycache__").mkdir(exist_ok=True)
        for dropping in "__pycache__/conv.cpython-311.pyc", ".DS_Store", "conv.py~", ".conv.py.swp":
            (top / folder / dropping).write_text("")
    for name in "create_tarball.sh", "exclude.txt":
        shutil.copy(TOP / name, top)
    before = {p for p in top.rglob("*")}
    for _ in range(2):  # the second time over the first
        done = subprocess.run(["sh", str(top / "create_tarball.sh")], cwd=tmp_path,
                              capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "wrote %s\n" % (top / "handin.tar")
        with tarfile.open(top / "handin.tar") as tar:
            assert {m.name for m in tar if not m.isdir()} == FILES
            for name in FILES:
                assert tar.extractfile(name).read() == (TOP / name).read_bytes()
    assert {p for p in top.rglob("*")} - before == {top / "handin.tar"}
