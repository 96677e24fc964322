"""Every format of one result: the same exit code, the same counts, documents that their consumers can read.

Usage: formats_test.py MXIDENT RESULTS
SARIF is held against the official schema where scripts/setup --schemas has fetched it, and always against what
code scanning wants beyond it.
"""
import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import jsonschema

PROGRAM, RESULTS = sys.argv[1], pathlib.Path(sys.argv[2])
FAULTS = []


def expect(what, condition, found=""):
    if not condition:
        FAULTS.append(what)
        print("FAILED:", what, str(found)[:2000])


def report(*arguments):
    return subprocess.run([PROGRAM, "report", str(RESULTS), *arguments], capture_output=True, timeout=120)


def facts():
    """What the file itself says, read without the program."""
    lines = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    cells = [line for line in lines if line["type"] == "cell"]
    faults = ("lax", "strict", "downgrade", "hang", "crash", "harness-error")
    news = [c for c in cells if c.get("baseline") == "news" or (c.get("baseline", "none") == "none" and c["outcome"] in faults)]
    fixed = [c for c in cells if c.get("baseline") == "fixed"]
    footer = lines[-1] if lines[-1]["type"] == "footer" else None
    return cells, news, fixed, footer


def schemas(log):
    cache = os.environ.get("MXIDENT_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "mxident")
    file = pathlib.Path(cache) / "schemas" / "sarif-2.1.0.json"
    if not file.exists():
        print(f"{file} is not there (scripts/setup --schemas): held against a part of the schema only")
        schema = {"type": "object", "required": ["version", "runs"], "properties": {"version": {"const": "2.1.0"}, "runs": {
            "type": "array", "items": {"type": "object", "required": ["tool", "results"], "properties": {"results": {
                "type": "array", "items": {"type": "object", "required": ["message", "ruleId", "locations"]}}}}}}}
        validator = jsonschema.Draft7Validator(schema)
    else:
        validator = jsonschema.Draft4Validator(json.loads(file.read_text(encoding="utf-8")))
    for fault in validator.iter_errors(log):
        expect(f"SARIF is valid: /{'/'.join(map(str, fault.absolute_path))}", False, fault.message)


def sarif(log, unexpected):
    schemas(log)
    run, = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    expect("each rule is there once", len({rule["id"] for rule in rules}) == len(rules))
    expect("a rule has at most ten tags", all(len(rule["properties"]["tags"]) <= 10 for rule in rules))
    expect("the run has a category", run["automationDetails"]["id"].startswith("mxident/") and run["automationDetails"]["id"].endswith("/"))
    prints = set()
    for result in run["results"]:
        expect("ruleIndex and ruleId agree", rules[result["ruleIndex"]]["id"] == result["ruleId"], result)
        prints.add(result["partialFingerprints"]["modeAndBehaviour/v1"])
        for location in result["locations"] + result.get("relatedLocations", []):
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            expect("a location is a path in the repository", uri and not uri.startswith(("/", "..")) and ":" not in uri, uri)
        expect("at least one location", result["locations"])
    expect("each result has a fingerprint of its own", len(prints) == len(run["results"]))
    expect("SARIF counts what is unexpected", sum(result["occurrenceCount"] for result in run["results"]) == unexpected)


def diffs(folder):
    """One cell that ends otherwise, as every form of a comparison; then none; then a history."""
    lines = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    other = next(line for line in lines if line["type"] == "cell" and line["outcome"] in ("pass", "lax"))
    worse = other["outcome"] == "pass"
    no_news = 0 if lines[-1]["type"] == "footer" else 5  # of a run that was cut off, as report says of it
    other["outcome"], other["decision"] = ("lax", "accept") if worse else ("pass", "reject")
    after = folder / "after.ndjson"
    after.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    for form in ("text", "markdown", "json", "html"):
        same = subprocess.run([PROGRAM, "diff", str(RESULTS), str(RESULTS), "--format", form], capture_output=True, timeout=120)
        expect(f"diff as {form}: a run is as itself", same.returncode == no_news and (form != "markdown" or not same.stdout), same)
        run = subprocess.run([PROGRAM, "diff", str(RESULTS), str(after), "--format", form], capture_output=True, timeout=120)
        text = run.stdout.decode("utf-8")
        expect(f"diff as {form}: news", run.returncode == 1 and ("regressed" if worse else "improved") in text, run)
        expect(f"diff as {form}: nothing that is obeyed", not any(c in text for c in "\x1b\x00\u202e"))
        if form in ("markdown", "html"):
            expect(f"diff as {form}: no tags", "<script" not in text)
        if form == "json":
            got = json.loads(text)
            expect("diff counts one", (got["regressed"], got["improved"]) == ((1, 0) if worse else (0, 1)), got)
    cut = folder / "cut.ndjson"
    cut.write_bytes(RESULTS.read_bytes()[:-200])
    for pair in ((RESULTS, cut), (cut, RESULTS)):
        run = subprocess.run([PROGRAM, "diff", *map(str, pair)], capture_output=True, text=True, timeout=120)
        expect("diff of a run that was cut off is no 'all the same'", run.returncode == 5 and "cut off" in run.stderr, run)
    with open("/dev/full", "wb") as full:
        run = subprocess.run([PROGRAM, "diff", str(RESULTS), str(cut)], stdout=subprocess.PIPE, stderr=full, timeout=120)
        expect("a full standard error changes no exit code", run.returncode == 5 and run.stdout, run)
        run = subprocess.run([PROGRAM, "diff", str(RESULTS)], stdout=subprocess.PIPE, stderr=full, timeout=120)
        expect("nor that of a mistake", run.returncode == 2, run)
    history = subprocess.run([PROGRAM, "diff", str(RESULTS), str(after), str(after)], capture_output=True, text=True, timeout=120)
    expect("a history whose last step says nothing", history.returncode == no_news and "run 3" in history.stdout, history)


def main():
    with tempfile.TemporaryDirectory() as name:
        diffs(pathlib.Path(name))
    cells, news, fixed, footer = facts()
    unexpected, absent = len(news) + len(fixed), len(footer["absent"]) if footer else 0
    plain = report()
    expect("news or an interrupt shows in the exit code", plain.returncode == (5 if footer is None else 1), plain.stderr)
    text = {}
    for form in ("badge", "csv", "html", "junit", "markdown", "sarif", "tap"):
        run = report("--format", form)
        expect(f"{form} has the exit code of the console", run.returncode == plain.returncode, run.stderr)
        text[form] = run.stdout.decode("utf-8")
    sarif(json.loads(text["sarif"]), unexpected)
    suites = xml.etree.ElementTree.fromstring(text["junit"])
    expect("JUnit counts what is unexpected", len(suites.findall(".//failure")) + len(suites.findall(".//error")) == unexpected + absent)
    expect("JUnit's suites count their cases", sum(int(s.get("tests")) for s in suites if s.get("name") != "named clients") == len(cells))
    for suite in suites:
        listed = len(suite.findall("testcase"))
        expect("a suite lists what it counts, but for what could not be tried", listed <= int(suite.get("tests")))
        expect("and its failures", len(suite.findall("testcase/failure")) == int(suite.get("failures", "0")))
    tap = [line for line in text["tap"].split("\n") if line.startswith("not ok") and "# TODO" not in line]
    expect("TAP counts what is unexpected", len(tap) == unexpected + absent, tap)
    rows = list(csv.reader(io.StringIO(text["csv"], newline="")))
    expect("CSV has a line a cell", len(rows) == len(cells) + 1)
    expect("CSV has no formula", not [f for row in rows for f in row if f[:1] in ("=", "+", "-", "@")])
    expect("Markdown keeps to its budget", len(text["markdown"].encode()) <= 60000)
    expect("Markdown counts the same", f"{len(news)} news, {len(fixed)} fixed" in text["markdown"])
    badges = [json.loads(line) for line in text["badge"].splitlines()]
    known = {"schemaVersion", "label", "message", "color", "isError"}
    expect("badges are what shields.io reads", badges and all(set(b) <= known and b["schemaVersion"] == 1 and b["message"] for b in badges), badges)
    for form, octets in text.items():
        expect(f"{form} holds no octet that a terminal obeys", form == "html" or not any(c in octets for c in "\x1b\x00\u202e"))
    if footer is not None:
        # A footer that says other counts than its cells is no result that could be believed.
        with tempfile.TemporaryDirectory() as folder:
            lying = pathlib.Path(folder) / "results.ndjson"
            lines = RESULTS.read_text(encoding="utf-8").splitlines()
            lines[-1] = json.dumps({**footer, "news": 0, "fixed": 0, "differing": [], "absent": []})
            lying.write_text("\n".join(lines) + "\n", encoding="utf-8")
            run = subprocess.run([PROGRAM, "report", str(lying)], capture_output=True, text=True, timeout=120)
            expect("a footer that hides news is refused", run.returncode == 2 and "news" in run.stderr, run.stderr)
    print("FAILED" if FAULTS else "as wanted")
    return 1 if FAULTS else 0


sys.exit(main())
