# shellcheck shell=bash
# Which runtime runs a command, and how: docker, podman, or native (a virtualenv).
# shellcheck disable=SC2153,SC2154  # the command line sets WORK, DRY_RUN, ...

GPU=''          # 1 where the run needs a card
SETTINGS=()     # exec's own options, which the program applies
HANDED=()       # NAME=VALUE of --env, which a container's command sees
PASSED=()       # the same, and those of the caller's own that a native command sees

choose_runtime() { # VARIANT: sets RUNTIME to the one asked for, or to the first that really works
    local runtime failed=''
    VARIANT=$1
    case $1 in cpu | gpu) VARIANT=${REPRO_VARIANT:-$1} ;; esac      # an image holds just one
    case $RUNTIME in
        native) ;;
        docker | podman)
            container_works "$RUNTIME" ||
                die 3 "$RUNTIME does not work here ($RUNTIME info fails): start it, or use --runtime native"
            [ -z "$GPU" ] || gpu_toolkit "$RUNTIME" || die 3 "$GPU_LACKS"
            container_ready "$RUNTIME" || exit 3 ;;
        '')
            for runtime in docker podman native; do
                [ "$runtime" != native ] || break
                container_works "$runtime" || continue
                [ -z "$GPU" ] || gpu_toolkit "$runtime" || continue
                if container_ready "$runtime"; then break; fi
                failed=$runtime
            done
            [ "$runtime" != native ] || [ -z "$failed" ] ||
                echo "run.sh: $failed could not build the image, so this runs natively, without a container's protection (--runtime $failed tries it again)" >&2
            RUNTIME=$runtime ;;
        *) die 2 "--runtime is docker, podman or native, not $RUNTIME" ;;
    esac
    export REPRO_RUNTIME=$RUNTIME
    if [ "$RUNTIME" = native ] && [ -n "$MEMORY$PIDS" ]; then
        die 2 '--memory and --pids are limits of a container, and this would run natively: use ulimit, or --runtime docker or podman'
    fi
}

program() { # [VARIANT]: runs the verb's Python, in its work folder and in the environment that it needs
    run_in "$(work_folder)" "${1:-$(verb_needs)}" python -m repro "$VERB" "${ARGUMENTS[@]}"
}

run_gpu() {
    if engine_has_server; then program cpu; else program gpu; fi
}

run_in() { # WORK VARIANT CMD…: runs CMD in the work folder; does not return
    local work
    if [ "$2" = gpu ]; then GPU=1; gpu_preflight; fi
    choose_runtime "$2"
    if [ -n "$GPU" ] && [ "$RUNTIME" = native ]; then gpu_libraries; fi
    work=$(prepare_work "$1")
    [ -z "$DRY_RUN" ] || perform mkdir -p "$work"
    prepare_out
    shift 2
    REPRO_COMMIT=$(commit)
    export REPRO_COMMIT
    if [ "$RUNTIME" != native ]; then container_run "$work" exec --work "$work" "${SETTINGS[@]}" -- "$@"; fi
    [ "$VERB" != demo ] || environment_fresh "$VARIANT" || say_how_long
    environment_ready "$VARIANT" || exit 3
    if [ -n "$ENGINE" ] && [ -z "$DRY_RUN" ]; then
        engine_ready "$ENGINE" || exit 3
        [ -n "${REPRO_COMPILED:-}" ] || marked_folder "$REPRO_HOME/compiled" 2>/dev/null || true    # it may be read-only
    fi
    export REPRO_COMPILED=${REPRO_COMPILED:-$REPRO_HOME/compiled}
    perform cd "$work" || exit
    prepare_home "$work"
    [ "$VERB" != exec ] || say_whose "$1"
    server_private "$RUN_HOME/server.log"
    run_natively "$RUN_HOME" "$@"
}

