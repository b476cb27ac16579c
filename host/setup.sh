# shellcheck shell=bash
# How everything in $REPRO_HOME is made: once, whole or not at all, by one set-up at a time.
#
#   made NAME INPUT… -- CMD…    makes $REPRO_HOME/NAME with CMD unless it is there, whole, and made from
#                               these inputs; 0, or 3 after a message
#   made_already NAME INPUT…    whether that is so
#   setup_stage TEXT CMD…       one line about a part of a set-up; what CMD prints goes to the log
#   perform CMD…, become CMD…   run CMD; with --dry-run they only print it
#
# An input is a text, or @FILE: what is in $REPRO_ROOT/FILE. Folders are made where they stay, because a
# virtualenv, an environment of conda's and Debian's patched Python hold their own path. A folder is
# whole when it has its stamp: the old stamp is removed first, the new one is written last. A set-up that is
# killed leaves a folder without a stamp, and the next one makes it again.

made() {
    local name=$1 inputs=() stamp
    shift
    while [ "$1" != -- ]; do inputs+=("$1"); shift; done
    shift
    made_already "$name" "${inputs[@]}" && return 0
    if [ -n "${DRY_RUN:-}" ]; then
        echo "# set-up: would make $REPRO_HOME/$name"
        return 0
    fi
    stamp=$(made_stamp "$name" "${inputs[@]}") || return 3
    setup_alone "$name" made_now "$name" "$stamp" "$@"
}

made_already() { # NAME INPUT…
    local stamp
    stamp=$(made_stamp "$@") && [ "$(cat "$REPRO_HOME/$1/stamp" 2>/dev/null)" = "$stamp" ]
}

made_stamp() { # NAME INPUT…: one line that changes with the folder's path and with any input
    local input
    {
        printf '%s\n' "$REPRO_HOME/$1"
        for input in "${@:2}"; do
            case $input in
                @*) cat "$REPRO_ROOT/${input#@}" || return 3 ;;
                *) printf '%s\n' "$input" ;;
            esac
        done
    } | sha256sum | cut -d' ' -f1
}

made_now() { # NAME STAMP CMD…; runs in setup_alone
    local folder=$REPRO_HOME/$1 stamp=$2
    [ "$(cat "$folder/stamp" 2>/dev/null)" != "$stamp" ] || return 0    # another run has just made it
    setup_fresh_folder "$folder" || return 3
    "${@:3}" || return 3
    # The stamp must not reach the disk before what it vouches for.
    sync -f "$folder" 2>/dev/null || true
    printf '%s\n' "$stamp" >"$folder/stamp.part" && mv "$folder/stamp.part" "$folder/stamp"
}

marked_folder() { # PATH in $REPRO_HOME: makes it, unless it is there, with the mark by which clean knows this program's folders
    [ -d "$1" ] || { mkdir -p "$1" && : >"$1/.repro"; }
}

setup_fresh_folder() { # FOLDER: makes it, or empties it if this program made it
    if [ -e "$1" ] && [ ! -e "$1/.repro" ] && [ -n "$(ls -A "$1" 2>/dev/null)" ]; then
        setup_say "$1 exists and was not made by this program: move it away, or set REPRO_HOME to another folder"
        return 3
    fi
    # The mark stays throughout: without it, a set-up that is killed here could not clear its own folder.
    # What was fetched stays, too (debs/: Debian's packages): its hashes are checked again.
    mkdir -p "$1" && : >"$1/.repro" && rm -f "$1/stamp" &&
        find "$1" -mindepth 1 -maxdepth 1 ! -name .repro ! -name debs ! -name archives -exec rm -rf {} +
}

# --- a set-up's surroundings

