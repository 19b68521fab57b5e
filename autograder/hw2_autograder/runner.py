"""The autograder: compares a hand-in with PyTorch, section by section.

Run it from anywhere: python3 autograder/hw2_autograder/runner.py --help
"""
import os
import sys
from pathlib import Path


def run():
    """Run the command line and return the exit status."""
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    try:
        from hw2_autograder.command_line import main
        return main()
    except ModuleNotFoundError as error:
        if error.name not in ("numpy", "torch"):
            raise
        print("%s is missing; this installs what the autograder needs: pip3 install numpy torch"
              % error.name, file=sys.stderr)
        return 2


if __name__ == "__main__":  # the hand-in's processes import this file too
    status = run()
    sys.stderr.flush()
    os._exit(status)  # at once: a broken hand-in may have left something to wait for
