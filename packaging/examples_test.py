"""The examples for continuous integration and for clusters: their YAML is sound, their shell parses, and each command of mxident in
them has options and formats that there are. No Debian package has the services' own schemas, so what they demand of the keys used
here is checked by hand.

Usage: examples_test.py SOURCE_DIR PROGRAM     77: python3-yaml is not installed
"""
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import help_text

try:
    import yaml
except ImportError:
    print("skipped: python3-yaml is not installed")
    sys.exit(77)

SOURCE, PROGRAM = pathlib.Path(sys.argv[1]), sys.argv[2]
FAULTS = []
COMMANDS = []


class Strict(yaml.SafeLoader):
    """A key that stands twice would be lost unseen."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            check(keys.count(key) == 1, f"line {node.start_mark.line + 1}: \"{key}\" stands once")
        return super().construct_mapping(node, deep)


def check(truth, what):
    if not truth:
        FAULTS.append(what)
        print("FAILED:", what)


def read(path):
    return list(yaml.load_all((SOURCE / path).read_text(), Strict))


def shell(where, text):
    """Parses, and is kept for its commands of mxident."""
    plain = re.sub(r"\$\{\{.*?\}\}", "1", text)
    done = subprocess.run(["bash", "-n"], input=plain, capture_output=True, text=True)
    check(done.returncode == 0, f"{where}: {done.stderr}")
    for line in plain.replace("\\\n", " ").splitlines():
        for command in re.findall(r"(?:^|[|&;'(\s])(mxident [a-z]+[^|&;>']*)", line):
            COMMANDS.append((where, command))


def github(path):
    workflow, = read(path)
    check({"name", True, "permissions", "jobs"} == set(workflow), f"{path}: keys {set(workflow)}")  # YAML 1.1 reads "on" as true
    uploads = set()
    for name, job in workflow["jobs"].items():
        check({"runs-on", "steps"} <= set(job), f"{path}: {name} has runs-on and steps")
        check(set(job) <= {"runs-on", "steps", "container", "strategy", "needs", "if"}, f"{path}: {name}: {set(job)}")
        for other in [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", []):
            check(other in workflow["jobs"], f"{path}: {name} needs {other}")
        for step in job["steps"]:
            check(("uses" in step) != ("run" in step), f"{path}: a step uses or runs: {step}")
            check(set(step) <= {"name", "if", "uses", "with", "run", "env"}, f"{path}: {set(step)}")
            check("uses" not in step or re.fullmatch(r"[\w.-]+(/[\w.-]+)+@v\d+", step["uses"]), f"{path}: {step.get('uses')}")
            uploads.add(step.get("uses", "").split("@")[0])
            if "run" in step:
                shell(path, step["run"])
        text = str(job)
        for used in re.findall(r"\$\{\{ *matrix\.(\w+)", text):
            check(used in job["strategy"]["matrix"], f"{path}: {name}: matrix.{used}")
    if "github/codeql-action/upload-sarif" in uploads:
        check(workflow["permissions"].get("security-events") == "write", f"{path}: code scanning may be written")
    return workflow, uploads


def gitlab(path):
    pipeline, = read(path)
    jobs = {name: job for name, job in pipeline.items() if name not in ("stages", "variables")}
    for name, job in jobs.items():
        whole = {**jobs.get(job.get("extends"), {}), **job}
        check("extends" not in job or job["extends"] in jobs, f"{path}: {name} extends {job.get('extends')}")
        check(name.startswith(".") or whole.get("stage") in pipeline["stages"], f"{path}: stage of {name}")
        check(name.startswith(".") or isinstance(whole.get("script"), list), f"{path}: script of {name}")
        for line in [*job.get("before_script", []), *job.get("script", [])]:
            check(isinstance(line, str), f"{path}: {name}: a line is text: {line}")
            shell(path, str(line))
    check(any("junit" in job.get("artifacts", {}).get("reports", {}) for job in jobs.values()), f"{path}: JUnit is handed over")


def jenkins(path):
    text = (SOURCE / path).read_text()
    bare = re.sub(r"'''.*?'''|'[^'\n]*'|\"[^\"\n]*\"|//[^\n]*", "", text, flags=re.S)
    for left, right in ("{}", "()", "[]"):
        check(bare.count(left) == bare.count(right), f"{path}: {left} and {right}")
    for step in ("junit ", "recordIssues ", "archiveArtifacts "):
        check(step in bare, f"{path}: has the step {step}")
    for script in re.findall(r"'''(.*?)'''|sh '([^']*)'", text, re.S):
        shell(path, "".join(script).replace("\\\\\n", "\\\n"))


def kubernetes(path):
    documents = read(path)
    for document in documents:
        check({"apiVersion", "kind", "metadata", "spec"} == set(document), f"{path}: {set(document)}")
    run, = (d for d in documents if d["kind"] == "Job" and d["metadata"]["name"] == "mxident")
    spec = run["spec"]
    check(spec["completionMode"] == "Indexed", f"{path}: the Job is indexed")
    container, = spec["template"]["spec"]["containers"]
    totals = {variable["name"]: variable["value"] for variable in container["env"]}
    check(totals.get("JOB_COMPLETIONS") == str(spec["completions"]), f"{path}: JOB_COMPLETIONS is {spec['completions']}, as text")
    claims = {d["metadata"]["name"] for d in documents if d["kind"] == "PersistentVolumeClaim"}
    for job in (d for d in documents if d["kind"] == "Job"):
        pod = job["spec"]["template"]["spec"]
        check(pod["restartPolicy"] in ("OnFailure", "Never"), f"{path}: restartPolicy")
        for volume in pod["volumes"]:
            check(volume["persistentVolumeClaim"]["claimName"] in claims, f"{path}: {volume}")
        names = {volume["name"] for volume in pod["volumes"]}
        for inner in pod["containers"]:
            check({mount["name"] for mount in inner["volumeMounts"]} <= names, f"{path}: mounts")
            for text in inner["args"]:
                shell(path, text)


def commands():
    root = help_text.read(PROGRAM)
    formats = {choice for entry in root.commands["report"].options if "--format" in entry.names for choice in entry.choices}
    for where, line in COMMANDS:
        words = line.split()
        command = root.commands.get(words[1])
        check(command is not None, f"{where}: there is no command \"{words[1]}\"")
        known = {name for entry in command.options for name in entry.names} if command else set()
        for i, word in enumerate(words):
            if word.startswith("--"):
                check(word in known, f"{where}: mxident {words[1]} has no option {word}")
            if word in ("--report", "--format"):
                check(words[i + 1].split(":")[0] in formats, f"{where}: there is no format {words[i + 1]}")


def main():
    workflow, uploads = github("docs/examples/ci/github-actions.yml")
    check({"github/codeql-action/upload-sarif", "actions/upload-artifact"} <= uploads, "github-actions.yml uploads SARIF and the report")
    workflow, uploads = github("packaging/spread/github-matrix.yml")
    parts = workflow["jobs"]["part"]["strategy"]["matrix"]["part"]
    check(parts == list(range(1, len(parts) + 1)) and f"/{len(parts)}\"" in str(workflow), "github-matrix.yml has all its parts")
    gitlab("docs/examples/ci/gitlab-ci.yml")
    jenkins("docs/examples/ci/Jenkinsfile")
    kubernetes("packaging/spread/kubernetes.yaml")
    commands()
    check(len(COMMANDS) > 10, f"only {len(COMMANDS)} commands were found")
    print(f"{len(COMMANDS)} commands, {len(FAULTS)} faults")
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
