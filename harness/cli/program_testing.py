"""What the tests of the whole program share: faults are collected, and each is shown with what the program said."""
FAULTS = []


def expect(what, condition, run=None):
    if condition:
        return
    FAULTS.append(what)
    print("FAILED:", what)
    if run is not None:
        print("  exit", run.returncode, "\n  stdout:", run.stdout[-1500:], "\n  stderr:", run.stderr[-1500:])
