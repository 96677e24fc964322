"""Worker (docs/workers.md): runs Python programs one after another, each in a fork that has MODULES loaded.
worker.py MODULES..., where MODULES are to open nothing and to start no thread"""
import gc
import importlib
import os
import runpy
import sys


def become(directory, words):
    """Makes this process what a fresh interpreter is that was given `words`, but for the program itself."""
    os.close(0)
    os.open(directory + ".in", os.O_RDONLY)  # as descriptor 0
    os.chdir(directory)
    os.environ["HOME"] = os.environ["TMPDIR"] = directory
    sys.argv[:] = words


def show(kind, error, trace):
    """Leaves this file's and runpy's frames out of what an uncaught exception prints."""
    while trace and trace.tb_frame.f_code.co_filename != sys.argv[0]:
        trace = trace.tb_next
    sys.__excepthook__(kind, error.with_traceback(trace), trace)


token = os.environ.pop("MXIDENT_WORKER")
for module in sys.argv[1:]:
    importlib.import_module(module)
gc.freeze()
jobs = os.fdopen(os.dup(0))
os.write(1, f"\n{token} ready 0 0\n".encode())
for job in jobs:
    child = os.fork()
    if child == 0:
        jobs.close()
        become(*(lambda directory, *words: (directory, words))(*job.rstrip("\n").split("\t")))
        sys.excepthook = show
        runpy.run_path(sys.argv[0], run_name="__main__")
        break
    _, status, usage = os.wait4(child, 0)
    end = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit {os.WEXITSTATUS(status)}"
    os.write(1, f"\n{token} {end} {round((usage.ru_utime + usage.ru_stime) * 1e6)}\n".encode())