run_natively() { # HOME CMD…: if exec was given options, the program applies them
    local home=$1
    shift
    # Our own steps as a file: with -m, a csv.py in the work folder would be imported in place of Python's.
    if [ "${*:1:3}" = 'python -m repro' ]; then set -- python "$REPRO_ROOT/repro" "${@:4}"; fi
    [ ${#SETTINGS[@]} -eq 0 ] || set -- python "$REPRO_ROOT/repro" exec "${SETTINGS[@]}" -- "$@"
    environment_run "$VARIANT" "$home" "$@"
}

run_exec() { run_command "${COMMAND[@]}"; }

run_shell() { run_command bash; }

run_command() { # CMD…: without --work, in the caller's own folder
    local where='no --work, so weights are those Keras downloads'
    [ $# -gt 0 ] || die 2 'exec needs a command: ./run.sh exec python …'
    [ -z "$WORK" ] || where="weights: $WORK/weights"
    # In a container the outer run.sh has printed this.
    if [ -z "${REPRO_CONTAINER:-}" ]; then
        echo "run.sh: file names in ${ORDER:-${REPRO_ORDER:-sorted}} order; $where" >&2 || true    # a full disk
        say_what_stays_out
    fi
    caller_passes
    SETTINGS=("${ARGUMENTS[@]}")
    if [ -n "$WORK" ]; then run_in "$WORK" cpu "$@"; fi
    unset REPRO_WORK        # of an exec around this one
    choose_runtime cpu
    if [ "$RUNTIME" != native ]; then container_run "$PWD" exec "${SETTINGS[@]}" -- "$@"; fi
    environment_ready "$VARIANT" || exit 3
    home_elsewhere
    say_whose "$1"
    server_private "$RUN_HOME/server.log"
    run_natively "$RUN_HOME" "$@"
}

caller_passes() { # sets HANDED (--env's variables) and PASSED (the caller's, too), without those that stay out
    local given
    for given in "${ENV[@]}"; do
        if stays_out "${given%%=*}"; then continue; fi      # a line has said so
        [[ "$given" = *=* ]] || given=$given=$(caller_value "$given")
        HANDED+=("$given")
    done
    for given in "${CALLER[@]}"; do
        stays_out "${given%%=*}" || PASSED+=("$given")
    done
    PASSED+=("${HANDED[@]}")
}

stays_out() { # NAME of a variable: whether it is known to change Python, Keras, TensorFlow, Theano or pip, or is the shell's own
    case $1 in
        CUDA_VISIBLE_DEVICES | TF_CPP_MIN_LOG_LEVEL) return 1 ;;
        PYTHON* | KERAS_* | TF_* | TENSORFLOW_* | THEANO* | MPL* | MATPLOTLIB* | PIP_* | VIRTUAL_ENV* | VIRTUALENV_* | \
            CONDA_* | CUDA_* | LD_* | LIBRARY_PATH | XDG_CONFIG_* | XDG_CACHE_HOME | XDG_DATA_* | JEMALLOC_* | MALLOC_* | \
            REPRO_* | HOME | PATH | LC_ALL) ;;
        _ | SHLVL | PWD | OLDPWD | UID | EUID | PPID | BASH* | SHELLOPTS | POSIXLY_CORRECT | CDPATH | GLOBIGNORE | ENV | \
            EXECIGNORE | GREP_OPTIONS | IFS | DIRSTACK | FUNCNAME | GROUPS) ;;
        *) return 1 ;;
    esac
}

say_what_stays_out() { # a line about the caller's settings that a command will not see, and one about --env's
    local name names='' given
    for name in PYTHONPATH PYTHONHOME PYTHONSTARTUP KERAS_BACKEND THEANO_FLAGS THEANORC MPLBACKEND; do
        case ${!name:-} in '' | Agg | 'base_compiledir="'*/theano/*) ;; *) names+=", $name" ;; esac   # our own in a shell of ours
    done
    [ -z "$names" ] ||
        echo "run.sh: not taken over from your shell: ${names:2} (exec env NAME=VALUE … sets one)" >&2 || true
    names=''
    for given in "${ENV[@]}"; do
        name=${given%%=*}
        ! stays_out "$name" || names+=", $name"
    done
    [ -z "$names" ] ||
        echo "run.sh: --env: left out, as they change Python or its packages: ${names:2} (exec env NAME=VALUE … sets one)" >&2 || true
}

caller_value() { # NAME: prints the caller's value of it
    local given
    for given in "${CALLER[@]}"; do
        if [ "${given%%=*}" = "$1" ]; then printf %s "${given#*=}"; return; fi
    done
}

say_whose() { # COMMAND: a line if it is another Python's and not the environment's
    local path first=''
    [[ "$1" != */* && ! -x "$REPRO_HOME/$VARIANT/bin/$1" ]] && path=$(type -P "$1") || return 0
    IFS= read -r first 2>/dev/null <"$path" || true
    [[ "$1" == python* || "$path" == */shims/* || "$first" == '#!'*python* ]] || return 0
    echo "run.sh: $1 is not in the environment: this is $path, with a Python and packages of its own" >&2 || true
}

say_how_long() { # before a set-up, so that a newcomer knows how long to wait
    [ -z "${REPRO_CONTAINER:-}$DRY_RUN" ] || return 0
    echo 'run.sh: the demo takes about 3 minutes on 2 cores, and one more for its set-up the first time' >&2 || true
}

run_verify() {
    if [ -z "$ARTICLE" ]; then require_run; program cpu; fi
    # Arithmetic alone, so any Python will do.
    any_python >/dev/null || environment_ready cpu || exit 3
    exec "$(any_python)" -E -s -B "$REPRO_ROOT/repro/evidence/claims.py"
}

run_report() {
    require_run
    program cpu
}

require_run() { # ends with status 4 unless there is a run to be looked at
    local run
    run=$(work_folder)/run.json
    [ -f "$run" ] || die 4 "$run is missing: no run was made there (./run.sh demo makes one)"
}

run_test() { # pytest on tests/ in the pinned environment, with pytest's own options
    local work='' archive=()
    choose_runtime cpu
    can_be_entered --work "$WORK"
    [ -z "$WORK" ] || work=$(without_links "$WORK")
    if [ "$RUNTIME" != native ]; then container_run "$work" test ${work:+--work "$work"} "${ARGUMENTS[@]}"; fi
    environment_ready "$VARIANT" || exit 3
    export REPRO_TEST_WORK=$work
    perform cd "$REPRO_ROOT" || exit
    home_elsewhere
    # So that the run.sh that tests start find packages in the archive, too.
    [ -z "$ARCHIVE" ] || archive=(env PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 "PIP_FIND_LINKS=$PIP_FIND_LINKS")
    environment_run "$VARIANT" "$RUN_HOME" "${archive[@]}" python -m pytest "${ARGUMENTS[@]}"
}
