# shellcheck shell=bash
# Which runtime runs a command, and how: docker, podman, or native (a virtualenv).
# shellcheck disable=SC2153  # WORK, DATA, RUNTIME are run.sh's

choose_runtime() { # VARIANT: sets RUNTIME to the one asked for, or to the first that really works
    local engine failed=''
    VARIANT=${REPRO_VARIANT:-$1}    # cpu or gpu; an image holds one, whatever the verb
    case $RUNTIME in
        native) ;;
        docker | podman)
            container_works "$RUNTIME" ||
                die 3 "$RUNTIME does not work here ($RUNTIME info fails): start it, or use --runtime native"
            [ -z "$GPU" ] || gpu_toolkit "$RUNTIME" || die 3 "$GPU_LACKS"
            container_ready "$RUNTIME" || exit 3 ;;
        '')
            for engine in docker podman native; do
                if [ "$engine" = native ]; then break; fi
                container_works "$engine" || continue
                [ -z "$GPU" ] || gpu_toolkit "$engine" || continue
                if container_ready "$engine"; then break; fi
                failed=$engine
            done
            [ "$engine" != native ] || [ -z "$failed" ] ||
                echo "run.sh: no image by $failed, so this runs natively, outside a container's walls (--runtime $failed tries it again)" >&2
            RUNTIME=$engine ;;
        *) die 2 "--runtime is docker, podman or native, not $RUNTIME" ;;
    esac
    export REPRO_RUNTIME=$RUNTIME
    if [ "$RUNTIME" = native ] && [ ${#LIMITS[@]} -gt 0 ]; then
        die 2 '--memory and --pids are limits of a container, and this would run natively: use ulimit, or --runtime docker or podman'
    fi
}

run_in() { # WORK VARIANT CMD…: runs CMD in the work folder; does not return
    local work
    if [ "$2" = gpu ]; then
        GPU=1
        gpu_preflight
        [ -z "${REPRO_GPU_GROWTH:-}" ] || echo 'run.sh: GPU memory as it is needed (--gpu-growth); the article took all of it' >&2
    fi
    choose_runtime "$2"
    if [ -n "$GPU" ] && [ "$RUNTIME" = native ]; then gpu_libraries; fi
    work=$(prepare_work "$1")
    [ -z "$DRY_RUN" ] || perform mkdir -p "$work"
    shift 2
    REPRO_COMMIT=$(commit)
    export REPRO_COMMIT
    if [ "$RUNTIME" != native ]; then container_run "$work" exec --work "$work" "$@"; fi
    environment_ready "$VARIANT" || exit 3
    if [ "$ENGINE" != tf1 ] && [ -z "$DRY_RUN" ]; then engine_ready "$ENGINE" || exit 3; fi
    export REPRO_STANDIN_CACHE=$REPRO_HOME/standin REPRO_COMPILED=${REPRO_COMPILED:-$REPRO_HOME/compiled}
    perform cd "$work" || exit
    prepare_home "$work"
    environment_run "$VARIANT" "$work/.repro/home" "$@"
}

run_command() { # CMD…: exec and shell; without --work, in the caller's own folder
    local where='no --work, so weights are those Keras downloads'
    [ -z "$WORK" ] || where="weights: $WORK/weights"
    # In a container the outer run.sh has said so.
    [ -n "${REPRO_CONTAINER:-}" ] || echo "run.sh: file names in ${REPRO_ORDER:-sorted} order; $where" >&2
    if [ -n "$WORK" ]; then run_in "$WORK" cpu "$@"; fi
    choose_runtime cpu
    if [ "$RUNTIME" != native ]; then container_run "$PWD" exec "$@"; fi
    environment_ready "$VARIANT" || exit 3
    environment_run "$VARIANT" "$REPRO_HOME/home" "$@"
}

run_verify() {
    if [ -n "$ARTICLE" ]; then
        exec "$(any_python)" "$REPRO_ROOT/repro/claims.py"
    fi
    local work
    work=$(finished_work)
    run_in "$work" cpu python -m repro verify
}

run_report() {
    local work
    work=$(finished_work)
    run_in "$work" cpu python -m repro report
}

finished_work() { # prints the folder of a run that is to be looked at
    local work=${WORK:-$REPRO_ROOT/work/demo}
    [ -f "$work/run.json" ] ||
        die 4 "$work/run.json is missing: no run was made there (./run.sh demo makes one)"
    echo "$work"
}

any_python() { # arithmetic needs no pinned version, and no set-up where some Python is there
    local python
    for python in "$(environment_python cpu)" python3 python2.7 python2 python; do
        if "$python" -c 'import json' 2>/dev/null; then echo "$python"; return; fi
    done
    environment_ready cpu || exit 3
    environment_python cpu
}

run_tests() { # PYTEST-OPTION…: pytest on tests/ in the pinned environment
    local work=''
    choose_runtime cpu
    if [ -n "$WORK" ]; then work=$(cd "$WORK" && pwd -P) || die 4 "$WORK is not a folder"; fi
    if [ "$RUNTIME" != native ]; then container_run "$work" test ${work:+--work "$work"} "$@"; fi
    environment_ready "$VARIANT" || exit 3
    export REPRO_TEST_WORK=$work
    perform cd "$REPRO_ROOT" || exit
    environment_run "$VARIANT" "$REPRO_HOME/home" python -m pytest "$@"
}
