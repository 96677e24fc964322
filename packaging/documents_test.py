"""What README, manual and documents name exists, and the README's commands work from a clean prefix.

Usage: documents_test.py SOURCE_DIR BUILD_DIR. CMAKE names the cmake that installs. Exit 1 and a line for each fault.
"""
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

SOURCE, BUILD = map(pathlib.Path, sys.argv[1:3])
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "SECURITY.md", *sorted(
    str(file.relative_to(SOURCE)) for file in (SOURCE / "docs").rglob("*") if file.suffix in (".md", ".scd"))]
FOLDERS = "bench|certs|cmake|docs|fixtures|harness|mocks|packaging|scenarios|scripts|verifier"
# A run of the whole matrix shows no more than one of a few cells.
SMALLER = [("--sample 1000", "--sample 2"), ("--pairwise", "--pairwise --sample 2"), ("/tmp/c", "minted"),
           ("learn curl:ssl-reqd", "learn mxident:rfc9525 --depth 0 --walks 20"),
           ("--paste complaint.txt", "--paste complaint.txt --client mxident"), ("--shard 1/4", "--client mxident --shard 1/4"),
           ("baseline record out/run/results.ndjson", "baseline record out/run/results.ndjson --output recorded"),
           ("run --report", "run 'reported/*' --client mxident --report")]
# It would ask name servers and hosts of the world outside; the tests of verify do so inside of the sandbox.
OUTSIDE = re.compile(r"mxident verify|mxident repro --live")
FAULTS = []


def fault(text):
    FAULTS.append(text)
    print("FAILED:", text, flush=True)


def words_of(line):
    return shlex.split(line.split(" # ")[0])


def commands(document):
    """Lines that show a command, in order: of fenced and indented blocks, and of `inline` code."""
    text = (SOURCE / document).read_text()
    if document.endswith(".scd"):
        lines = re.findall(r"^(?:\*mxident [a-z].*|\tmxident .*)$", text, re.M)
        plain = [re.sub(r"\\(.)", r"\1", line if line[0] == "\t" else line.replace("*", "")).removesuffix("++") for line in lines]
        yield from (re.sub(r"(?<!\w)_([A-Z_]+)_(?!\w)", r"\1", line).strip() for line in plain)
        return
    for block in re.findall(r"```.*?```", text, re.S):
        for line in block.splitlines():
            if line.lstrip().startswith("mxident "):
                yield line.strip()
    text = re.sub(r"```.*?```", "", text, flags=re.S)
    for inline in re.findall(r"`(mxident [^`]+)`", text):
        yield " ".join(inline.split())


class Helps:
    """What --help of each command says."""

    def __init__(self, program):
        self.program, self.texts = program, {}

    def of(self, *command):
        if command not in self.texts:
            run = subprocess.run([self.program, *command, "--help"], capture_output=True, text=True, timeout=60)
            self.texts[command] = run.stdout if run.returncode == 0 else None
        return self.texts[command]


def check_names(document, line, helps):
    """The command and its options exist, whatever stands for their values."""
    shown = re.sub(r"[\[\]]", " ", line.split(" # ")[0].split(" -- ")[0])
    words = shown.split()
    command = words[1].rstrip(".,:;") if len(words) > 1 else ""
    if not re.fullmatch(r"[a-z]+", command):
        return
    nested = [command, words[2]] if command == "baseline" and len(words) > 2 else [command]
    text = helps.of(*nested)
    if text is None:
        fault(f"{document}: \"{line}\": there is no command \"{' '.join(nested)}\"")
        return
    for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", shown):
        if option != "--help" and not re.search(re.escape(option) + r"(?![\w-])", text):
            fault(f"{document}: \"{line}\": {' '.join(nested)} has no option {option}")


def check_paths(document):
    text = (SOURCE / document).read_text()
    for path in re.findall(rf"(?<![\w/.}}-])((?:{FOLDERS})/[\w./*-]*)", text):
        path = path.rstrip(".")
        if re.search(r"[A-Z]{2,}", path.replace("README", "").replace("CMakeLists", "")):
            continue  # a word in capitals stands for something
        if "*" in path or "/acme" in path:
            continue  # an example
        if not (SOURCE / path).exists():
            fault(f"{document}: there is no {path}")


def run_readme(program, folder):
    """Every command of the README that needs nothing of the world outside."""
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}
    environment.pop("MXIDENT_DATA", None)

    def run(line, codes=(0, 1)):
        for whole, small in SMALLER:
            line = line.replace(whole, small)
        if "--client curl" in line and shutil.which("curl") is None:
            print("not run, curl is not installed:", line)
            return
        done = subprocess.run(["/bin/bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, timeout=240)
        if done.returncode not in codes or "terminate called" in done.stderr:
            fault(f"README.md: \"{line}\": exit {done.returncode}\n{done.stdout[-800:]}{done.stderr[-800:]}")
        else:
            print(f"exit {done.returncode}: {line}", flush=True)

    case = "reported/checktls-wildcard-of-another-domain"
    run(f"mxident mint {case} --output chain && cp chain/mx.pem chain.pem && cp chain/root.pem root.pem", (0,))
    run(f"mxident run {case} --client mxident --client openssl-s_client --sanity skip --output out/run", (0, 1))
    for run_before in ("old", "new"):
        run(f"mxident run {case} --client mxident --output {run_before}", (0,))
    for shard in (2, 3, 4):
        run(f"mxident run 'reported/*' --client mxident --shard {shard}/4 --output shards/{shard}", (0,))
    (folder / "limbo.json").write_text('{"version": 1, "testcases": []}')
    (folder / "acme.json").write_text(
        '{"id": "acme", "title": "Acme", "modes": [{"id": "m", "policy": "no-tls", "command": ["/bin/true"]}]}')
    (folder / "complaint.txt").write_text("x509: certificate is valid for *.a.test, not mx.b.test\n")
    for line in commands("README.md"):
        shown = line.split(" # ")[0].strip()
        if OUTSIDE.match(shown):
            continue
        if re.search(r"\b[A-Z]{2,}\b|\||\.\.\.", re.sub(r"\{\w+\}", "", shown)) or shown.startswith("mxident run --client ./acme.json"):
            continue  # says how a command is put together; check_names() looks at it
        if shown.startswith("mxident serve") and " -- " not in shown:
            serve(shown, folder, environment)
        else:
            run(shown)
    run("mxident run rfc9525/exact-name --sanity skip --client ./acme.json")


def serve(line, folder, environment):
    process = subprocess.Popen(words_of(line), cwd=folder, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    said = ""
    for text in process.stderr:
        said += text
        if "until interrupted" in text:
            break
    process.send_signal(signal.SIGINT)
    process.stderr.close()
    code = process.wait(timeout=60)
    if code != 0 or "until interrupted" not in said:
        fault(f"README.md: \"{line}\": exit {code}\n{said}")
    else:
        print("served:", line)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prefix = folder / "prefix"
        subprocess.run([os.environ.get("CMAKE", "cmake"), "--install", BUILD, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
        program = prefix / "bin/mxident"
        helps = Helps(program)
        seen = 0
        for document in DOCUMENTS:
            check_paths(document)
            for line in commands(document):
                seen += 1
                check_names(document, line, helps)
            # What is shipped refers to what is shipped.
            installed = prefix / "share/doc/mxident" / document
            if not document.endswith(".scd") and not installed.is_file():
                fault(f"{document} is not installed")
        if seen < 30:
            fault(f"only {seen} commands were found in the documents")
        work = folder / "work"
        work.mkdir()
        run_readme(program, work)
    print(f"{len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
