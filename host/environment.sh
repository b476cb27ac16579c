# shellcheck shell=bash
# What requirements/environments.txt says; the environments of Python 2.7, which are virtualenvs made from it under
# $REPRO_HOME (those of Python 3: host/python/python3.sh); and the way to run a command in one so that nothing of
# the user's own leaks in.
#
#   environment_field NAME FIELD               prints what the table says of this environment; 1 where there is none
#   environment_locks NAME                     the locks that are installed in it, in this order
#   environment_needs NAME…                    every lock that making these takes
#   environment_inputs NAME INTERPRETER        what its stamp depends on, for `made`
#   environment_check NAME                     whether it works, by the column `shows` of the table
#   environment_ready VARIANT                  makes $REPRO_HOME/VARIANT (cpu, gpu, lint) if it isn't
#                                              there as the locks say; 0, or 3 after a message
#   environment_python VARIANT                 prints the path of its python
#   environment_run VARIANT HOME_DIR CMD…      becomes CMD (exec), in that environment
#
# $REPRO_HOME: a folder for each environment; python27/ or conda/ a CPython of our own where none was there;
# theano/ its compiled code; logs/ what a set-up printed.

# The environments of Python 2.7 depend on these, too.
ENVIRONMENT_FILES=(requirements/tools.txt requirements/python27-debs.lock host/environment.sh)

environment_python() {
    echo "$REPRO_HOME/$1/bin/python"
}

environment_ready() {
    environment_fresh "$1" && return 0
    if [ -n "${DRY_RUN:-}" ]; then
        echo "# set-up: would make the $1 environment in $REPRO_HOME/$1, from $(environment_files "$1" | xargs)"
        return 0
    fi
    setup_alone "$1" environment_make "$1"
}

# --- the table

environment_field() { # NAME FIELD (one of the names below): prints it, or nothing where the table has `-`; 1: no such row
    local name pythons locks on archive size purpose shows value
    # shellcheck disable=SC2034  # FIELD names one of them
    while IFS='|' read -r name pythons locks on archive size purpose shows; do
        [ "${name%% *}" = "$1" ] && [ -n "$shows" ] || continue
        read -r value <<<"${!2}"        # without the spaces around it
        [ "$value" = - ] || echo "$value"
        return
    done <"$REPRO_ROOT/requirements/environments.txt"
    return 1
}

environment_names() { # every environment's, in the order of the table
    sed -n 's/^\([^# ][^ ]*\) *|.*/\1/p' "$REPRO_ROOT/requirements/environments.txt"
}

environment_of_lock() { # LOCK: the environment that it belongs to; 1 if to none
    local name
    for name in $(environment_names); do
        [[ " $(environment_field "$name" locks) " != *" $1 "* ]] || { echo "$name"; return; }
    done
    return 1
}

environment_chain() { # NAME: what it stands on, then itself; 3 after a line where there is no such row
    local on
    on=$(environment_field "$1" on) || { echo "no environment is called $1 (requirements/environments.txt)" >&2; return 3; }
    [ -z "$on" ] || environment_chain "$on" || return
    echo "$1"
}

environment_locks() { # NAME
    local names name
    names=$(environment_chain "$1") || return
    for name in $names; do environment_field "$name" locks | tr ' ' '\n'; done
}

environment_files() { # NAME: the same, as files below $REPRO_ROOT
    environment_locks "$1" | sed 's,.*,requirements/&.txt,'
}

environment_needs() { # NAME…
    local name
    for name; do
        # Environments of Python 2.7 are made by pip and virtualenv in tools; that pip also fetches what is unpacked.
        case $(environment_field "$name" pythons) in 2.7 | *unpacked) environment_locks tools ;; esac
        environment_locks "$name"
    done | awk '!seen[$0]++'
}

environment_inputs() { # NAME INTERPRETER: the other rows of the table, and what this one says it is for, change no stamp
    local names name
    names=$(environment_chain "$1") || return
    echo "$2"
    for name in $names; do echo "$name|$(environment_field "$name" locks)|$(environment_field "$name" shows)"; done
    environment_files "$1" | sed 's,^,@,'
    [ "$(environment_field "$1" pythons)" != 2.7 ] || printf '%s\n' "$REPRO_ROOT" "${ENVIRONMENT_FILES[@]/#/@}"
}

environment_check() ( # NAME
    local names name python=$REPRO_HOME/$1/bin/python word modules='' settings=(TF_CPP_MIN_LOG_LEVEL=2 KERAS_HOME=/dev/null)
    names=$(environment_chain "$1") || exit
    cd "$REPRO_HOME/$1" || exit         # -c imports from the current folder first
    for word in $(for name in $names; do environment_field "$name" shows; done); do
        case $word in
            pip) env "PYTHONPATH=$REPRO_ROOT/host/python/utf8" "$python" -m pip check || exit 1 ;;
            *=*) settings+=("$word") ;;
            *) modules+=", $word" ;;
        esac
    done
    [ -z "$modules" ] || env "${settings[@]}" "$python" -E -s -c "import ${modules:2}"
)

