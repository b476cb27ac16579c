# shellcheck shell=bash
# The pinned environments: virtualenvs made from requirements/*.txt under $REPRO_HOME, and the way to
# run a command in one so that nothing of the user's own leaks in. Sourced by run.sh; functions only.
# Wants REPRO_HOME and REPRO_ROOT, and host/python27.sh and host/debian.sh sourced beside it.
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
    local variant=$1 env=$REPRO_HOME/$1 status=0
    environment_fresh "$variant" && return 0
    if [ -n "${DRY_RUN:-}" ]; then
        echo "# set-up: would make the $variant environment in $env, from $(environment_locks "$variant" | xargs)"
        return 0
    fi
    if ! mkdir -p "$REPRO_HOME/logs" || ! : >>"$REPRO_HOME/lock"; then
        echo "set-up: cannot write in $REPRO_HOME: set REPRO_HOME to a folder of your own" >&2
        return 3
    fi
    ( # one set-up at a time: a second one waits, and then finds it done
        if type -P flock >/dev/null && ! flock -n 9; then
            setup_say "another run is setting up in $REPRO_HOME: waiting for it"
            flock 9
        fi
        environment_fresh "$variant" || environment_make "$variant"
    ) 9>>"$REPRO_HOME/lock" || status=3
    return $status
}

# --- what an environment was made from

environment_locks() { # VARIANT: its locks, in the order of installation
    case $1 in
        cpu | gpu) printf '%s\n' "$REPRO_ROOT/requirements/base.txt" "$REPRO_ROOT/requirements/$1.txt" ;;
        lint) printf '%s\n' "$REPRO_ROOT/requirements/lint.txt" ;;
        *) echo "no environment is called $1 (cpu, gpu, lint)" >&2; return 3 ;;
    esac
}

environment_stamp() { # VARIANT INTERPRETER: one line that changes with anything it is made from
    local locks requirements=$REPRO_ROOT/requirements
    locks=$(environment_locks "$1") || return 3
    mapfile -t locks <<<"$locks"
    { printf '%s\n' "$REPRO_ROOT" "$REPRO_HOME" "$2"
      cat "${locks[@]}" "$requirements/tools.txt" "$requirements/python27-debs.lock" "$REPRO_ROOT/host/environment.sh"
    } | sha256sum
}

environment_fresh() { # VARIANT: whether it is there, whole, and made from what lies here now
    local stamp='' interpreter='' asked='' env=$REPRO_HOME/$1
    [ -f "$env/stamp" ] && [ -x "$env/bin/python" ] || return 1
    { IFS= read -r stamp; IFS= read -r interpreter; IFS= read -r asked; } <"$env/stamp" || true
    case ${REPRO_PYTHON27:-} in '' | "$interpreter" | "$asked") ;; *) return 1 ;; esac
    [ -x "$interpreter" ] && [ "$stamp" = "$(environment_stamp "$1" "$interpreter")" ]
}

# --- making one

environment_make() { # VARIANT; runs in a subshell of environment_ready
    local variant=$1 env=$REPRO_HOME/$1 python locks packages begun=$SECONDS
    SETUP_LOG=$REPRO_HOME/logs/setup-$variant.log
    : >"$SETUP_LOG" || return 3
    locks=$(environment_locks "$variant") || return 3
    mapfile -t locks <<<"$locks"
    case $REPRO_HOME in *:*) setup_say "no environment can live in a path with a colon: set REPRO_HOME"; return 3 ;; esac
    setup_isolate
    setup_say "making the $variant environment in $env (once; log: $SETUP_LOG)"
    python=$(python27_find) || return 3
    setup_say "with $python"
    setup_pip "$python" || return 3
    tools_ready "$python" || return 3
    setup_fresh_folder "$env" || return 3
    setup_stage "making a virtualenv" tools_run "$python" -m virtualenv -q --no-download --no-periodic-update \
        --app-data "$REPRO_HOME/tools/app-data" "$env" || return 3
    packages=$(cat "${locks[@]}" | grep -c '==')
    setup_stage "installing $packages pinned packages" environment_install "$variant" "${locks[@]}" || { setup_hint; return 3; }
    setup_stage "checking them" environment_check "$variant" || return 3
    environment_finish "$variant" "$python" || return 3
    setup_say "the $variant environment is ready after $((SECONDS - begun)) s"
}

