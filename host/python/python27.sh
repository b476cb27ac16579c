# shellcheck shell=bash
# Finds a CPython 2.7 that the pinned wheels work with.
#
#   python27_find           prints the path of a usable interpreter; 3 with one message if there is none
#   python27_probe EXE      prints EXE's own path if it is usable; else 1, with the reason on stderr

python27_probe() {
    # -E -s: neither PYTHON* variables nor the user's own site may decide what is usable.
    local path
    path=$("$1" -E -s -c '
import sys
if sys.version_info[:2] != (2, 7): sys.exit("it is Python %d.%d, not 2.7" % sys.version_info[:2])
import os, platform
if platform.python_implementation() != "CPython": sys.exit("it is not CPython")
if platform.machine() != "x86_64" or sys.maxsize < 2 ** 32: sys.exit("it is not built for x86-64")
if sys.maxunicode != 0x10ffff: sys.exit("it is a narrow (UCS-2) build; the wheels need UCS-4")
for name in "zlib", "ssl", "ctypes":
    try: __import__(name)
    except ImportError as e: sys.exit("it cannot import %s (%s)" % (name, e))
import ctypes
if not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"): sys.exit("its C library is not glibc, which the wheels need")
print(os.path.abspath(sys.executable))' </dev/null) || return 1
    [ -n "$path" ] || { echo "it runs, but not Python" >&2; return 1; }
    echo "$path"
}

python27_find() {
    local exe answer status=0
    if [ -n "${REPRO_PYTHON27:-}" ]; then
        # The user named this one: if it can't be used, say so rather than take another.
        if ! type -P "$REPRO_PYTHON27" >/dev/null; then answer='there is no such program'
        elif answer=$(python27_probe "$REPRO_PYTHON27" 2>&1); then echo "$answer"; return 0; fi
        answer=${answer%%$'\n'*}
        echo "REPRO_PYTHON27=$REPRO_PYTHON27 cannot be used: ${answer:-it does not start}" >&2
        return 3
    fi
    while IFS= read -r exe; do
        python27_probe "$exe" 2>/dev/null && return 0
    done < <(python27_candidates)
    python27_conda && return 0
    debian_python || status=$?
    [ $status -ne 1 ] || python27_none
    [ $status -eq 0 ] || return 3
}

python27_candidates() { # those that are installed already, best first
    # A pyenv shim is on PATH even where no version is chosen: then it doesn't start, and is passed over.
    type -aP python2.7 || true
    # The newest of pyenv's own first.
    printf '%s\n' "${PYENV_ROOT:-$HOME/.pyenv}"/versions/2.7*/bin/python2.7 | sort -rV
}

python27_conda() { # an environment of our own, if there is a conda or a relative of it to make one
    local name tool python=$REPRO_HOME/conda/env/bin/python2.7
    made_already conda && python27_probe "$python" 2>/dev/null && return 0
    for name in "${MAMBA_EXE:-}" micromamba mamba "${CONDA_EXE:-}" conda; do
        if tool=$(type -P "$name") && made conda -- python27_conda_make "$tool"; then
            python27_probe "$python" && return 0
        fi
    done
    return 1
}

python27_conda_make() { # TOOL
    # Only the channel's name is given: where it is served from is the tool's own setting.
    setup_stage "making a Python 2.7 with ${1##*/}" \
        "$1" create -y -q -p "$REPRO_HOME/conda/env" -c conda-forge python=2.7 pip
}

python27_none() {
    cat >&2 <<'END'
No usable CPython 2.7 (x86-64, glibc, UCS-4, with ssl) was found or could be made: name one with REPRO_PYTHON27=/path/to/python2.7, or have
pyenv install 2.7.18, conda or micromamba on PATH, Debian 11's packages (docs/environment.md), or --runtime docker or podman.
END
}
