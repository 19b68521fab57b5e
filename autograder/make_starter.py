"""Makes a starter: the folder that a course hands out, with the places to fill in left empty.

Run it: python3 autograder/make_starter.py FOLDER
"""
import argparse
import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main():
    """Copy the starter's own files, and of the project's those that a student needs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="where to write it: must not exist yet")
    folder = parser.parse_args().folder
    if folder.exists():
        parser.error("%s exists" % folder)
    skip = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
    shutil.copytree(HERE / "starter", folder, ignore=skip)
    shutil.copytree(HERE / "hw2_autograder", folder / "autograder" / "hw2_autograder", ignore=skip)
    for name in "hw2/mlp.py", "create_tarball.sh", "exclude.txt":
        shutil.copy(HERE.parent / name, folder / name)


if __name__ == "__main__":
    main()
