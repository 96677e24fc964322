"""Check JSON files by a published schema.

usage: check.py SCHEMA [--refused] [--name NAME] PATH...

A PATH is a file, or a folder of which every *.json is meant, or every file called NAME, but nothing in folders called
"schema"; a file *.ndjson counts line by line. With --refused the schema must refuse each of them: that is how the schema itself is tested. Exit code 1
and one line a fault if not so, 2 if nothing was found to check.
"""
import argparse
import json
import pathlib
import sys

import jsonschema


def documents(path, name):
    """All (place, document) pairs below a path."""
    for file in [path] if path.is_file() else sorted(path.rglob(name)):
        if "schema" in file.relative_to(path).parts[:-1]:
            continue
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".ndjson":
            for number, line in enumerate(text.splitlines(), 1):
                yield f"{file}:{number}", json.loads(line)
        else:
            yield str(file), json.loads(text)


def fault_of(validator, document, refused):
    """What is wrong with a document, or None."""
    error = jsonschema.exceptions.best_match(validator.iter_errors(document))
    if refused:
        return "accepted, but ought to be refused" if error is None else None
    if error is None:
        return None
    pointer = "".join(f"/{part}" for part in error.absolute_path)
    return f"{pointer or '/'}: {error.message[:300]}"


def main():
    parser = argparse.ArgumentParser(description="Check JSON files by a published schema.")
    parser.add_argument("schema", type=pathlib.Path)
    parser.add_argument("paths", type=pathlib.Path, nargs="+")
    parser.add_argument("--refused", action="store_true")
    parser.add_argument("--name", default="*.json")
    arguments = parser.parse_args()
    schema = json.loads(arguments.schema.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    checked = faults = 0
    for path in arguments.paths:
        for place, document in documents(path, arguments.name):
            checked += 1
            fault = fault_of(validator, document, arguments.refused)
            if fault is not None:
                faults += 1
                print(f"{place}: {fault}")
    print(f"{checked} documents, {faults} faults")
    return 2 if checked == 0 else 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