environment_fresh() { # VARIANT: whether it is there, whole, and made from what lies here now
    local interpreter='' requested='' inputs
    { IFS= read -r interpreter; IFS= read -r requested; } 2>/dev/null <"$REPRO_HOME/$1/interpreter" || true
    case ${REPRO_PYTHON27:-} in '' | "$interpreter" | "$requested") ;; *) return 1 ;; esac
    [ -x "$interpreter" ] && [ -x "$REPRO_HOME/$1/bin/python" ] || return 1
    inputs=$(environment_inputs "$1" "$interpreter") || return 1
    mapfile -t inputs <<<"$inputs"
    made_already "$1" "${inputs[@]}"
}

# --- making one

environment_make() { # VARIANT; runs in setup_alone
    local python inputs start=$SECONDS
    environment_fresh "$1" && return 0     # another run has just made it
    case $REPRO_HOME in *:*) setup_say "no environment can live in a path with a colon: set REPRO_HOME"; return 3 ;; esac
    setup_say "making the $1 environment in $REPRO_HOME/$1 (once; log: $SETUP_LOG)"
    python=$(python27_find) || return 3
    setup_say "with $python"
    tools_ready "$python" || return 3
    inputs=$(environment_inputs "$1" "$python") || return 3
    mapfile -t inputs <<<"$inputs"
    [ -x "$REPRO_HOME/$1/bin/python" ] || rm -f "$REPRO_HOME/$1/stamp"
    made "$1" "${inputs[@]}" -- environment_build "$1" "$python" || return 3
    # So that the next run need not look for the interpreter again. The second line: how the user named it.
    printf '%s\n' "$python" "${REPRO_PYTHON27:-}" >"$REPRO_HOME/$1/interpreter" || return 3
    setup_say "the $1 environment is ready after $((SECONDS - start)) s"
}

environment_build() { # VARIANT INTERPRETER
    local env=$REPRO_HOME/$1 locks packages
    mapfile -t locks < <(environment_files "$1")
    packages=$(cd "$REPRO_ROOT" && cat "${locks[@]}" | grep -c '==')
    setup_stage "making a virtualenv" tools_run "$2" -m virtualenv -q --no-download --no-periodic-update \
        --app-data "$REPRO_HOME/tools/app-data" "$env" || return 3
    setup_fetch "installing $packages pinned packages" env "PYTHONPATH=$REPRO_ROOT/host/python/utf8" \
        "$env/bin/python" -m pip install --no-deps --require-hashes \
        --progress-bar off "${locks[@]/#/-r$REPRO_ROOT/}" || return 3
    setup_stage "checking them" environment_check "$1" || return 3
    [ "$1" != lint ] || return 0
    environment_blas "$env" || return 3
    # The program's own package, and its changes to Keras in every python started there.
    printf '%s\nimport repro.keras_seams\n' "$REPRO_ROOT" >"$env/lib/python2.7/site-packages/repro.pth"
}

environment_blas() { # ENV: what Theano's C code is linked with
    # Theano's convolutions need a BLAS to link with. numpy's wheel carries one, under a name with a
    # hash; a linker's -lopenblas finds it by a link, and LIBRARY_PATH (below) works with any folder's name.
    local env=$1 library
    mkdir -p "$env/lib/blas" || return 1
    for library in "$env"/lib/python2.7/site-packages/numpy/.libs/*.so*; do
        ln -sf "../python2.7/site-packages/numpy/.libs/${library##*/}" "$env/lib/blas/" || return 1
        case $library in */libopenblas*) ln -sf "${library##*/}" "$env/lib/blas/libopenblas.so" || return 1 ;; esac
    done
    # Where g++ is but Python's headers are not, importing Theano fails; without a compiler it does not.
    if "$env/bin/python" -c 'import distutils.sysconfig as s, os, sys
sys.exit(not os.path.exists(os.path.join(s.get_python_inc(), "Python.h")))'
    then echo 'blas.ldflags=-lopenblas'; else echo 'cxx='; fi >"$env/theano.flags"
}

# --- pip and virtualenv, beside the interpreter: nothing is installed into it

tools_ready() { # INTERPRETER
    setup_pip "$1" &&
        made tools "$1" @requirements/tools.txt -- setup_fetch "fetching pip and virtualenv" tools_make "$1"
}

tools_run() { # INTERPRETER ARGUMENT…: runs it with the tools importable
    env PYTHONPATH="$REPRO_ROOT/host/python/utf8:$REPRO_HOME/tools/lib" "$@"
}

