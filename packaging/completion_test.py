"""Completes as a person at a terminal does: in bash, and in zsh and fish where they are installed.

Usage: completion_test.py PROGRAM FOLDER_OF_THE_COMPLETIONS
"""
import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import help_text

PROGRAM, FOLDER = map(pathlib.Path, sys.argv[1:3])
FAULTS = []
# What is typed (before the tabulator), and some of what has to be offered. The last word is what is begun.
TABLE = [
    ("mxident ", {"run", "verify", "list"}),
    ("mxident ver", {"verify"}),
    ("mxident list ", {"scenarios", "tests"}),
    ("mxident list scen", {"scenarios"}),
    ("mxident run --sani", {"--sanity"}),
    ("mxident run --sanity ", {"check", "skip"}),
    ("mxident baseline ", {"record"}),
    ("mxident baseline record --out", {"--output"}),
    ("mxident run --client open", {"openssl-s_client"}),
    ("mxident explain reported/checktls-wildcard-of-an", {"reported/checktls-wildcard-of-another-domain"}),
    ("mxident report --format ", {"junit", "csv"}),
]
# Typed with tabulators, and the line that stands there in the end.
TYPED = [("mxident lis\tscen\t", "mxident list scenarios"), ("mxident run --sani\tsk\t", "mxident run --sanity skip")]


def check(truth, what):
    print("right:" if truth else "FAILED:", what, flush=True)
    if not truth:
        FAULTS.append(what)


def environment():
    return {"PATH": f"{PROGRAM.parent}:/usr/bin:/bin", "HOME": os.environ.get("HOME", "/"), "TERM": "vt100", "LANG": "C.UTF-8"}


def offered_by_bash(line):
    """What the function offers; bash cuts words at colons, too."""
    words = line.replace(":", " : ").split() + ([""] if line.endswith(" ") else [])
    quoted = " ".join(f"'{word}'" for word in words)
    script = f"source {FOLDER}/mxident.bash; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _mxident; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    return set(subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, env=environment(), timeout=60).stdout.split())


def offered_by_fish(line):
    done = subprocess.run(["fish", "--no-config", "-c", f"source {FOLDER}/mxident.fish; complete -C '{line}'"], capture_output=True,
                          text=True, env=environment(), timeout=60)
    return {row.split("\t")[0] for row in done.stdout.splitlines()}


class Terminal:
    """A shell at a terminal of its own."""

    def __init__(self, command, folder):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, {**environment(), "PS1": "", "PS2": ""})
        self.said = b""

    def read_until(self, mark, seconds=60):
        end = time.monotonic() + seconds
        while mark not in self.said and time.monotonic() < end:
            if select.select([self.fd], [], [], 0.5)[0]:
                try:
                    self.said += os.read(self.fd, 65536)
                except OSError:
                    break
        found = mark in self.said
        before, _, self.said = self.said.partition(mark)
        return before if found else None

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def typed(shell, command, setup, folder):
    terminal = Terminal(command, folder)
    terminal.type(setup + "; echo rea''dy\n")
    check(terminal.read_until(b"ready\r\n") is not None, f"{shell} has read the completion")
    for keys, line in TYPED:
        # What the line came to is said by the shell, behind marks that the typed line has not got.
        terminal.type(keys)
        terminal.type("\x01echo be''gin \x05 en''d\n")
        said = terminal.read_until(b" end\r\n")
        check(said is not None and said.split(b"begin ")[-1].split() == line.encode().split(), f"{shell}: {keys!r} becomes {line!r}: {(said or b'')[-60:]!r}")
    terminal.end()


def main():
    root = help_text.read(str(PROGRAM))
    check(len(list(help_text.all_commands(root))) > 10, "the help names its commands")
    with tempfile.TemporaryDirectory() as folder:
        for line, wanted in TABLE:
            offered = offered_by_bash(line)
            check(wanted <= offered, f"bash: {line!r} offers {sorted(wanted)}: {sorted(offered)[:12]}")
        modes = offered_by_bash("mxident run --client openssl-s_client:ver")
        check("verify-hostname" in modes and "default" not in modes, f"bash: modes behind a colon: {sorted(modes)}")
        # Every option of every command, so that none is forgotten.
        for command in help_text.all_commands(root):
            names = {name for entry in command.options for name in entry.names}
            offered = offered_by_bash(f"mxident {' '.join(command.words)} -")
            check(names <= offered, f"bash: options of {' '.join(command.words)}: {sorted(names - offered)} are missing")
        typed("bash", ["bash", "--norc", "--noprofile", "-i"], f"source {FOLDER}/mxident.bash", folder)
        if shutil.which("zsh"):
            # HOME is the folder: compinit leaves its dump there.
            typed("zsh", ["zsh", "-f", "-i"], f"cd {folder}; unsetopt zle_bracketed_paste; bindkey -e; fpath=({FOLDER} $fpath); "
                  "autoload -Uz compinit; compinit -u -D", folder)
        else:
            print("zsh is not installed")
        if shutil.which("fish"):
            for line, wanted in TABLE:
                offered = offered_by_fish(line)
                check(wanted <= {name.split(":")[0] for name in offered} | offered, f"fish: {line!r} offers {sorted(wanted)}: {sorted(offered)[:12]}")
        else:
            print("fish is not installed")
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
