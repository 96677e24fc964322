"""Writes completion for bash, zsh and fish, made of the program's own --help.

Usage: completion.py PROGRAM DIR     writes DIR/mxident.bash, DIR/_mxident and DIR/mxident.fish
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import help_text

FOLDERS = {"--output", "--write", "--scenarios", "--save-dir"}
SCENARIOS = {"run", "serve", "mint", "explain"}


def kind_of(command, entry, positional=False):
    """What a value is: words of a list, or scenario, client, folder, file, text."""
    if entry.choices:
        return entry.choices
    if "--client" in entry.names or (positional and command.words[0] == "fingerprint"):
        return "client"
    if positional and command.words[0] in SCENARIOS:
        return "scenario"
    if FOLDERS & set(entry.names):
        return "folder"
    return "file" if entry.kind == "TEXT" else "text"


def plain(text):
    """For single quotes of any shell."""
    return text.replace("'", "").replace("`", "").replace("\\", "")


def bash(root):
    lines = ["# bash completion of mxident, made of its --help", "",
             "_mxident_ids() { mxident list \"$1\" 2>/dev/null | cut -d' ' -f1; }", "",
             "# A client, then a colon, then its mode: bash takes these for three words.",
             "_mxident_client() {",
             "  local before=$1 cur=$2",
             "  if [[ $before == *: ]]; then",
             "    COMPREPLY=($(compgen -W \"$(_mxident_ids clients | sed -n \"s/^${before}//p\")\" -- \"$cur\"))",
             "  else",
             "    COMPREPLY=($(compgen -W \"$(_mxident_ids clients | cut -d: -f1 | sort -u)\" -- \"$cur\") $(compgen -f -X '!*.json' -- \"$cur\"))",
             "  fi",
             "}", "",
             "_mxident_value() {",
             "  case $1 in",
             "    client) _mxident_client '' \"$2\" ;;",
             "    scenario) COMPREPLY=($(compgen -W \"$(_mxident_ids scenarios)\" -- \"$2\")) ;;",
             "    folder) COMPREPLY=($(compgen -d -- \"$2\")) ;;",
             "    file) COMPREPLY=($(compgen -f -- \"$2\")) ;;",
             "    words:*) COMPREPLY=($(compgen -W \"${1#words:}\" -- \"$2\")) ;;",
             "  esac",
             "}", "",
             "_mxident() {",
             "  local cur=${COMP_WORDS[COMP_CWORD]} command='' i prev",
             "  COMPREPLY=()",
             "  for ((i = 1; i < COMP_CWORD; i++)); do",
             "    [[ ${COMP_WORDS[i]} == -- ]] && return",
             "    [[ ${COMP_WORDS[i]} == -* ]] || { command=${COMP_WORDS[i]}; break; }",
             "  done"]
    nested = [c for c in root.commands.values() if c.commands]
    for command in nested:
        name = command.words[0]
        lines.append(f"  [[ $command == {name} && $i -lt $((COMP_CWORD - 1)) ]] && command=\"{name} ${{COMP_WORDS[i + 1]}}\"")
    lines += ["  prev=${COMP_WORDS[COMP_CWORD - 1]}",
              "  # \"--client curl:ssl\": the option is the third or fourth word back.",
              "  if [[ $cur == : && COMP_CWORD -gt 2 && ${COMP_WORDS[COMP_CWORD - 2]} == --client ]]; then",
              "    _mxident_client \"$prev:\" ''; return",
              "  elif [[ $prev == : && COMP_CWORD -gt 3 && ${COMP_WORDS[COMP_CWORD - 3]} == --client ]]; then",
              "    _mxident_client \"${COMP_WORDS[COMP_CWORD - 2]}:\" \"$cur\"; return",
              "  fi",
              "  case \"$command $prev\" in"]
    options, firsts = [], []
    for command in [root, *help_text.all_commands(root)]:
        name = " ".join(command.words)
        for entry in command.options:
            if not entry.kind:
                continue
            kind = kind_of(command, entry)
            kind = "words:" + " ".join(kind) if isinstance(kind, list) else kind
            patterns = " | ".join(f"'{name} {word}'" for word in entry.names)
            lines.append(f"    {patterns}) _mxident_value '{kind}' \"$cur\"; return ;;")
        names = " ".join(word for entry in command.options for word in entry.names)
        options.append(f"      '{name}') COMPREPLY=($(compgen -W '{names}' -- \"$cur\")) ;;")
        if command.commands:
            firsts.append(f"      '{name}') COMPREPLY=($(compgen -W '{' '.join(command.commands)}' -- \"$cur\")) ;;")
        elif command.positionals:
            kind = kind_of(command, command.positionals[0], True)
            kind = "words:" + " ".join(kind) if isinstance(kind, list) else kind
            firsts.append(f"      '{name}') _mxident_value '{kind}' \"$cur\" ;;")
    lines += ["  esac",
              "  if [[ $cur == -* ]]; then", "    case $command in", *options, "    esac",
              "  else", "    case $command in", *firsts, "    esac", "  fi", "}",
              "complete -F _mxident mxident"]
    return "\n".join(lines) + "\n"


def zsh(root):
    def escaped(text):
        return plain(text).replace("[", "(").replace("]", ")").replace(":", " -")

    def action(kind):
        if isinstance(kind, list):
            return f"({' '.join(kind)})"
        return {"client": "_mxident_clients", "scenario": "_mxident_scenarios", "folder": "_files -/", "file": "_files"}.get(kind, " ")

    lines = ["#compdef mxident", "# zsh completion of mxident, made of its --help", "",
             "(( $+functions[_mxident_clients] )) || _mxident_clients() {",
             "  local -a ids; ids=(${(f)\"$(mxident list clients 2>/dev/null | cut -d' ' -f1)\"})",
             "  compadd -- $ids ${(u)ids%%:*}; _files -g '*.json'", "}",
             "(( $+functions[_mxident_scenarios] )) || _mxident_scenarios() {",
             "  local -a ids; ids=(${(f)\"$(mxident list scenarios 2>/dev/null | cut -d' ' -f1)\"})",
             "  compadd -- $ids", "}", ""]

    def function(command):
        name = "_".join(["_mxident_command", *command.words])
        lines.append(f"{name}() {{")
        if command.commands:
            lines.extend(["  local line state", "  _arguments -C '--help' '--version' '1:command:->command' '*::argument:->argument'",
                          "  case $state in", "    command)", "      local -a commands; commands=("])
            for word, inner in command.commands.items():
                lines.append(f"        '{word}:{escaped(inner.description)}'")
            lines.extend(["      )", "      _describe command commands ;;", "    argument)", "      case $line[1] in"])
            for word in command.commands:
                lines.append(f"        {word}) {'_'.join([name, word])} ;;")
            lines.extend(["      esac ;;", "  esac", "}"])
        else:
            specs = []
            for entry in command.options:
                for word in entry.names:
                    star = "*" if entry.many else ""
                    value = f":value:{action(kind_of(command, entry))}" if entry.kind else ""
                    specs.append(f"'{star}{word}[{escaped(entry.description)}]{value}'")
            for i, entry in enumerate(command.positionals):
                place = "*" if entry.many else str(i + 1)
                specs.append(f"'{place}:{escaped(entry.names[0])}:{action(kind_of(command, entry, i == 0))}'")
            lines.append("  _arguments -s \\\n    " + " \\\n    ".join(specs))
            lines.append("}")
        for inner in command.commands.values():
            function(inner)

    function(root)
    lines += ["", "_mxident_command \"$@\""]
    return "\n".join(lines) + "\n"


def fish(root):
    lines = ["# fish completion of mxident, made of its --help", "complete -c mxident -f"]
    values = {"client": "(mxident list clients 2>/dev/null | string replace -r \" .*\" \"\")",
              "scenario": "(mxident list scenarios 2>/dev/null | string replace -r \" .*\" \"\")",
              "folder": "(__fish_complete_directories)", "file": "(__fish_complete_path)"}

    def value(kind):
        return " ".join(kind) if isinstance(kind, list) else values.get(kind, "")

    first = " ".join(root.commands)
    for word, inner in root.commands.items():
        lines.append(f"complete -c mxident -n 'not __fish_seen_subcommand_from {first}' -a {word} -d '{plain(inner.description)}'")
    for command in help_text.all_commands(root):
        seen = " && ".join(f"__fish_seen_subcommand_from {word}" for word in command.words)
        if len(command.words) == 1:
            for word, inner in command.commands.items():
                lines.append(f"complete -c mxident -n '{seen}' -a {word} -d '{plain(inner.description)}'")
        for entry in command.options:
            names = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in entry.names)
            given = f" -x -a '{value(kind_of(command, entry))}'" if entry.kind else ""
            lines.append(f"complete -c mxident -n '{seen}' {names}{given} -d '{plain(entry.description)}'")
        if command.positionals:
            lines.append(f"complete -c mxident -n '{seen}' -a '{value(kind_of(command, command.positionals[0], True))}'")
    return "\n".join(lines) + "\n"


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    root = help_text.read(program)
    for name, text in (("mxident.bash", bash(root)), ("_mxident", zsh(root)), ("mxident.fish", fish(root))):
        (folder / name).write_text(text)


if __name__ == "__main__":
    main()
