"""Lets the tests import the library, the homework and the autograder as their users do."""
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
for folder in TOP / "autograder" / "hw2_autograder", TOP / "hw2", TOP / "mytorch":
    sys.path.insert(0, str(folder))
