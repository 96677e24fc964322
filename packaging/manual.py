"""Writes the manual pages: docs/man/mxident.1.scd itself, and those that say what is said elsewhere already: a page for each subcommand, from its part of
docs/man/mxident.1.scd and from its --help, and a page for each file format, from its schema.

Usage: manual.py PROGRAM SOURCE_DIR SCDOC DIR     writes DIR/man1/mxident*.1 and DIR/man5/mxident-FORMAT.5
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import help_text

FORMATS = {
    "scenario": ("scenarios/schema/scenario.schema.json", "a situation for mail clients, and what each policy ought to do in it",
                 "_PREFIX_/share/mxident/scenarios/\\*/\\*.json"),
    "client": ("scenarios/schema/client.schema.json", "how a mail client is run and what it claims to check",
               "_PREFIX_/share/mxident/clients/\\*/client.json"),
    "matrix": ("scenarios/schema/matrix.schema.json", "which cells mxident run --matrix generates", ""),
    "results": ("scenarios/schema/results.schema.json", "what a run found, line by line", "results.ndjson in the folder of *--output*"),
}


def escaped(text):
    """Plain text for scdoc."""
    text = re.sub(r"([\\*_`<>\[\]#])", r"\\\1", " ".join(text.split()))
    return re.sub(r"^([-.+])", r"\\\1", text)


def one_line(text):
    return text[0].lower() + text[1:].rstrip(".")


def parts_of(manual):
    """By command: (headings, lines) of each of its parts in SUBCOMMANDS."""
    body = manual.split("# SUBCOMMANDS\n", 1)[1].split("\n# ", 1)[0]
    out, headings, lines = {}, [], []

    def close():
        if headings:
            name = re.match(r"\*mxident ([a-z]+)\*", headings[0])[1]
            out.setdefault(name, []).append((list(headings), "\n".join(lines).strip("\n")))
        headings.clear()
        lines.clear()

    for line in body.splitlines():
        if line.startswith("*mxident "):
            if lines and any(text.strip() for text in lines):
                close()
            headings.append(line)
        else:
            lines.append(line)
    close()
    return out


def section(manual, name):
    return manual.split(f"# {name}\n", 1)[1].split("\n# ", 1)[0].strip("\n")


def options_besides(command, text):
    """Options of --help that the hand-written part has not got."""
    out = []
    for inner in [command, *help_text.all_commands(command)]:
        for entry in inner.options:
            shown = [name for name in entry.names if name.startswith("--")] or entry.names
            if any(f"*{name}*" in text for name in shown) and all(f"*{name}*" in text or len(name) == 2 for name in entry.names):
                continue
            names = ", ".join(f"*{name}*" for name in entry.names)
            value = "|".join(f"*{escaped(choice)}*" for choice in entry.choices) or f"_{entry.kind}_" if entry.kind else ""
            out.append(f"{names} {value}".strip() + f"\n\t{escaped(entry.description[:1].upper() + entry.description[1:])}.")
            text += names
    return "\n".join(out)


def page_of_command(command, parts, manual):
    name = command.words[0]
    page = [f"mxident-{name}(1)", "# NAME", f"mxident-{name} - {escaped(one_line(command.description))}", "# SYNOPSIS"]
    page.append("++\n".join(heading.removesuffix("++") for headings, _ in parts for heading in headings))
    page.append("# DESCRIPTION")
    texts = []
    for headings, text in parts:
        if len(parts) > 1:
            texts.append("## " + re.sub(r"[*_]", "", headings[0]).removesuffix("++").split(" [")[0])
        texts.append(re.sub(r"^\t", "", text, flags=re.M))
    page.append("\n\n".join(texts))
    if besides := options_besides(command, "\n".join(texts)):
        page += ["# OPTIONS" if not re.search(r"^\*--", "\n".join(texts), re.M) else "# FURTHER OPTIONS", besides]
    if example := re.search(r"Examples?:(.*)", command.footer, re.S):
        page += ["# EXAMPLES", "\t" + escaped(example[1])]
    page += ["# EXIT STATUS", section(manual, "EXIT STATUS"), "# SEE ALSO", "*mxident*(1)"]
    return "\n\n".join(page) + "\n"


def type_of(schema, shape):
    if "$ref" in shape:
        return shape["$ref"].rsplit("/", 1)[-1]
    if "const" in shape:
        return json.dumps(shape["const"])
    if "enum" in shape:
        return " | ".join(json.dumps(value) for value in shape["enum"])
    if isinstance(shape.get("items"), dict):
        return "list of " + type_of(schema, shape["items"])
    kinds = shape.get("type", "")
    return " or ".join(kinds) if isinstance(kinds, list) else kinds


def fields(schema, shape, indent=""):
    out = []
    required = set(shape.get("required", []))
    for name, inner in shape.get("properties", {}).items():
        if not isinstance(inner, dict):
            inner = {}
        kind = type_of(schema, inner)
        words = " ".join(word for word in (inner.get("description", ""),) if word)
        line = f"{indent}*{escaped(name)}*" + (f" ({escaped(kind)})" if kind else "") + (", required" if name in required else "")
        out.append(line + (f"\n{indent}\t{escaped(words)}" if words else "") + "\n")
        inner = inner.get("items", inner) if isinstance(inner.get("items"), dict) else inner
        if inner.get("properties"):
            out.append(fields(schema, inner, indent + "\t"))
    return "\n".join(out)


def page_of_format(name, file, short, place, source):
    schema = json.loads((source / file).read_text())
    page = [f"mxident-{name}(5)", "# NAME", f"mxident-{name} - {short}", "# DESCRIPTION"]
    page.append(escaped(f"JSON (RFC 8259) in UTF-8. {schema.get('description', '')}"))
    page.append(f"The schema is {escaped(file.removeprefix('scenarios/'))} in _PREFIX_/share/mxident/scenarios.")
    if schema.get("properties"):
        page += ["# FIELDS", fields(schema, schema)]
    for key in ("$defs", "definitions"):
        for inner, shape in schema.get(key, {}).items():
            if not isinstance(shape, dict):
                continue
            words = escaped(shape.get("description", ""))
            listed = fields(schema, shape) or (f"One of: {escaped(type_of(schema, shape))}" if "enum" in shape else "")
            if words or listed:
                page += [f"# {escaped(inner).upper()}", "\n\n".join(text for text in (words, listed) if text)]
    if place:
        page += ["# FILES", place]
    page += ["# SEE ALSO", "*mxident*(1), *mxident-run*(1), *mxident-report*(1)"]
    return "\n\n".join(page) + "\n"


def main():
    program, source, scdoc, folder = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4])
    shutil.rmtree(folder, ignore_errors=True)  # a command may be gone

    def write(name, number, text):
        page = folder / f"man{number}" / f"{name}.{number}"
        page.parent.mkdir(parents=True, exist_ok=True)
        with page.open("wb") as out:
            if subprocess.run([scdoc], input=text.encode(), stdout=out).returncode != 0:
                sys.exit(f"the manual page {page.name} could not be made of\n{text}")

    manual = (source / "docs/man/mxident.1.scd").read_text()
    parts = parts_of(manual)
    write("mxident", 1, manual)
    root = help_text.read(program)
    for name, command in root.commands.items():
        if name not in parts:
            sys.exit(f"docs/man/mxident.1.scd: SUBCOMMANDS has nothing of \"mxident {name}\"")
        write(f"mxident-{name}", 1, page_of_command(command, parts[name], manual))
    for name in parts.keys() - root.commands.keys():
        sys.exit(f"docs/man/mxident.1.scd: SUBCOMMANDS has \"mxident {name}\", which the program has not")
    for name, (file, short, place) in FORMATS.items():
        write(f"mxident-{name}", 5, page_of_format(name, file, short, place, source))


if __name__ == "__main__":
    main()
