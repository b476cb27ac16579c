#!/usr/bin/env bash
# requirements/lock.sh [NAME…]: remakes NAME.txt here from NAME.in; without a name, all of them.
# To change a version, change the .in and run this. The .lock files are not remade: Debian 11 and CUDA 8
# no longer change.
#
# By hand, and not with pip-tools, because a lock here allows just the one file that fits (or one for each
# CPython of bench): pip-compile --generate-hashes allows every file of a version, sources included.
set -euo pipefail
REPRO_ROOT=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
REPRO_HOME=${REPRO_HOME:-$REPRO_ROOT/.native}
[[ "$REPRO_HOME" = /* ]] || REPRO_HOME=$PWD/$REPRO_HOME
export REPRO_ROOT REPRO_HOME
for part in setup python/{python27,debian} environment python/python3; do
    # shellcheck source=/dev/null
    source "$REPRO_ROOT/host/$part.sh"
done
FILES=$(mktemp -d)
trap 'rm -rf "$FILES"' EXIT
cd "$REPRO_ROOT/requirements"

requirements() { # NAME: those of NAME.in
    { ! [ "$1" = tf2-gpu ] || grep -v '^tensorflow-cpu==' tf2.in; cat "$1.in"; } |
        sed -E 's/[[:space:]]*#.*//; /^$/d' | LC_ALL=C sort -f
}

# --- for Python 2.7: fetched one by one, since some are sources

lock_for_27() { # NAME…: these locks, of which the whole is then installed and must satisfy `pip check`
    local name options=(-q --no-deps --require-hashes --no-index)
    for name; do
        [ -d "$FILES/$name" ] || fetch_and_lock "$name"
        options+=(--find-links "$FILES/$name" -r "$name.txt")
    done
    tools_run "$PYTHON" -m virtualenv -q --no-download --no-periodic-update --clear "$FILES/env"
    "$FILES/env/bin/python" -m pip install "${options[@]}"
    "$FILES/env/bin/python" -m pip check >&2
}

fetch_and_lock() { # NAME
    local requirement
    echo "$1.in" >&2
    mkdir "$FILES/$1"
    requirements "$1" | while read -r requirement; do
        tools_run "$PYTHON" -m pip download -q --no-deps --no-cache-dir -d "$FILES/one" "$requirement" >&2
        echo "$requirement --hash=sha256:$(sha256sum "$FILES"/one/* | cut -d' ' -f1)"
        mv "$FILES"/one/* "$FILES/$1/"
    done | finish "$1"
}

# --- wheels: pip of a Python 3 names them without fetching them

lock_wheels() { # NAME PIP-OPTION…: the wheels that pip takes with these options, for each VERSION of Python
    local name=$1 version
    shift
    echo "$name.in" >&2
    requirements "$name" >"$FILES/requirements"
    rm -f "$FILES"/*.json
    for version in "${VERSIONS[@]}"; do
        "$PYTHON3" -m pip install -q --dry-run --ignore-installed --no-deps --only-binary :all: --no-cache-dir \
            --python-version "$version" --target "$FILES/none" --report "$FILES/$version.json" "$@" \
            -r "$FILES/requirements"
    done
    "$PYTHON3" - "$FILES"/*.json <<'PYTHON' | finish "$name"
import collections, json, sys
hashes = collections.defaultdict(set)
for name in sys.argv[1:]:
    with open(name) as f:
        for item in json.load(f)['install']:
            package = '%(name)s==%(version)s' % item['metadata']
            hashes[package].add(item['download_info']['archive_info']['hashes']['sha256'])
for package in sorted(hashes, key=str.lower):
    print(' '.join([package] + ['--hash=sha256:' + digest for digest in sorted(hashes[package])]))
PYTHON
}

finish() { # NAME: stdin becomes NAME.txt
    { echo "# Made from $1.in by requirements/lock.sh; not to be edited."; cat; } >"$FILES/$1.txt"
    mv "$FILES/$1.txt" "$1.txt"
}

lock() { # NAME: for the Pythons of the environment that it belongs to
    local environment pythons locks
    environment=$(environment_of_lock "$1") || { echo "lock.sh: $1 belongs to no environment in environments.txt" >&2; exit 2; }
    pythons=$(environment_field "$environment" pythons)
    read -ra VERSIONS <<<"${pythons%%[+u]*}"
    case $pythons in
        2.7) mapfile -t locks < <(environment_locks "$environment"); lock_for_27 "${locks[@]}" ;;
        *+) lock_wheels "$1" --implementation py --abi none --platform any ;;     # nothing in it may be compiled
        *unpacked) lock_wheels "$1" "${SETUP_BINARIES[@]}" ;;
        *) lock_wheels "$1" ;;
    esac
}

setup_isolate
PYTHON=$(python27_find)
tools_ready "$PYTHON" # by the old tools.txt
"$(venv_python kaggle)" -m venv "$FILES/python3"
PYTHON3=$FILES/python3/bin/python
# shellcheck disable=SC2046  # names of locks
[ $# -gt 0 ] || set -- $(for name in $(environment_names); do environment_field "$name" locks; done)
for name; do lock "$name"; done
