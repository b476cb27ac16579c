# shellcheck shell=bash
# Which runtime runs a command, and how: docker, podman, or native (a virtualenv).
# shellcheck disable=SC2153,SC2154  # run.sh sets WORK, DRY_RUN, LIMITS, ...

choose_runtime() { # VARIANT: sets RUNTIME to the one asked for, or to the first that really works
    local runtime failed=''
    VARIANT=$1
    case $1 in cpu | gpu) VARIANT=${REPRO_VARIANT:-$1} ;; esac      # an image holds one, whatever the verb
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
                echo "run.sh: no image by $failed, so this runs natively, without a container's protection (--runtime $failed tries it again)" >&2
            RUNTIME=$runtime ;;
        *) die 2 "--runtime is docker, podman or native, not $RUNTIME" ;;
    esac
    export REPRO_RUNTIME=$RUNTIME
    if [ "$RUNTIME" = native ] && [ ${#LIMITS[@]} -gt 0 ]; then
        die 2 '--memory and --pids are limits of a container, and this would run natively: use ulimit, or --runtime docker or podman'
    fi
}

program() { # NAME VARIANT VERB…: a verb of the program, in the folder work/NAME unless --work names one
    run_in "${WORK:-$REPRO_ROOT/work/$1}" "$2" python -m repro "${@:3}" "${ARGUMENTS[@]}"
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
    if [ -n "$ENGINE" ] && [ -z "$DRY_RUN" ]; then engine_ready "$ENGINE" || exit 3; fi
    export REPRO_COMPILED=${REPRO_COMPILED:-$REPRO_HOME/compiled}
    perform cd "$work" || exit
    prepare_home "$work"
    [ "$VERB" != exec ] || say_whose "$1"
    server_private "$RUN_HOME/server.log"
    run_natively "$RUN_HOME" "$@"
}

run_natively() { # HOME CMD…: where exec was given options, the program carries them out
    local home=$1
    shift
    # Our own steps as a file: with -m, a csv.py in the work folder would be imported in place of Python's.
    if [ "${*:1:3}" = 'python -m repro' ]; then set -- python "$REPRO_ROOT/repro" "${@:4}"; fi
    [ ${#SETTINGS[@]} -eq 0 ] || set -- python "$REPRO_ROOT/repro" exec "${SETTINGS[@]}" -- "$@"
    environment_run "$VARIANT" "$home" "$@"
}

run_command() { # CMD…: exec and shell; without --work, in the caller's own folder
    local where='no --work, so weights are those Keras downloads'
    [ $# -gt 0 ] || die 2 'exec wants a command: ./run.sh exec python …'
    [ -z "$WORK" ] || where="weights: $WORK/weights"
    # In a container the outer run.sh has printed this.
    if [ -z "${REPRO_CONTAINER:-}" ]; then
        echo "run.sh: file names in ${ORDER:-${REPRO_ORDER:-sorted}} order; $where" >&2 || true    # a full disk
        say_what_stays_out
    fi
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

say_what_stays_out() { # a line about the caller's settings that a command will not see
    local name names=''
    for name in PYTHONPATH PYTHONHOME PYTHONSTARTUP KERAS_BACKEND THEANO_FLAGS THEANORC MPLBACKEND; do
        case ${!name:-} in '' | Agg | 'base_compiledir="'*/theano/*) ;; *) names+=", $name" ;; esac   # our own in a shell of ours
    done
    [ -z "$names" ] ||
        echo "run.sh: not taken over from your shell: ${names:2} (exec env NAME=VALUE … sets one)" >&2 || true
}

say_whose() { # COMMAND: a line if it is another Python's and not the environment's
    local path first=''
    [[ "$1" != */* && ! -x "$REPRO_HOME/$VARIANT/bin/$1" ]] && path=$(type -P "$1") || return 0
    IFS= read -r first 2>/dev/null <"$path" || true
    [[ "$1" == python* || "$path" == */shims/* || "$first" == '#!'*python* ]] || return 0
    echo "run.sh: $1 is not in the environment: this is $path, with a Python and packages of its own" >&2 || true
}

say_how_long() { # before a set-up, which is the first that a newcomer sees
    [ -z "${REPRO_CONTAINER:-}$DRY_RUN" ] || return 0
    echo 'run.sh: the demo takes about 3 minutes on 2 cores, and one more for its set-up the first time' >&2 || true
}

run_verify() {
    if [ -z "$ARTICLE" ]; then require_run; program demo cpu verify; fi
    # Arithmetic: no pinned version is needed.
    any_python >/dev/null || environment_ready cpu || exit 3
    exec "$(any_python)" -E -s -B "$REPRO_ROOT/repro/evidence/claims.py"
}

require_run() { # ends with status 4 unless there is a run to be looked at
    local run=${WORK:-$REPRO_ROOT/work/demo}/run.json
    [ -f "$run" ] || die 4 "$run is missing: no run was made there (./run.sh demo makes one)"
}

run_tests() { # pytest on tests/ in the pinned environment, with pytest's own options
    local work='' archive=()
    choose_runtime cpu
    can_be_entered --work "$WORK"
    [ -z "$WORK" ] || work=$(without_links "$WORK")
    if [ "$RUNTIME" != native ]; then container_run "$work" test ${work:+--work "$work"} "${ARGUMENTS[@]}"; fi
    environment_ready "$VARIANT" || exit 3
    export REPRO_TEST_WORK=$work
    perform cd "$REPRO_ROOT" || exit
    home_elsewhere
    # The suite's own run.sh find packages in the archive, too.
    [ -z "$ARCHIVE" ] || archive=(env PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 "PIP_FIND_LINKS=$PIP_FIND_LINKS")
    environment_run "$VARIANT" "$RUN_HOME" "${archive[@]}" python -m pytest "${ARGUMENTS[@]}"
}
