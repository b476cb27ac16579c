#!/usr/bin/env bash
# How do I run it?  Dispatch and usage only; the work is in host/ (outside) and repro/ (inside).
# shellcheck disable=SC2034  # the variables are host/'s, too

# Any sh can read these lines, also macOS's bash of 2007 and a bash on Windows: they say what to type instead.
case ${OSTYPE:-} in
    darwin* | msys* | cygwin*)
        echo 'run.sh: this runs on Linux (x86-64); on a Mac or on Windows, with Docker, in this folder:' >&2
        # shellcheck disable=SC2016  # it is to be typed
        echo '  docker build --platform linux/amd64 -f Dockerfile.cpu -t dogs-vs-cats-2017 . && docker run --rm -v "$PWD/runs:/runs" dogs-vs-cats-2017 demo --work /runs/demo' >&2
        exit 3 ;;
esac
case ${BASH_VERSION:-} in
    '') echo 'run.sh: this is a program for bash, not for sh: ./run.sh, or bash run.sh' >&2; exit 2 ;;
    [0-3].* | 4.[01].*)
        echo "run.sh: bash 4.2 or later is needed, and this is $BASH_VERSION: put a newer one first on PATH" >&2; exit 3 ;;
esac
# A function that the caller's shell exports (cd, rm, which) would replace the command here, and SHELLOPTS, CDPATH or
# BASH_ENV would change what this file does: bash -p ignores all of these. In POSIX mode no function can replace `exec`.
case $- in
    *p*) ;;
    *) POSIXLY_CORRECT=1; exec "$BASH" -p -- "${BASH_SOURCE[0]}" "$@" ;;
esac
set +o posix
CALLER=()       # NAME=VALUE of the caller's variables, which exec passes on: options are kept in variables of the same names
for caller_name in $(compgen -e); do CALLER+=("$caller_name=${!caller_name}"); done
unset POSIXLY_CORRECT CDPATH GLOBIGNORE BASH_ENV ENV BASH_COMPAT EXECIGNORE GREP_OPTIONS
export -n SHELLOPTS BASHOPTS
closed() { # NUMBER: whether the caller closed this stream; bash may then have opened this very file under it
    [ ! -e "/dev/fd/$1" ] || [ "/dev/fd/$1" -ef "${BASH_SOURCE[0]}" ]
}
# A file that is opened later would get the number of a closed stream, and what is printed would go into the file.
! closed 0 || exec </dev/null
! closed 1 || exec >/dev/null
! closed 2 || exec 2>/dev/null
set -eo pipefail
case $BASH_VERSION in 4.[23].*) ;; *) set -u ;; esac    # up to 4.3, -u takes an empty array for an unset one

die() { # STATUS MESSAGE
    echo "run.sh: $2" >&2 || true     # a full disk
    exit "$1"
}

say() { # LINE: prints it; where the reader has closed the pipe, ends without a message
    printf '%s\n' "$1" 2>/dev/null && return
    if [ -p /dev/fd/1 ]; then exit 141; fi     # as SIGPIPE would have it, where the caller ignores that
    die 4 'standard output cannot be written: is its disk full?'
}

[ -n "${HOME:-}" ] || { unset HOME; HOME=~; }         # systemd sets none for a service

absolute() { # OPTION PATH: sets ABSOLUTE. Done before any cd, after which a relative path would mean another place
    case $2 in
        /*) ABSOLUTE=$2 ;;
        \~ | \~/*) ABSOLUTE=$HOME${2#\~} ;;        # after an = no shell has expanded it
        \~*) die 2 "$1 $2: only ~/ is understood here: write the path out (or ./$2 for a folder of that name)" ;;
        *) ABSOLUTE=${PWD%/}/$2 ;;
    esac
}

REPRO_ROOT=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
absolute REPRO_HOME "${REPRO_HOME:-$REPRO_ROOT/.native}"    # the native environment, kept between runs
REPRO_HOME=$ABSOLUTE
export REPRO_ROOT REPRO_HOME

# host/ and its folders: files of functions.  A file that begins with #! is a program of its own.
for part in "$REPRO_ROOT"/host/*.sh "$REPRO_ROOT"/host/*/*.sh; do
    IFS= read -r first <"$part"
    # shellcheck source=/dev/null
    [[ "$first" = '#!'* ]] || source "$part"
done

main() {
    command_line "$@"
    if [ -z "$VERB" ]; then run_help; exit 2; fi
    RUNTIME=${RUNTIME:-${REPRO_RUNTIME:-}}
    if [ -z "$ARCHIVE" ] && [ -n "${REPRO_ARCHIVE:-}" ]; then absolute REPRO_ARCHIVE "$REPRO_ARCHIVE"; ARCHIVE=$ABSOLUTE; fi
    if [ -n "$ARCHIVE" ] && takes "$VERB" --archive; then archive_use; fi
    if declare -F "run_$VERB" >/dev/null; then "run_$VERB"; else program; fi
}

main "$@"
