# shellcheck shell=bash
# ./run.sh bench, and its peers' environments (Keras 3, PyTorch, ONNX Runtime, a current OpenBLAS): venvs of
# an installed CPython 3, made by hash from requirements/bench-*.txt under $REPRO_HOME/bench-*/.

run_bench() {
    local work results environments python name options=()
    [ "${RUNTIME:-native}" = native ] ||
        die 2 "bench measures this machine natively, not in $RUNTIME: leave --runtime and REPRO_RUNTIME out"
    [ -f "$REPRO_ROOT/benchmarks/bench.py" ] ||
        die 3 'images hold no benchmarks/: bench measures a machine natively, from a checkout'
    if [ "${ARGUMENTS[0]:-}" != servers ] && python=$(any_python); then bench_environments "$python" >/dev/null || exit; fi
    [ -n "$WORK" ] || marked_folder "$REPRO_HOME/bench" 2>/dev/null || true     # if that fails, the next line says so
    work=$(prepare_work "${WORK:-$REPRO_HOME/bench/work}")
    results=${WORK:+$work/results}
    environment_ready cpu || exit 3
    if [ "${ARGUMENTS[0]:-}" = servers ]; then
        bench_run "$work" "${results:-$REPRO_ROOT/benchmarks/results}" servers.py "${ARGUMENTS[@]:1}"
    fi
    environments=$(bench_environments "$(environment_python cpu)") || exit
    python=$(venv_python bench-sgemm) ||
        echo "bench: the peers and the sgemm peak are left out: no $(venv_needs bench-sgemm) was found" >&2
    for name in $environments; do
        case $name in
            engine:*) engine_ready "${name#engine:}" || true ;;     # if that fails, the others are measured
            *)
                [ -n "$python" ] || continue
                if venv_ready "bench-$name" "$python"; then
                    options+=(--python "$name=$REPRO_HOME/bench-$name/bin/python")
                else
                    echo "bench: what needs the $name environment is left out: it could not be made" >&2
                fi ;;
        esac
    done
    bench_run "$work" "${results:-$REPRO_ROOT/benchmarks/results}" bench.py "${options[@]}" "${ARGUMENTS[@]}"
}

bench_run() { # WORK RESULTS SCRIPT ARGUMENT…: becomes the benchmark
    REPRO_COMMIT=$(commit)
    export REPRO_COMMIT
    cd "$1" || exit
    prepare_home "$1"
    environment_run cpu "$RUN_HOME" python "$REPRO_ROOT/benchmarks/$3" --results "$2" "${@:4}"
}

bench_environments() { # PYTHON: prints the environments that the options need; 2 after a line if an option is wrong
    "$1" -E -s -B "$REPRO_ROOT/benchmarks/peers.py" "${ARGUMENTS[@]}"
}