setup_alone() { # NAME CMD…: runs CMD as the only set-up in $REPRO_HOME, logged in logs/setup-NAME.log; 0 or 3
    local log=$REPRO_HOME/logs/setup-${1//\//-}.log
    shift
    if [ -n "${SETUP_ALONE:-}" ]; then "$@"; return; fi     # part of another one
    if ! { marked_folder "$REPRO_HOME/logs" && : >>"$REPRO_HOME/lock"; } 2>/dev/null; then
        setup_say "cannot write in $REPRO_HOME: set REPRO_HOME to a folder of your own"
        return 3
    fi
    if ! is_utf8 "$REPRO_ROOT$REPRO_HOME"; then
        setup_say "$(printf %q "$REPRO_HOME"), or this checkout's path, is not UTF-8, which Python's packages need: rename it"
        return 3
    fi
    setup_can_execute || return 3
    (
        if type -P flock >/dev/null && { flock -n 9 2>/dev/null; [ $? -eq 1 ]; }; then    # else it can't be locked
            setup_say "another run is setting up in $REPRO_HOME: waiting for it"
            flock 9
        fi
        setup_logged "$log" "$@"
    ) 9>>"$REPRO_HOME/lock" || return 3
}

is_utf8() { # TEXT: as far as this machine can tell
    ! type -P iconv >/dev/null || iconv -f UTF-8 -t UTF-8 <<<"$1" >/dev/null 2>&1
}

setup_can_execute() { # 3 with a line if no program can be started in $REPRO_HOME, which would later look like a broken package
    local try=$REPRO_HOME/.try-$BASHPID status=0
    printf '#!/bin/sh\n' 2>/dev/null >"$try" && chmod +x "$try" && "$try" 2>/dev/null || status=$?
    rm -f "$try"
    [ "$status" -eq 126 ] || return 0
    setup_say "no program can be started in $REPRO_HOME (mounted noexec?): set REPRO_HOME to a folder on another file system"
    return 3
}

setup_logged() { # LOG CMD…
    local SETUP_ALONE=1 SETUP_LOG=$1
    : >"$SETUP_LOG" || return 3
    setup_isolate
    "${@:2}"
}

setup_say() {
    echo "set-up: $*" >&2
}

setup_stage() { # TEXT CMD…: one line with the seconds it took; 0, or 3 and the log's last lines
    local text=$1 start=$SECONDS heading
    shift
    printf 'set-up: %s … ' "$text" >&2
    printf '== %s\n' "$text" >>"$SETUP_LOG"
    heading=$(wc -l <"$SETUP_LOG")
    if "$@" </dev/null >>"$SETUP_LOG" 2>&1; then
        echo "$((SECONDS - start)) s" >&2
        return 0
    fi
    echo "failed after $((SECONDS - start)) s. The log's last lines:" >&2
    tail -n "+$((heading + 1))" "$SETUP_LOG" | tail -n 12 | cut -c1-300 | sed 's/^/    /' >&2
    setup_say "the whole log: $SETUP_LOG"
    return 3
}

setup_fetch() { # TEXT CMD…: a stage that asks the package index; if it fails, says where packages come from
    setup_stage "$@" && return 0
    setup_say "packages come from the index that pip is set up for (pip.conf, PIP_INDEX_URL, PIP_CERT, https_proxy), or from a folder (PIP_FIND_LINKS)"
    return 3
}

setup_isolate() { # ignores the user's Python settings; setup_pip takes over where packages come from
    local name
    for name in ${!PYTHON@} ${!VIRTUALENV_@} LD_LIBRARY_PATH LD_PRELOAD; do unset "$name"; done
    export PYTHONNOUSERSITE=1 VIRTUALENV_CONFIG_FILE=/dev/null
}

# --- pip, of any Python

# With these, pip of a 2.7 fetches binaries in wheels that are labelled for a Python 3 but need none.
# shellcheck disable=SC2034  # host/engines.sh, .ci/lint and requirements/lock.sh use it
SETUP_BINARIES=(--only-binary :all: --python-version 3.11 --implementation cp --abi cp311 --abi abi3
    --platform manylinux_2_28_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64)

setup_pip() { # PYTHON: from here on pip knows where packages come from, and no other setting of this machine; 0 or 3
    local settings line name
    settings=$("$1" -E -s -B "$REPRO_ROOT/host/python/pip_sources.py" 2>&1 </dev/null) || { setup_say "$settings"; return 3; }
    for name in ${!PIP_@}; do unset "$name"; done
    while IFS= read -r line; do [ -z "$line" ] || export "${line?}"; done <<<"$settings"
    export PIP_CONFIG_FILE=/dev/null PIP_NO_PYTHON_VERSION_WARNING=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
    # pip trusts the certificates that it is given, else the machine's.
    [ -z "${PIP_CERT:-}${REQUESTS_CA_BUNDLE:-}${CURL_CA_BUNDLE:-}" ] || return 0
    if name=$(setup_ca_bundle); then export PIP_CERT=$name; fi
}

setup_pip_path() { # PYTHON: prints the PYTHONPATH under which `PYTHON -m pip` works (empty: as it is); 1: it has none
    # Where pip is not installed, its wheel lies in ensurepip, or in Debian's share/python-wheels
    # (there in parts): a wheel on PYTHONPATH is importable, so nothing is installed to run it.
    "$1" -E -s -c '
import glob, os, sys
try: import pip
except ImportError:
    wheels = glob.glob(sys.prefix + "/share/python-wheels/*.whl")
    if not [w for w in wheels if os.path.basename(w).startswith("pip-")]:
        try: import ensurepip
        except ImportError: sys.exit(1)
        wheels = glob.glob(os.path.dirname(ensurepip.__file__) + "/_bundled/*.whl")
    if not wheels: sys.exit(1)
    print(os.pathsep.join(wheels))' </dev/null
}

setup_ca_bundle() { # prints the machine's CA bundle, or the one that came with Debian's packages
    local file
    for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem \
        /etc/ssl/cert.pem "$REPRO_HOME/python27/ca.crt"; do
        [ ! -s "$file" ] || { echo "$file"; return 0; }
    done
    return 1
}

# --- running a command

can_start_processes() { # 4 with a line if a job's limit allows too few processes: later the cause would not show
    # A good environment would look stale, and be made again. 8: as many as a set-up has at once.
    (
        for _ in 1 2 3 4 5 6 7 8; do sleep 1 & done
        # shellcheck disable=SC2046
        kill $(jobs -p) && { wait || true; }
    ) 2>/dev/null && return 0
    die 4 'fewer than 8 processes at once may be started here: raise the limit (ulimit -u, or the job'\''s or container'\''s: --pids)'
}

perform() { # CMD…: runs it; with --dry-run only prints it
    if [ -n "${DRY_RUN:-}" ]; then say "$(printf '%q ' "$@")"; else "$@"; fi
}

become() { # CMD…: this process becomes it (exec); with --dry-run it is only printed
    perform exec "$@"
    exit
}
