"""What the program says of itself: its commands and their options, read from --help. Completion and manual are made of it, so
that they cannot differ from the program."""
import dataclasses
import re
import subprocess


@dataclasses.dataclass
class Entry:
    """An option or what stands without one."""
    names: list          # "-h", "--help"; of a positional its name
    kind: str            # TEXT, N; "" for a flag
    choices: list        # what the program takes; empty: anything
    many: bool           # may be repeated
    description: str
    required: bool = False


@dataclasses.dataclass
class Command:
    words: list          # "baseline", "record"; none for the program itself
    description: str
    options: list
    positionals: list
    footer: str
    usage: str = ""
    commands: dict = dataclasses.field(default_factory=dict)


def _entries(block):
    """(left, description) of each entry of a block of --help."""
    out = []
    for line in block:
        if re.match(r"  \S", line):
            left, _, right = line.strip().partition("  ")
            out.append([left, right.strip()])
        elif out and line.strip():
            out[-1][1] = f"{out[-1][1]} {line.strip()}".strip()
    return out


def _entry(left, description):
    name, _, rest = left.partition(" ")
    choices = re.match(r"\{([^}]*)\}", rest)
    kind = "TEXT" if choices else re.match(r"(?!REQUIRED)[A-Z]*", rest)[0]
    return Entry(name.split(","), kind, choices[1].split(",") if choices else [], "..." in rest, description, "REQUIRED" in rest)


def read(program, words=()):
    """The command of these words, and all below it."""
    text = subprocess.run([program, *words, "--help"], capture_output=True, text=True, check=True, timeout=60,
                          env={"PATH": "/usr/bin:/bin", "COLUMNS": "80", "LANG": "C.UTF-8"}).stdout
    blocks, name = {"": []}, ""
    lines = text.splitlines()
    for line, below in zip(lines, [*lines[1:], ""]):
        # Some commands have more than one group of options.
        if re.fullmatch(r"\S.*:", line) and below.startswith("  "):
            name = line[:-1] if line in ("Positionals:", "Subcommands:") else "Options"
            blocks.setdefault(name, [])
        elif name and line and not line.startswith(" "):
            name = "footer"
            blocks.setdefault(name, []).append(line)
        else:
            blocks[name].append(line)
    head, _, usage = "\n".join(blocks[""]).partition("Usage: ")
    out = Command(list(words), " ".join(head.split()), [_entry(*e) for e in _entries(blocks.get("Options", []))],
                  [_entry(*e) for e in _entries(blocks.get("Positionals", []))], "\n".join(blocks.get("footer", [])).strip(),
                  " ".join(usage.split()))
    for name, _ in _entries(blocks.get("Subcommands", [])):
        out.commands[name] = read(program, (*words, name))
    return out


def all_commands(command):
    """Those that do something, in order."""
    for inner in command.commands.values():
        yield inner
        yield from all_commands(inner)