environment_install() { # VARIANT LOCK…
    local variant=$1 lock options=(--no-deps --require-hashes --progress-bar off)
    shift
    for lock; do options+=(-r "$lock"); done
    # The shellcheck wheel is a binary with a Python 3 label; its bytes are pinned like all others.
    [ "$variant" != lint ] || options+=(--ignore-requires-python)
    "$REPRO_HOME/$variant/bin/python" -m pip install "${options[@]}"
}

environment_check() { # VARIANT: complete by pip's account, and the compiled parts load on this machine
    local python=$REPRO_HOME/$1/bin/python modules='numpy, scipy.linalg, h5py, pandas, sklearn, PIL.Image, yaml, matplotlib.image, jinja2'
    "$python" -m pip check || return 1
    case $1 in
        lint) "$python" -m flake8 --version && "$REPRO_HOME/lint/bin/shellcheck" --version ;;
        # tensorflow-gpu can't be imported before CUDA 8's libraries are found.
        gpu) "$python" -c "import $modules" ;;
        cpu) TF_CPP_MIN_LOG_LEVEL=2 "$python" -c "import $modules, tensorflow" ;;
    esac
}

environment_finish() { # VARIANT INTERPRETER: our own parts, and last of all the stamp
    local env=$REPRO_HOME/$1 stamp
    if [ "$1" != lint ]; then
        environment_blas "$env" || return 1
        # The program's own package, and its seams in every python started there.
        printf '%s\nimport repro.keras_seams\n' "$REPRO_ROOT" >"$env/lib/python2.7/site-packages/repro.pth" || return 1
    fi
    stamp=$(environment_stamp "$1" "$2") || return 1
    printf '%s\n' "$stamp" "$2" "${REPRO_PYTHON27:-}" >"$env/stamp.part" && mv "$env/stamp.part" "$env/stamp"
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
    local tools=$REPRO_HOME/tools stamp
    stamp=$({ printf '%s\n' "$1" "$REPRO_HOME"; cat "$REPRO_ROOT/requirements/tools.txt"; } | sha256sum)
    [ "$(cat "$tools/stamp" 2>/dev/null)" != "$stamp" ] || return 0
    setup_fresh_folder "$tools" || return 3
    setup_stage "fetching pip and virtualenv" tools_make "$1" || { setup_hint; return 3; }
    printf '%s\n' "$stamp" >"$tools/stamp"
}

tools_run() { # INTERPRETER ARGUMENT…: runs it with the tools importable
    env PYTHONPATH="$REPRO_HOME/tools/lib" "$@"
}

