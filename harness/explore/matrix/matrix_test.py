"""The matrix as its users run it: draws, shards, one results file, commands that show a cell again, bad input.

Usage: matrix_test.py MXIDENT SOURCE_DIR behaviour|pairwise. Only the built-in client is run. Exit 77 where namespaces are
refused: there is no port 25 for its servers then.
"""
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "cli"))
from program_testing import FAULTS, expect

PROGRAM = sys.argv[1]
SOURCE = pathlib.Path(sys.argv[2])
SPEC = str(SOURCE / "fixtures" / "matrix" / "every-dimension.json")
CLIENT = ["--client", "mxident:rfc9525"]


def mxident(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120)


def results(folder):
    lines = [json.loads(line) for line in (pathlib.Path(folder) / "results.ndjson").read_text().splitlines()]
    return lines[0], [line for line in lines if line["type"] == "cell"], lines[-1]


def run_cells(folder, *arguments):
    run = mxident("run", "--matrix", SPEC, *CLIENT, "--output", str(folder), *arguments)
    expect(f"{' '.join(arguments)}: every cell is as the oracle expects", run.returncode == 0, run)
    return results(folder)


def ids(cells):
    return [cell["scenario"] for cell in cells]


def bad_input(folder):
    rows = [
        ("unknown-key", '{"products": [{"shape": ["exact"]}]}', "shapes"),
        ("unknown-shape", '{"products": [{"shapes": ["star-frist"]}]}', 'did you mean "star-first"?'),
        ("empty-dimension", '{"products": [{"slots": []}]}', "/products/0/slots"),
        ("twice", '{"products": [{"slots": ["cn", "cn"]}]}', 'found "cn" twice'),
        ("levels", '{"products": ' + "[" * 1000 + "]" * 1000 + "}", "levels.json"),
        ("long-parent", json.dumps({"parent": ".".join(["a" * 60] * 5), "products": [{}]}), "255"),
        ("no-json", "{", "no-json.json"),
    ]
    for name, text, words in rows:
        file = folder / f"{name}.json"
        file.write_text(text)
        run = mxident("run", "--matrix", str(file), *CLIENT)
        lines = run.stderr.strip().splitlines()
        expect(f"{name}: exit 2 and one sentence with {words}", run.returncode == 2 and len(lines) == 1 and words in lines[0], run)
        expect(f"{name}: the sentence has the file", f"{name}.json" in run.stderr, run)
    for arguments, code, words in [
        (["--matrix", str(folder / "missing.json")], 2, "missing.json"),
        (["--sample", "5"], 2, "--matrix"),
        (["--matrix", "all", "--sample", "0"], 2, "--sample"),
        (["--matrix", "all", "rfc9525/*"], 2, "--matrix"),
        (["--matrix", "all", "--repeat", "2"], 2, "--repeat"),
        (["--matrix", SPEC, "--cell", "matrix/exact/no-such-slot/*"], 4, "nothing selected"),
        (["--matrix", SPEC, "--shard", "3/2"], 2, "wanted I/N"),
    ]:
        run = mxident("run", *CLIENT, *arguments)
        expect(f"{' '.join(arguments)}: exit {code} and {words}", run.returncode == code and words in run.stderr, run)


def draws(folder):
    header, cells, footer = run_cells(folder / "a", "--sample", "60", "--seed", "7")
    expect("a sample has as many cells as asked for", len(cells) == 60 == len(set(ids(cells))))
    expect("the header says what was drawn", header["scenarios"] == 60 and header["seed"] == 7)
    expect("the footer is there, once, and complete", footer["complete"] and sum(footer["counts"].values()) == 60)
    again = run_cells(folder / "b", "--sample", "60", "--seed", "7")[1]
    other = run_cells(folder / "c", "--sample", "60", "--seed", "8")[1]
    expect("the same seed draws the same cells", sorted(ids(cells)) == sorted(ids(again)))
    expect("another seed draws others", sorted(ids(cells)) != sorted(ids(other)))
    shards = [run_cells(folder / f"shard{i}", "--sample", "60", "--seed", "7", "--shard", f"{i}/2")[1] for i in (1, 2)]
    expect("shards are the whole, without doubles", sorted(ids(shards[0]) + ids(shards[1])) == sorted(ids(cells)))
    return cells


def reproduces(cell):
    words = shlex.split(cell["reproduce"])
    expect(f"{cell['reproduce']}: begins with the program", words[0] == "mxident")
    run = mxident(*words[1:])
    expect(f"{cell['reproduce']} shows the cell", run.returncode == 0 and cell["scenario"] in run.stdout, run)


def writes(folder):
    out = folder / "written"
    run = mxident("run", "--matrix", SPEC, "--sample", "80", "--write", str(out))
    files = list(out.rglob("*.json"))
    expect("--write puts out a file for each cell", run.returncode == 0 and len(files) == 80, run)
    schema = SOURCE / "scenarios" / "schema"
    check = subprocess.run(["/usr/bin/python3", "-I", schema / "check.py", schema / "scenario.schema.json", out], capture_output=True, text=True)
    expect("the files are scenarios by the schema", check.returncode == 0, check)
    run = mxident("run", "--scenarios", str(out), *CLIENT, "--baseline", "none")
    expect("the files can be run as scenarios", run.returncode == 0, run)


def pairwise(folder):
    """Every mode of the verifier is as the oracle expects on the cells that cover most pairs of values."""
    out = folder / "pairs"
    run = mxident("run", "--matrix", "all", "--pairwise", "--sample", "250", "--client", "mxident", "--output", str(out))
    expect("pairwise: no fault in any mode", run.returncode == 0, run)
    passed = results(out)[2]["counts"].get("pass", 0)
    expect(f"pairwise: at least 1,500 cells were scored and passed, not {passed}", passed >= 1500, run)


def behaviour(folder):
    bad_input(folder)
    cells = draws(folder)
    reproduces(cells[0])
    writes(folder)


def has_namespaces(folder):
    mxident("run", "--matrix", SPEC, *CLIENT, "--sample", "1", "--output", str(folder / "probe"))
    return not results(folder / "probe")[0]["sandbox"].startswith("sandbox: none")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        if not has_namespaces(folder):
            print("skipped: no namespaces here")
            return 77
        {"behaviour": behaviour, "pairwise": pairwise}[sys.argv[3]](folder)
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
