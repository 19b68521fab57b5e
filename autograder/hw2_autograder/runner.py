"""The autograder: compares a hand-in with PyTorch, section by section.

Run it from anywhere: python3 autograder/hw2_autograder/runner.py --help
"""
import sys
from pathlib import Path

if __name__ == "__main__":  # the hand-in's processes import this file too
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from hw2_autograder.command_line import main

    sys.exit(main())