tools_make() { # INTERPRETER
    local tools=$REPRO_HOME/tools lock=$REPRO_ROOT/requirements/tools.txt wheel
    grep -E '^(pip|setuptools|wheel)==' "$lock" >"$tools/first.txt"
    grep -vE '^(#|pip==|setuptools==|wheel==)' "$lock" >"$tools/rest.txt"
    # The interpreter's own pip, of whatever age, only fetches: Debian's can install nowhere but in
    # ~/.local, and none of an old one's settings matter. A wheel of Python code is installed by unzipping it.
    env PYTHONPATH="$(python27_pip_path "$1")" \
        "$1" -m pip download --no-deps --require-hashes -d "$tools/wheels" -r "$tools/first.txt" || return 1
    for wheel in "$tools"/wheels/*.whl; do
        "$1" -m zipfile -e "$wheel" "$tools/lib" || return 1
    done
    tools_run "$1" -m pip install --no-deps --require-hashes --progress-bar off --no-warn-script-location \
        --target "$tools/lib" -r "$tools/rest.txt"
}

# --- set-up's surroundings

setup_say() {
    echo "set-up: $*" >&2
}

setup_stage() { # TEXT CMD…: one line with the seconds it took; what CMD prints goes to the log
    local text=$1 begun=$SECONDS heading
    shift
    : "${SETUP_LOG:=$REPRO_HOME/logs/setup.log}"
    mkdir -p "${SETUP_LOG%/*}" || return 3
    printf 'set-up: %s … ' "$text" >&2
    printf '== %s\n' "$text" >>"$SETUP_LOG"
    heading=$(wc -l <"$SETUP_LOG")
    if "$@" </dev/null >>"$SETUP_LOG" 2>&1; then
        echo "$((SECONDS - begun)) s" >&2
        return 0
    fi
    echo "failed after $((SECONDS - begun)) s. The log's last lines:" >&2
    tail -n "+$((heading + 1))" "$SETUP_LOG" | tail -n 12 | cut -c1-300 | sed 's/^/    /' >&2
    setup_say "the whole log: $SETUP_LOG"
    return 3
}

setup_hint() {
    setup_say "packages come from the index that pip is set up for (pip.conf, PIP_INDEX_URL, PIP_CERT, https_proxy), or from a folder (PIP_FIND_LINKS)"
}

setup_fresh_folder() { # DIR: made empty, if it is not there or was made by this program
    if [ -e "$1" ] && [ ! -e "$1/.repro" ] && [ -n "$(ls -A "$1" 2>/dev/null)" ]; then
        setup_say "$1 exists and was not made by this program: move it away, or set REPRO_HOME to another folder"
        return 3
    fi
    # The mark stays from before to after: a set-up that is killed here must not disown the folder.
    mkdir -p "$1" && : >"$1/.repro" && find "$1" -mindepth 1 -maxdepth 1 ! -name .repro -exec rm -rf {} +
}

setup_isolate() { # the user's Python settings stay out; where the machine's packages come from stays in
    local name
    for name in ${!PYTHON@} ${!VIRTUALENV_@} PIP_TARGET PIP_PREFIX PIP_ROOT PIP_REQUIREMENT PIP_EDITABLE \
        PIP_NO_BINARY PIP_ONLY_BINARY PIP_PRE PIP_DRY_RUN PIP_PYTHON PIP_QUIET PIP_LOG LD_LIBRARY_PATH LD_PRELOAD; do
        unset "$name"
    done
    export PYTHONNOUSERSITE=1 VIRTUALENV_CONFIG_FILE=/dev/null
    # A variable beats the same line in a pip.conf. Every version is pinned: constraints can only hinder.
    export PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PIP_CONSTRAINT=/dev/null
    export PIP_NO_PYTHON_VERSION_WARNING=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
}

setup_ca_bundle() { # prints the machine's CA bundle, or the one that came with Debian's packages
    local file
    for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem \
        /etc/ssl/cert.pem "$REPRO_HOME/python27/ca.crt"; do
        [ ! -s "$file" ] || { echo "$file"; return 0; }
    done
    return 1
}

setup_pip() { # INTERPRETER: what of the machine's pip settings has to be seen to
    local bundle settings
    settings=$(env PYTHONPATH="$(python27_pip_path "$1")" "$1" -m pip config list 2>/dev/null) || settings=''
    if grep -qE '^[^:][^=]*\.(target|prefix|root)=' <<<"$settings"; then
        setup_say "a pip.conf says where packages go (target, prefix or root), and an environment's would go there too:" \
            "take that line out, or set PIP_CONFIG_FILE=/dev/null"
        return 3
    fi
    # pip trusts what it is told to, else what the machine trusts.
    [ -z "${PIP_CERT:-}${REQUESTS_CA_BUNDLE:-}${CURL_CA_BUNDLE:-}" ] || return 0
    ! grep -q '\.cert=' <<<"$settings" || return 0
    if bundle=$(setup_ca_bundle); then export PIP_CERT=$bundle; fi
}

# --- running a command

perform() { # CMD…: runs it; with --dry-run only prints it
    if [ -n "${DRY_RUN:-}" ]; then printf '%q ' "$@"; echo; else "$@"; fi
}

become() { # CMD…: this process becomes it (exec); with --dry-run it is printed, and that is all
    perform exec "$@"
    exit
}

environment_run() {
    local variant=$1 home=$2 env=$REPRO_HOME/$1 name settings
    shift 2
    perform mkdir -p "$home" || return 3
    settings=("PATH=$env/bin:$PATH" "HOME=$home" LC_ALL=C.UTF-8 PYTHONIOENCODING=utf-8 PYTHONNOUSERSITE=1
        "TF_CPP_MIN_LOG_LEVEL=${TF_CPP_MIN_LOG_LEVEL:-2}")
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
    become env -i "${settings[@]}" "$@"
}
