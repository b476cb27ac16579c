# shellcheck shell=bash
# ./run.sh bench, and its peers' environments (Keras 3, PyTorch, ONNX Runtime, a current OpenBLAS): venvs of
# a CPython 3 that is there, made by hash from requirements/bench-*.txt under $REPRO_HOME/bench-*/.
# Sourced by run.sh; functions only. Wants host/environment.sh, engines.sh, python3.sh and folders.sh beside it.

# The CPythons that the locks hold wheels for, oldest first (requirements/lock.sh reads them here).
BENCH_PYTHONS=(3.11 3.12 3.13)

run_bench() {
    local work results environments python name options=()
    [ "${RUNTIME:-native}" = native ] ||
        die 2 "bench measures this machine natively, not in $RUNTIME: leave --runtime and REPRO_RUNTIME out"
    [ -f "$REPRO_ROOT/benchmarks/bench.py" ] ||
        die 3 'images hold no benchmarks/: bench measures a machine natively, from a checkout'
    if [ "${ARGUMENTS[0]:-}" != servers ] && python=$(any_python); then bench_asked "$python" >/dev/null || exit; fi
    work=$(prepare_work "${WORK:-$REPRO_HOME/bench}")
    results=${WORK:+$work/results}
    environment_ready cpu || exit 3
    if [ "${ARGUMENTS[0]:-}" = servers ]; then
        bench_run "$work" "${results:-$REPRO_ROOT/benchmarks/results}" servers.py "${ARGUMENTS[@]:1}"
    fi
    environments=$(bench_asked "$(environment_python cpu)") || exit
    python=$(python3_find "${BENCH_PYTHONS[0]}" "${BENCH_PYTHONS[-1]}") ||
        echo "bench: no CPython ${BENCH_PYTHONS[0]} to ${BENCH_PYTHONS[-1]} with venv and pip was found, so the peers and" \
            "the sgemm peak are left out (REPRO_PYTHON3=/path/to/python3 names one; Debian: python3-venv)" >&2
    for name in $environments; do
        case $name in
            engine:*) engine_ready "${name#engine:}" || true ;;     # without it, the others
            *) if [ -n "$python" ] && bench_ready "$name" "$python"; then
                options+=(--python "$name=$REPRO_HOME/bench-$name/bin/python"); fi ;;
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

bench_asked() { # PYTHON: prints the environments that what was asked for wants; 2 after a line if an option is wrong
    "$1" -E -s -B "$REPRO_ROOT/benchmarks/peers.py" "${ARGUMENTS[@]}"
}

bench_ready() { # NAME PYTHON3: makes this environment, or says that what needs it is left out
    made "bench-$1" "$2" "@requirements/bench-$1.txt" -- bench_make "$1" "$2" && return 0
    echo "bench: what needs the $1 environment is left out: it could not be made" >&2
    return 1
}

bench_make() { # NAME PYTHON3
    local note=''
    [ "$1" != torch ] || note=' (2.6 GB: see requirements/bench-torch.in)'
    venv_make "bench-$1" "$2" "bench-$1.txt" "$note" --no-cache-dir --no-compile --only-binary :all: &&
        setup_stage "checking them" bench_check "$1"
}

bench_check() { # complete by pip's account, or by importing what runs; see bench-torch.in
    local python=$REPRO_HOME/bench-$1/bin/python
    case $1 in
        keras) "$python" -m pip check && KERAS_BACKEND=tensorflow "$python" -c 'import keras, tensorflow' ;;
        torch) "$python" -c 'import numpy, onnx, onnxscript, PIL.Image, timm, torch, torchvision' ;;
        onnx) "$python" -c 'import onnxruntime, PIL.Image' ;;
        sgemm) "$python" -m pip check && "$python" -c 'import numpy, threadpoolctl' ;;
    esac
}
