#!/usr/bin/env python3
"""The autograder: compares a hand-in with PyTorch, section by section.

Run it from anywhere: python3 autograder/hw2_autograder/runner.py --help
"""
import os
import sys
import traceback


def run():
    """Run the command line and return the exit status."""
    if sys.version_info < (3, 10):
        sys.stderr.write("The autograder needs Python 3.10 or newer; this is Python %d.%d.\n"
                         % sys.version_info[:2])
        return 2
    if "pdb" in sys.modules:
        sys.stderr.write("The hand-in runs in other processes, which this debugger cannot enter:"
                         " use --debug CHECK.\n")
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        from hw2_autograder.command_line import main
        status = main()
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    except BrokenPipeError:  # whoever read the output, such as head, has stopped
        return 1
    except OSError as error:  # such as a full disk
        sys.stderr.write("%s\n" % error)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name in ("numpy", "torch"):
            sys.stderr.write("%s is missing. Install what the autograder needs: pip install numpy"
                             " torch==2.13.0\n" % error.name)
        else:
            traceback.print_exc()
            sys.stderr.write("The grader failed.\n")
    return 2


if __name__ == "__main__":
    sys.exit(run())
