#!/usr/bin/env bash
# How do I run it?  Dispatch and usage only; the work is in host/ (outside) and repro/ (inside).
set -euo pipefail

REPRO_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
REPRO_HOME=${REPRO_HOME:-$REPRO_ROOT/.native}   # the native environment, kept between runs
[[ "$REPRO_HOME" = /* ]] || REPRO_HOME=$PWD/$REPRO_HOME
export REPRO_ROOT REPRO_HOME

# shellcheck source=host/setup.sh
source "$REPRO_ROOT/host/setup.sh"
# shellcheck source=host/python27.sh
source "$REPRO_ROOT/host/python27.sh"
# shellcheck source=host/debian.sh
source "$REPRO_ROOT/host/debian.sh"
# shellcheck source=host/environment.sh
source "$REPRO_ROOT/host/environment.sh"
# shellcheck source=host/engines.sh
source "$REPRO_ROOT/host/engines.sh"
# shellcheck source=host/gpu.sh
source "$REPRO_ROOT/host/gpu.sh"
# shellcheck source=host/container.sh
source "$REPRO_ROOT/host/container.sh"
# shellcheck source=host/folders.sh
source "$REPRO_ROOT/host/folders.sh"
# shellcheck source=host/python3.sh
source "$REPRO_ROOT/host/python3.sh"
# shellcheck source=host/kaggle.sh
source "$REPRO_ROOT/host/kaggle.sh"
# shellcheck source=host/runtime.sh
source "$REPRO_ROOT/host/runtime.sh"
# shellcheck source=host/bench.sh
source "$REPRO_ROOT/host/bench.sh"

usage() {
    cat <<'USAGE'
The 2017 "Dogs vs. Cats" article (Keras 1.2.2), run on its own versions.

  ./run.sh demo     draw pictures, make stand-in weights, run the whole article on them
  ./run.sh test     run the test suite
  ./run.sh cpu      the real run on the processor:  --data DIR with Kaggle's train/, test/
  ./run.sh gpu      the real run on a CUDA 8 GPU    and sample_submission.csv
  ./run.sh data     fetch Kaggle's pictures with your account, unpack and check them
  ./run.sh weights  fetch what Keras 1.2.2 would; these two into the folder of cpu and gpu
  ./run.sh features fetch the author's gap_*.h5, for cpu --features
  ./run.sh submit   send a run's pred.csv to Kaggle, after asking; keep the score
  ./run.sh verify   compare a run with what is expected; --article: the article with itself
  ./run.sh report   make report.html again: what was reproduced, to look at
  ./run.sh bench    engines and peers on this machine:  --rounds N, --seconds S, --engines LIST
  ./run.sh exec CMD…   any command in the pinned environment (python, pytest, …)
  ./run.sh shell    a shell there
  ./run.sh clean    remove the environment; with --work DIR, that run's folder
  ./run.sh help

Options
  --work DIR        the work folder (demo, verify, report: work/demo; cpu, gpu, data, weights,
                    submit: work/real; features: work/features; exec, shell: the current folder)
  --runtime WHICH   docker, podman or native (default: the first that works)
  --networks LIST   ResNet50,InceptionV3,Xception; VGG16 and VGG19 on request
  --seeding WHICH   article (the listing, default) or notebook (the author's)
  --order WHICH     sorted (the author's file order, default) or filesystem (raw)
  --engine WHICH    tf1 (TensorFlow 1.0.1, the article's, default) or openvino: the same
                    network on a current engine; --precision f32 (default) or bf16,
                    --threads N, --workers N (decoders): default, as many as cores
  --train N, --test N     demo: how many pictures (128, 32)
  --data DIR, --weights DIR, --any-weights     cpu, gpu: the pictures; the files that
                    Keras would download; accept weights that are not the article's
  --features        cpu: from gap_*.h5 in the work folder (work/features) on, no pictures
  --from DIR, --yes data, weights, features: from a folder instead; submit: do not ask
  --seeds N         demo, cpu, gpu: the head N times more, with seeds 2018, 2019, …
  --no-report, --dry-run    no report.html at the end; print every command, run none
  --memory SIZE, --pids N, --gpu-growth     a container's limits; gpu: memory as needed

Exit: 0 done, 1 a check failed, 2 wrong usage, 3 no runtime, 4 bad input, 5 folder in use
or made from other inputs, 130 interrupted.
A CPython 2.7 of your own: REPRO_PYTHON27=/path/to/python2.7.
USAGE
}

die() { # STATUS MESSAGE
    echo "run.sh: $2" >&2
    exit "$1"
}

takes() { # VERB OPTION: whether this verb knows the option
    case "$2" in
        --work | --runtime) [ "$1" != help ] ;;
        --seeding) [[ "$1" =~ ^(demo|cpu|gpu)$ ]] ;;
        --networks) [[ "$1" =~ ^(demo|cpu|gpu|weights|features|bench)$ ]] ;;
        --from) [[ "$1" =~ ^(data|weights|features)$ ]] ;;
        --yes) [ "$1" = submit ] ;;
        --engine | --precision | --threads | --workers) [[ "$1" =~ ^(demo|cpu)$ ]] ;;
        --rounds | --seconds | --engines) [ "$1" = bench ] ;;
        --order) [[ "$1" =~ ^(demo|cpu|gpu|exec|shell)$ ]] ;;
        --train | --test) [ "$1" = demo ] ;;
        --seeds) [[ "$1" =~ ^(demo|cpu|gpu)$ ]] ;;
        --features) [ "$1" = cpu ] ;;
        --dry-run | --memory | --pids) [[ "$1" =~ ^(demo|cpu|gpu|weights|features|verify|report|test|exec|shell)$ ]] ;;
        --gpu-growth) [ "$1" = gpu ] ;;
        --data | --weights) [[ "$1" =~ ^(cpu|gpu)$ ]] ;;
        --any-weights) [[ "$1" =~ ^(cpu|gpu|exec|shell)$ ]] ;;
        --no-report) [[ "$1" =~ ^(demo|cpu|gpu)$ ]] ;;
        --article) [ "$1" = verify ] ;;
        *) false ;;
    esac
}

VERB='' WORK='' RUNTIME=${REPRO_RUNTIME:-} DATA='' WEIGHTS='' ENGINE=tf1 ARTICLE='' FROM='' YES='' KIND=real
DRY_RUN='' GPU='' COMMAND=() ARGUMENTS=() LIMITS=()

parse() {
    local option value
    if [ $# -gt 0 ] && [[ "$1" != --* ]]; then VERB=$1; shift; fi
    while [ $# -gt 0 ]; do
        if [ -z "$VERB" ] && [[ "$1" != -* ]]; then VERB=$1; shift; continue; fi
        if [ "$VERB" = exec ] && [[ "$1" != --* || "$1" = -- ]]; then
            [ "$1" != -- ] || shift
            COMMAND=("$@"); return
        fi
        option=${1%%=*}
        if [[ "$option" =~ ^(-h|--help)$ ]]; then VERB=help; return; fi
        if [ -n "$VERB" ] && ! takes "$VERB" "$option"; then
            [ "$VERB" = test ] || die 2 "$VERB does not know $1 (see ./run.sh help)"
            COMMAND+=("$1"); shift; continue        # pytest's own options
        fi
        case $option in
            --any-weights) export REPRO_ANY_WEIGHTS=1; shift; continue ;;
            --yes) YES=1; shift; continue ;;
            --no-report) export REPRO_NO_REPORT=1; shift; continue ;;
            --article) ARTICLE=1; shift; continue ;;
            --features) KIND=features; ARGUMENTS+=(--features); shift; continue ;;
            --dry-run) DRY_RUN=1; shift; continue ;;
            --gpu-growth) export REPRO_GPU_GROWTH=1; shift; continue ;;
        esac
        if [ "$1" != "$option" ]; then value=${1#*=}; shift
        elif [ $# -gt 1 ]; then value=$2; shift 2
        else die 2 "$option wants a value (see ./run.sh help)"; fi
        use_option "$option" "$value"
    done
}

use_option() { # OPTION VALUE
    case $1 in
        --work) WORK=$2 ;;
        --runtime) RUNTIME=$2 ;;
        --order)
            [[ "$2" =~ ^(sorted|filesystem)$ ]] || die 2 "--order is sorted or filesystem, not $2"
            export REPRO_ORDER=$2 ;;
        --seeding)
            [[ "$2" =~ ^(article|notebook)$ ]] || die 2 "--seeding is article or notebook, not $2"
            ARGUMENTS+=("$1" "$2") ;;
        --engine)
            [[ "$2" =~ ^(tf1|openvino)$ ]] || die 2 "--engine is tf1 or openvino, not $2"
            ENGINE=$2; ARGUMENTS+=("$1" "$2") ;;
        --precision)
            [[ "$2" =~ ^(f32|bf16)$ ]] || die 2 "--precision is f32 or bf16, not $2"
            ARGUMENTS+=("$1" "$2") ;;
        --train | --test | --seeds | --threads | --workers)
            [[ "$2" =~ ^[1-9][0-9]*$ ]] || die 2 "$1 wants a positive number, not $2"
            ARGUMENTS+=("$1" "$2") ;;
        --networks)
            [[ "$2," =~ ^((ResNet50|InceptionV3|Xception|VGG16|VGG19),)+$ ]] ||
                die 2 "--networks wants names out of ResNet50,InceptionV3,Xception,VGG16,VGG19, not $2"
            ARGUMENTS+=("$1" "$2") ;;
        --rounds | --seconds | --engines) ARGUMENTS+=("$1=$2") ;;     # bench.py looks at them
        --data | --from)
            [ -d "$2" ] || die 4 "$1 $2 is not a folder"
            DATA=$(cd "$2" && pwd -P); ARGUMENTS+=("$1" "$DATA")
            [ "$1" = --data ] || FROM=$DATA ;;
        --weights)
            [ -d "$2" ] || die 4 "--weights $2 is not a folder"
            WEIGHTS=$(cd "$2" && pwd -P); ARGUMENTS+=("$1" "$WEIGHTS") ;;
        --memory)
            [[ "$2" =~ ^[1-9][0-9]*[bkmg]?$ ]] || die 2 "--memory wants a size such as 4g or 800m, not $2"
            LIMITS+=(--memory "$2") ;;
        --pids)
            [[ "$2" =~ ^[1-9][0-9]*$ ]] || die 2 "--pids wants a positive number, not $2"
            LIMITS+=(--pids-limit "$2") ;;
        *) die 2 "$1 stands before a verb that does not know it (see ./run.sh help)" ;;
    esac
}

main() {
    parse "$@"
    case $VERB in
        help | '') usage; [ -n "$VERB" ] || exit 2 ;;
        demo) run_in "${WORK:-$REPRO_ROOT/work/demo}" cpu python -m repro demo "${ARGUMENTS[@]}" ;;
        cpu) run_in "${WORK:-$REPRO_ROOT/work/$KIND}" cpu python -m repro real "${ARGUMENTS[@]}" ;;
        gpu) run_in "${WORK:-$REPRO_ROOT/work/real}" gpu python -m repro real "${ARGUMENTS[@]}" ;;
        data) run_data ;;
        submit) run_submit ;;
        weights) run_in "${WORK:-$REPRO_ROOT/work/real}" cpu python -m repro get weights "${ARGUMENTS[@]}" ;;
        features) run_in "${WORK:-$REPRO_ROOT/work/features}" cpu python -m repro get features "${ARGUMENTS[@]}" ;;
        verify) run_verify ;;
        report) run_report ;;
        test) run_tests "${COMMAND[@]}" ;;
        bench) run_bench ;;
        exec)
            [ ${#COMMAND[@]} -gt 0 ] || die 2 'exec wants a command: ./run.sh exec python …'
            run_command "${COMMAND[@]}" ;;
        shell) run_command bash ;;
        clean) clean ;;
        *) die 2 "no verb $VERB (see ./run.sh help)" ;;
    esac
}

main "$@"
