"""The autograder: compares a hand-in with PyTorch, section by section.

Run it from anywhere: python3 autograder/hw2_autograder/runner.py --help
"""
import sys

if __name__ == "__main__":
    from grading import main  # not at the top: the hand-in's processes import this file too

    sys.exit(main())
