# shellcheck shell=bash
# The pinned environments: virtualenvs made from requirements/*.txt under $REPRO_HOME, and the way to
# run a command in one so that nothing of the user's own leaks in. Sourced by run.sh; functions only.
# Wants host/setup.sh, host/python/python27.sh and host/python/debian.sh sourced beside it.
#
#   environment_ready VARIANT                  makes $REPRO_HOME/VARIANT (cpu, gpu, lint) if it isn't
#                                              there as the locks say; 0, or 3 after a message
#   environment_python VARIANT                 prints the path of its python
#   environment_run VARIANT HOME_DIR CMD…      becomes CMD (exec), in that environment
#
# $REPRO_HOME: cpu/ gpu/ lint/ the environments; tools/ pip and virtualenv; python27/ or conda/ a
# CPython of our own where none was there; theano/ its compiled code; logs/ what a set-up printed.

environment_python() {
    echo "$REPRO_HOME/$1/bin/python"
}

environment_ready() {
    environment_fresh "$1" && return 0
    if [ -n "${DRY_RUN:-}" ]; then
        echo "# set-up: would make the $1 environment in $REPRO_HOME/$1, from $(environment_locks "$1" | xargs)"
        return 0
    fi
    setup_alone "$1" environment_make "$1"
}

# --- what an environment is made from

environment_locks() { # VARIANT: its locks under $REPRO_ROOT, in the order of installation
    case $1 in
        cpu | gpu) printf '%s\n' requirements/base.txt "requirements/$1.txt" ;;
        lint) echo requirements/lint.txt ;;
        *) echo "no environment is called $1 (cpu, gpu, lint)" >&2; return 3 ;;
    esac
}

environment_inputs() { # VARIANT INTERPRETER: what its stamp changes with
    local locks
    locks=$(environment_locks "$1") || return 3
    printf '%s\n' "$REPRO_ROOT" "$2"
    printf '@%s\n' "${locks//$'\n'/$'\n'@}" requirements/tools.txt requirements/python27-debs.lock host/environment.sh
}

environment_fresh() { # VARIANT: whether it is there, whole, and made from what lies here now
    local interpreter='' asked='' inputs
    { IFS= read -r interpreter; IFS= read -r asked; } 2>/dev/null <"$REPRO_HOME/$1/interpreter" || true
    case ${REPRO_PYTHON27:-} in '' | "$interpreter" | "$asked") ;; *) return 1 ;; esac
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
    # So that the next run need not look for the interpreter, by whichever name it was asked for.
    printf '%s\n' "$python" "${REPRO_PYTHON27:-}" >"$REPRO_HOME/$1/interpreter" || return 3
    setup_say "the $1 environment is ready after $((SECONDS - start)) s"
}

environment_build() { # VARIANT INTERPRETER
    local env=$REPRO_HOME/$1 locks packages
    mapfile -t locks < <(environment_locks "$1")
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

environment_check() { # VARIANT: complete by pip's account, and the compiled parts load on this machine
    local python=$REPRO_HOME/$1/bin/python modules='numpy, scipy.linalg, h5py, pandas, sklearn, PIL.Image, yaml, matplotlib.image, jinja2, babel'
    env "PYTHONPATH=$REPRO_ROOT/host/python/utf8" "$python" -m pip check || return 1
    case $1 in
        lint) "$python" -m flake8 --version ;;
        # tensorflow-gpu can't be imported before CUDA 8's libraries are found.
        gpu) "$python" -c "import $modules" ;;
        cpu) TF_CPP_MIN_LOG_LEVEL=2 "$python" -c "import $modules, tensorflow" ;;
    esac
}

environment_blas() { # ENV: what Theano's C code is linked with
    # Theano's convolutions need a BLAS to link with. numpy's wheel carries one, under a name with a
    # hash; a linker's -lopenblas finds it by a link, and LIBRARY_PATH (below) bears any folder's name.
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
    # The interpreter's own pip, of whatever age, only fetches: Debian's can install nowhere but in
    # ~/.local, and none of an old one's settings matter. A wheel of Python code is installed by unzipping it.
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
    export -n $(compgen -e)
    while [ "$1" != -- ]; do
        unset -v "${1%%=*}"
        export "${1?}"
        shift
    done
    shift
    exec "$@"
}
