# shellcheck shell=bash
# The environments of ./run.sh bench's peers (Keras 3, PyTorch, ONNX Runtime, a current OpenBLAS): venvs of
# a CPython 3 that is there, made by hash from requirements/bench-*.txt under $REPRO_HOME/bench-*/.
# Sourced by run.sh; functions only. Wants host/environment.sh and host/folders.sh sourced beside it.
#
#   run_bench               the verb: what of the peers can be made, and then benchmarks/bench.py
#   python3_find            prints the path of a CPython 3 that the locks hold wheels for; else 1

# Which CPythons the locks are for: requirements/lock-bench.sh asks for these wheels.
BENCH_PYTHONS=(3.11 3.12 3.13)

run_bench() {
    local work results peers name options=()
    [ "${RUNTIME:-native}" = native ] ||
        die 2 "bench measures this machine natively, not in $RUNTIME: leave --runtime and REPRO_RUNTIME out"
    [ -f "$REPRO_ROOT/benchmarks/bench.py" ] ||
        die 3 'images hold no benchmarks/: bench measures a machine natively, from a checkout'
    work=$(prepare_work "${WORK:-$REPRO_HOME/bench}")
    results=${WORK:+$work/results}
    environment_ready cpu || exit 3
    peers=$("$(environment_python cpu)" "$REPRO_ROOT/benchmarks/bench.py" --which-environments "${ARGUMENTS[@]}") || exit
    if [[ " $peers " = *' openvino '* ]]; then engine_ready || true; fi     # without it, the others
    for name in $(bench_environments "${peers/openvino/}"); do
        options+=(--python "$name=$REPRO_HOME/bench-$name/bin/python")
    done
    REPRO_COMMIT=$(commit)
    export REPRO_COMMIT REPRO_STANDIN_CACHE=$REPRO_HOME/standin
    cd "$work" || exit
    prepare_home "$work"
    environment_run cpu "$work/.repro/home" python "$REPRO_ROOT/benchmarks/bench.py" \
        --results "${results:-$REPRO_ROOT/benchmarks/results}" "${options[@]}" "${ARGUMENTS[@]}"
}

bench_environments() { # "NAME…": makes them; prints those that are there, says which are not and why
    local python name
    if ! python=$(python3_find); then
        echo "bench: no CPython ${BENCH_PYTHONS[0]} to ${BENCH_PYTHONS[-1]} with venv and pip was found, so the peers and" \
            "the sgemm peak are left out (REPRO_PYTHON3=/path/to/python3 names one; Debian: python3-venv)" >&2
        return 0
    fi
    setup_isolate
    for name in $1; do
        if bench_environment_ready "$name" "$python"; then echo "$name"
        else echo "bench: what needs the $name environment is left out: it could not be made" >&2; fi
    done
}

python3_find() {
    local exe
    while IFS= read -r exe; do
        python3_probe "$exe" && return 0
    done < <(python3_candidates)
    return 1
}

python3_candidates() { # asked for by name: none but that; else the versions of the locks, then pyenv's
    if [ -n "${REPRO_PYTHON3:-}" ]; then echo "$REPRO_PYTHON3"; return; fi
    type -aP "${BENCH_PYTHONS[@]/#/python}" python3 || true
    printf '%s\n' "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[123]*/bin/python3
}

python3_probe() { # EXE: prints its own path where the locks hold wheels for it and it can make a venv
    "$1" -E -s -c '
import os, platform, sys
import ensurepip, venv
fit = "%d.%d" % sys.version_info[:2] in sys.argv[1:] and platform.python_implementation() == "CPython"
if not fit or platform.machine() != "x86_64" or not platform.libc_ver()[0]: sys.exit(1)
print(os.path.abspath(sys.executable))' "${BENCH_PYTHONS[@]}" </dev/null 2>/dev/null
}

bench_environment_ready() { # NAME PYTHON3: makes $REPRO_HOME/bench-NAME where it isn't as the lock says
    local env=$REPRO_HOME/bench-$1 stamp note=''
    stamp=$({ printf '%s\n' "$env" "$2"; cat "$REPRO_ROOT/requirements/bench-$1.txt"; } | sha256sum)
    [ "$(cat "$env/stamp" 2>/dev/null)" != "$stamp" ] || return 0
    (
        if type -P flock >/dev/null; then flock 9; fi
        SETUP_LOG=$REPRO_HOME/logs/setup-bench-$1.log
        : >"$SETUP_LOG" || return 3
        [ "$1" != torch ] || note=' (2.6 GB: see requirements/bench-torch.in)'
        venv_make "$env" "$2" "$REPRO_ROOT/requirements/bench-$1.txt" "making a venv for $1 with $2" "$note" \
            --no-cache-dir --no-compile --only-binary :all: || return 3
        setup_stage "checking them" bench_check "$1" || return 3
        printf '%s\n' "$stamp" >"$env/stamp.part" && mv "$env/stamp.part" "$env/stamp"
    ) 9>>"$REPRO_HOME/lock"
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