tools_make() { # INTERPRETER
    local tools=$REPRO_HOME/tools lock=$REPRO_ROOT/requirements/tools.txt wheel pip
    grep -E '^(pip|setuptools|wheel)==' "$lock" >"$tools/first.txt"
    grep -vE '^(#|pip==|setuptools==|wheel==)' "$lock" >"$tools/rest.txt"
    # The interpreter's own pip, of any age, only fetches: Debian's installs into ~/.local alone, and an old
    # pip's settings then do not matter. A wheel of Python code is installed by unzipping it.
    if ! pip=$(setup_pip_path "$1"); then
        "$1" -E -s -B "$REPRO_ROOT/host/python/fetch_pip.py" "$tools/first.txt" "$tools/pip" || return 1
        pip=$(printf '%s:' "$tools"/pip/*.whl)
    fi
    env PYTHONPATH="$REPRO_ROOT/host/python/utf8:$pip" \
        "$1" -m pip download --no-deps --require-hashes -d "$tools/wheels" -r "$tools/first.txt" || return 1
    for wheel in "$tools"/wheels/*.whl; do
        "$1" -m zipfile -e "$wheel" "$tools/lib" || return 1
    done
    tools_run "$1" -m pip install --no-deps --require-hashes --progress-bar off --no-warn-script-location \
        --target "$tools/lib" -r "$tools/rest.txt"
}

# --- running a command

environment_run() {
    local variant=$1 home=$2 env=$REPRO_HOME/$1 name settings
    shift 2
    if [ -z "${DRY_RUN:-}" ]; then
        # REPRO_HOME may be read-only. Matplotlib's list of fonts lies in home/ even where HOME does not (repro/report/figures.py).
        marked_folder "$REPRO_HOME/home" 2>/dev/null || true
        [ ! -f "$env/theano.flags" ] || marked_folder "$REPRO_HOME/theano" 2>/dev/null || true
    fi
    perform mkdir -p "$home" || return 3
    settings=("PATH=$env/bin:$PATH" "HOME=$home" LC_ALL=C.UTF-8 PYTHONIOENCODING=utf-8 PYTHONNOUSERSITE=1
        MPLBACKEND=Agg "TF_CPP_MIN_LOG_LEVEL=${TF_CPP_MIN_LOG_LEVEL:-2}")
    # Old OpenBLAS builds need OPENBLAS_CORETYPE on some processors.
    for name in TERM TZ TMPDIR SSL_CERT_FILE SSL_CERT_DIR OMP_NUM_THREADS OPENBLAS_CORETYPE OPENBLAS_L2_SIZE \
        OPENBLAS_NUM_THREADS CUDA_VISIBLE_DEVICES http_proxy https_proxy no_proxy all_proxy HTTP_PROXY HTTPS_PROXY \
        NO_PROXY ALL_PROXY $(compgen -e REPRO_); do
        [ -z "${!name+set}" ] || settings+=("$name=${!name}")
    done
    # CUDA 8's libraries are found by the loader's path; the CPU environment needs nothing of the host's.
    [ "$variant" != gpu ] || [ -z "${LD_LIBRARY_PATH:-}" ] || settings+=("LD_LIBRARY_PATH=$LD_LIBRARY_PATH")
    if [ -z "${SSL_CERT_FILE:-}${SSL_CERT_DIR:-}" ] && name=$(setup_ca_bundle); then settings+=("SSL_CERT_FILE=$name"); fi
    settings+=("REPRO_ENGINES=${REPRO_ENGINES-$REPRO_HOME/engines}")
    if [ -f "$env/theano.flags" ]; then # one compiled-code folder per environment as made
        read -r name <"$env/stamp"
        settings+=("THEANO_FLAGS=base_compiledir=\"$REPRO_HOME/theano/$variant-${name:0:12}\",$(<"$env/theano.flags")"
            "LIBRARY_PATH=$env/lib/blas")
    fi
    if [ -n "${PASSED[*]:-}" ] && [ -z "${DRY_RUN:-}" ]; then environment_pass "${PASSED[@]}" -- env "${settings[@]}" "$@"; fi
    [ -z "${PASSED[*]:-}" ] || say "# and ${#PASSED[@]} variables of your shell's own"
    become env -i "${settings[@]}" "$@"
}

environment_pass() { # NAME=VALUE… -- CMD…: becomes CMD with these variables alone
    # Not as arguments of env, which every user of the machine can list.  A name may be that of a variable here, so
    # nothing is used from here on but the arguments.
    # shellcheck disable=SC2046  # names
    export -n $(compgen -e)
    while [ "$1" != -- ]; do
        unset -v "${1%%=*}"
        export "${1?}"
        shift
    done
    shift
    exec "$@"
}
