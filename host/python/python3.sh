# shellcheck shell=bash
# A Python 3 of the machine's, for what runs beside the article: Kaggle's client, bench's peers.
# Sourced by run.sh; functions only. Wants host/setup.sh sourced beside it.
#
#   python3_find OLDEST [NEWEST]   prints the path of a CPython of these versions (3.11) that can make a
#                                  venv; else 1
#   venv_make NAME PYTHON3 LOCK…   a venv in $REPRO_HOME/NAME with the packages of requirements/LOCK; for `made`
#   any_python                     prints a Python that is there, 2 or 3, for what is standard library only; else 1
#   ask_program ARGUMENT…          what repro/ask.py answers, on any Python; nothing where there is none

python3_find() {
    local exe
    while IFS= read -r exe; do
        python3_probe "$exe" "$@" && return 0
    done < <(python3_candidates)
    return 1
}

python3_candidates() { # asked for by name: that one or none; else those on PATH, then pyenv's
    if [ -n "${REPRO_PYTHON3:-}" ]; then echo "$REPRO_PYTHON3"; return; fi
    type -aP python3 python3.{11..19} || true
    printf '%s\n' "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python3
}

python3_probe() { # EXE OLDEST [NEWEST]: prints its own path if it will do
    # A pyenv shim without a chosen version does not start, and is passed over.
    local path
    path=$("$1" -I -c '
import os, platform, sys
import ensurepip, venv
bounds = [tuple(int(n) for n in version.split(".")) for version in sys.argv[1:]] + [(3, 99)]
fits = bounds[0] <= sys.version_info[:2] <= bounds[1] and platform.python_implementation() == "CPython"
if not fits: sys.exit(1)
print(os.path.abspath(sys.executable))' "${@:2}" </dev/null 2>/dev/null) && [ -n "$path" ] && echo "$path"
}

venv_make() { # NAME PYTHON3 LOCK "NOTE" PIP-OPTION…
    local folder=$REPRO_HOME/$1 lock=$REPRO_ROOT/requirements/$3
    setup_stage "making a venv, $1, with $2" "$2" -m venv "$folder" || return 3
    setup_pip "$folder/bin/python" || return 3
    setup_fetch "installing $(grep -c '==' "$lock") pinned packages$4" \
        "$folder/bin/python" -m pip install --no-deps --require-hashes --progress-bar off "${@:5}" -r "$lock"
}

any_python() {
    local python    # the environment's last: where REPRO_HOME is another checkout's, so is the program in it
    for python in python3 python2.7 python2 python "$REPRO_HOME/cpu/bin/python"; do
        # -c puts the current folder first on Python's path: a json.py in a work folder would be run.
        if (cd "$REPRO_ROOT" && "$python" -E -s -c 'import json') 2>/dev/null; then echo "$python"; return; fi
    done
    return 1
}

ask_program() {
    local python
    python=$(any_python) || return 0
    (cd "$REPRO_ROOT" && exec "$python" -E -s -B -m repro.ask "$@")
}
