"""``dedup completion``: the script that makes a shell complete, and the answers to its questions.

The script runs ``dedup`` with ``_DEDUP_COMPLETE`` set to ``SHELL_complete`` and the line typed so far in
``COMP_WORDS`` and ``COMP_CWORD``, and reads a list of words. That is click's protocol; the scripts are our own,
because click's take ``--level=ca`` for one word in zsh and fish and for three in bash.
"""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from dedup.cli import COMPLETE, streams
from dedup.cli.commands import Command, root
from dedup.cli.flags import OneOf

EXAMPLES = """
eval "$(dedup completion bash)"     # in ~/.bashrc
eval "$(dedup completion zsh)"      # in ~/.zshrc, after compinit
dedup completion fish > ~/.config/fish/completions/dedup.fish
"""

_BASH = """\
%(complete_func)s() {
    local line type value response
    response=$(IFS=$'\\n'; env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD \\
%(complete_var)s=bash_complete "$1" 2>/dev/null)
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            plain) COMPREPLY+=("$value") ;;
            file) compopt -o default ;;
            dir) compopt -o dirnames ;;
        esac
    done <<< "$response"
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_ZSH = """\
#compdef %(prog_name)s
%(complete_func)s() {
    local -a response words_only described
    local type key descr
    response=("${(@f)$(COMP_WORDS="${(F)words}" COMP_CWORD=$((CURRENT-1)) \\
%(complete_var)s=zsh_complete ${~${(Q)words[1]}} 2>/dev/null)}")
    [[ $PREFIX == --*=* ]] && compset -P 1 '*='
    for type key descr in "${response[@]}"; do
        case $type in
            plain) if [[ $descr == _ ]]; then words_only+=("$key")
                   else described+=("$key:$descr"); fi ;;
            file) _files ;;
            dir) _files -/ ;;
        esac
    done
    (( $#described )) && _describe -V %(prog_name)s described
    (( $#words_only )) && compadd -V %(prog_name)s -a words_only
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

_FISH = """\
function %(complete_func)s
    set -l typed (commandline -ct)
    set -l flag (string match -r -- '^--[^=]+=' "$typed"; or echo)
    set -l rest (string replace -- "$flag" '' "$typed")
    for line in (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp | string collect) \\
COMP_CWORD="$typed" %(prog_name)s 2>/dev/null)
        set -l parts (string split -m 1 , -- $line)
        switch $parts[1]
            case plain
                echo "$flag$parts[2]"
            case file
                __fish_complete_path "$rest" | string replace -r -- '^' "$flag"
            case dir
                __fish_complete_directories "$rest" | string replace -r -- '^' "$flag"
        end
    end
end
complete --no-files --command %(prog_name)s --arguments '(%(complete_func)s)'
"""


def _without_signs(args: list[str]) -> list[str]:
    """What bash typed before the cursor, without the ``=`` it takes for words of their own."""
    return [word for word in args if word != "="]


class _Bash(BashComplete):
    source_template = _BASH

    def source(self) -> str:
        """The script; asking for the version of bash is left to whoever runs it."""
        return self.source_template % self.source_vars()

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one at the cursor, and that one."""
        args, incomplete = super().get_completion_args()
        return _without_signs(args), incomplete


class _Zsh(ZshComplete):
    source_template = _ZSH


class _Fish(FishComplete):
    source_template = _FISH


_CLASSES: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


def _made(shell: str) -> ShellComplete:
    return _CLASSES[shell](root, {}, "dedup", COMPLETE)


def answer(instruction: str) -> int:
    """Answer a shell's question, or print its script; 0, and nothing at all where something is wrong.

    ``instruction`` is ``bash_complete``, ``zsh_source`` or another of these.
    """
    shell, _, what = instruction.partition("_")
    if shell in _CLASSES and what in ("complete", "source"):
        streams.write(_answered(shell, what).encode("utf-8", "surrogateescape"))
    return 0


def _answered(shell: str, what: str) -> str:
    made = _made(shell)
    if what == "source":
        return made.source()
    try:
        found = made.complete()
    except Exception:  # noqa: BLE001  a line half typed may be wrong in any way, and the prompt is no place to say so
        return ""
    return found + "\n" if found else ""


@click.command("completion", cls=Command, examples=EXAMPLES)
@click.argument("shell", metavar="SHELL", type=OneOf(*_CLASSES))
def command(shell: str) -> int:
    """Print what makes SHELL (bash, zsh or fish) complete commands, flags, their values and names of files.

    The shell runs dedup each time it needs the words: they are always those of this version.
    """
    streams.write(_made(shell).source().encode())
    return 0
