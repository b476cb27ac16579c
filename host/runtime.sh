# shellcheck shell=bash
# Which runtime runs a command, and how: docker, podman, or native (a virtualenv).
# shellcheck disable=SC2153  # WORK, DATA, RUNTIME are run.sh's

choose_runtime() { # VARIANT: sets RUNTIME to the one asked for, or to the first that really works
    local engine
    case $RUNTIME in
        native) ;;
        docker | podman)
            container_works "$RUNTIME" ||
                die 3 "$RUNTIME does not work here ($RUNTIME info fails): start it, or use --runtime native"
            container_ready "$RUNTIME" "$1" || exit 3 ;;
        '')
            for engine in docker podman native; do
                if [ "$engine" = native ]; then break; fi
                if container_works "$engine" && container_ready "$engine" "$1"; then break; fi
            done
            RUNTIME=$engine ;;
        *) die 2 "--runtime is docker, podman or native, not $RUNTIME" ;;
    esac
    export REPRO_RUNTIME=$RUNTIME
}

run_in() { # WORK VARIANT CMD…: runs CMD in the work folder; does not return
    local work variant=$2       # inside the GPU image REPRO_VARIANT is gpu, whatever the verb
    [ -z "${REPRO_VARIANT:-}" ] || variant=$REPRO_VARIANT
    [ "$2" != gpu ] || gpu_preflight
    choose_runtime "$variant"
    if [ "$2" = gpu ] && [ "$RUNTIME" = native ]; then gpu_libraries; fi
    work=$(prepare_work "$1")
    shift 2
    REPRO_COMMIT=$(commit)
    export REPRO_COMMIT
    if [ "$RUNTIME" != native ]; then
        container_run "$RUNTIME" "$variant" "$work" "$DATA" exec --work "$work" "$@"
    fi
    environment_ready "$variant" || exit 3
    if [ "$ENGINE" = openvino ]; then engine_ready || exit 3; fi
    export REPRO_STANDIN_CACHE=$REPRO_HOME/standin
    cd "$work" || exit
    environment_run "$variant" "$(prepare_home "$work")" "$@"
}

run_command() { # CMD…: exec and shell; without --work, in the caller's own folder
    local note="file names in ${REPRO_ORDER:-sorted} order"
    if [ -n "$WORK" ]; then
        echo "run.sh: $note; weights: $WORK/weights" >&2
        run_in "$WORK" cpu "$@"
    fi
    choose_runtime cpu
    if [ "$RUNTIME" != native ]; then container_run "$RUNTIME" cpu "$PWD" '' exec "$@"; fi
    environment_ready "${REPRO_VARIANT:-cpu}" || exit 3
    echo "run.sh: $note; no --work, so weights are those Keras downloads" >&2
    mkdir -p "$REPRO_HOME/home"
    environment_run "${REPRO_VARIANT:-cpu}" "$REPRO_HOME/home" "$@"
}

run_verify() {
    if [ -n "$ARTICLE" ]; then
        exec "$(any_python)" "$REPRO_ROOT/repro/article.py"
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
    choose_runtime cpu
    if [ "$RUNTIME" != native ]; then
        container_run "$RUNTIME" cpu "$(mktemp -d)" '' test "$@"
    fi
    environment_ready "${REPRO_VARIANT:-cpu}" || exit 3
    [ -z "$WORK" ] || REPRO_TEST_WORK=$(cd "$WORK" && pwd -P) || die 4 "$WORK is not a folder"
    export REPRO_TEST_WORK=${REPRO_TEST_WORK:-}
    cd "$REPRO_ROOT" || exit
    mkdir -p "$REPRO_HOME/home"
    environment_run "${REPRO_VARIANT:-cpu}" "$REPRO_HOME/home" python -m pytest "$@"
}
