# shellcheck shell=bash
# A Python 3 of the machine's, for what runs beside the article, and the environments made with one.
#
#   python3_find OLDEST [NEWEST]   prints the path of a CPython of these versions (3.11) that can make a
#                                  venv; else 1
#   venv_python NAME               the same for this environment of requirements/environments.txt
#   venv_needs NAME                says which Python that environment needs
#   venv_ready NAME [PYTHON3]      makes $REPRO_HOME/NAME, and what it stands on; 0, or 3 after a message
#   any_python                     prints an installed Python, 2 or 3, for code that needs the standard library alone; else 1
#   ask_program ARGUMENT…          what repro/ask.py answers, on any Python; nothing where there is none

python3_find() {
    local exe
    while IFS= read -r exe; do
        python3_probe "$exe" "$@" && return 0
    done < <(python3_candidates)
    return 1
}

python3_candidates() { # the one that REPRO_PYTHON3 names, or none; else those on PATH, then pyenv's
    if [ -n "${REPRO_PYTHON3:-}" ]; then echo "$REPRO_PYTHON3"; return; fi
    type -aP python3 python3.{11..19} || true
    printf '%s\n' "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python3
}

python3_probe() { # EXE OLDEST [NEWEST]: prints its own path if it fits
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

venv_bounds() { # NAME: the oldest Python 3 that its row allows, and the newest unless any later one will do
    local pythons
    pythons=$(environment_field "$1" pythons) || return
    case $pythons in *+) echo "${pythons%+}" ;; *) echo "${pythons%% *} ${pythons##* }" ;; esac
}

venv_python() { # NAME
    # shellcheck disable=SC2046  # two words
    python3_find $(venv_bounds "$1")
}

venv_needs() { # NAME: for after "needs a" or "no"
    local oldest newest
    read -r oldest newest < <(venv_bounds "$1")
    [ -n "$newest" ] && newest="to $newest" || newest='or later'
    echo "CPython $oldest $newest with venv (REPRO_PYTHON3=/path/to/python3; Debian: python3-venv)"
}

venv_ready() {
    local python=${2:-} on inputs
    [ -n "$python" ] || python=$(venv_python "$1") || { setup_say "$1 needs a $(venv_needs "$1")"; return 3; }
    on=$(environment_field "$1" on)
    [ -z "$on" ] || venv_ready "$on" "$python" || return 3
    inputs=$(environment_inputs "$1" "$python") || return 3
    mapfile -t inputs <<<"$inputs"
    made "$1" "${inputs[@]}" -- venv_make "$1" "$python"
}

venv_make() { # NAME PYTHON3
    local folder=$REPRO_HOME/$1 size on locks options=(--only-binary :all:)
    size=$(environment_field "$1" size)
    on=$(environment_field "$1" on)
    read -ra locks <<<"$(environment_field "$1" locks)"
    locks=("${locks[@]/#/$REPRO_ROOT/requirements/}")
    locks=("${locks[@]/%/.txt}")
    [ -z "$size" ] || options+=(--no-cache-dir --no-compile)
    setup_stage "making a venv, $1, with $2" "$2" -m venv "$folder" || return 3
    setup_pip "$folder/bin/python" || return 3
    setup_fetch "installing $(cat "${locks[@]}" | grep -c '==') pinned packages${size:+ ($size)}" \
        "$folder/bin/python" -m pip install --no-deps --require-hashes --progress-bar off "${options[@]}" "${locks[@]/#/-r}" || return 3
    [ -z "$on" ] || (cd "$REPRO_HOME/$on" && echo "$PWD"/lib/python3*/site-packages) \
        >"$(echo "$folder"/lib/python3*/site-packages)/$on.pth" || return 3
    setup_stage 'checking them' environment_check "$1"
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
