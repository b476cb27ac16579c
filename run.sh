#!/usr/bin/env bash
# How do I run it?  Dispatch and usage only; the work is in host/ (outside) and repro/ (inside).
# shellcheck disable=SC2034  # the variables are host/'s, too
set -euo pipefail

# What the caller closed (>&-) would be the next file that is opened; the first of them is this script.
if [ /dev/fd/1 -ef "$0" ] || ! { true >&1; } 2>/dev/null; then exec >/dev/null; fi
if [ /dev/fd/2 -ef "$0" ] || ! true >&2 2>/dev/null; then exec 2>/dev/null; fi

REPRO_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
REPRO_HOME=${REPRO_HOME:-$REPRO_ROOT/.native}   # the native environment, kept between runs
[[ "$REPRO_HOME" = /* ]] || REPRO_HOME=$PWD/$REPRO_HOME
export REPRO_ROOT REPRO_HOME

for part in setup python27 debian python3 environment engines gpu container folders kaggle runtime bench; do
    # shellcheck source=/dev/null
    source "$REPRO_ROOT/host/$part.sh"
done

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
  ./run.sh bench    engines and peers on this machine:  --rounds N, --seconds S, --peers LIST
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
    echo "run.sh: $2" >&2 || true   # a full disk
    exit "$1"
}

VERB='' WORK='' RUNTIME=${REPRO_RUNTIME:-} ENGINE='' ORDER='' DATA='' WEIGHTS='' FROM='' FEATURES='' YES='' ARTICLE='' \
    DRY_RUN='' GPU='' OUTSIDE=() LIMITS=() COMMAND=()
ARGUMENTS=()    # the program's own (repro/options.py), pytest's or bench.py's
SETTINGS=()     # ARGUMENTS of exec, which are not its command's

parse() { # ARGUMENT…: notes what concerns the outside; all else becomes ARGUMENTS, or exec's COMMAND
    local option value
    while [ $# -gt 0 ]; do
        option=${1%%=*} value=''
        case $VERB,$option in
            exec,--) COMMAND=("${@:2}"); return ;;
            *,-h | *,--help) VERB=help ARGUMENTS=() OUTSIDE=(); return ;;
            *,--*) ;;
            exec,*) COMMAND=("$@"); return ;;
            ,[!-]*) note_verb "$1"; shift; continue ;;
        esac
        if [ "$VERB" = test ] && ! takes test "$option"; then option=''; fi
        case $option in
            --work | --runtime | --memory | --pids | --engine | --order | --data | --weights | --from)
                if [ "$1" != "$option" ]; then value=${1#*=}
                elif [ $# -gt 1 ]; then value=$2; shift
                fi
                [ -n "$value" ] || die 2 "$option wants a value (see ./run.sh help)" ;;
        esac
        note "$option" "$value" "$1"
        shift
    done
}

note_verb() { # WORD before the verb: it, unless it can only be the value of the option before
    if [[ ${#ARGUMENTS[@]} -gt 0 && "${ARGUMENTS[-1]}" == --* ]] && ! declare -F "verb_$1" >/dev/null; then
        ARGUMENTS+=("$1")
    else
        VERB=$1
    fi
}

note() { # OPTION VALUE WORD: what WORD, of the command line, says
    case $1 in
        --work) WORK=$2 ;;
        --runtime) RUNTIME=$2 ;;
        --dry-run) DRY_RUN=1 ;;
        --yes) YES=1 ;;
        --article) ARTICLE=1 ;;
        --memory)
            [[ "$2" =~ ^[1-9][0-9]*[bkmg]?$ ]] || die 2 "--memory wants a size such as 4g or 800m, not $2"
            LIMITS+=(--memory "$2") ;;
        --pids)
            [[ "$2" =~ ^[1-9][0-9]*$ ]] || die 2 "--pids wants a positive number, not $2"
            LIMITS+=(--pids-limit "$2") ;;
        *) note_argument "$@"; return ;;
    esac
    OUTSIDE+=("$1")
}

note_argument() { # OPTION VALUE WORD: the program's; some of them concern the outside, too
    local value=$2
    case $1 in --data | --weights | --from) value=$(realpath -m -- "$2") ;; esac    # the program runs elsewhere
    case $1 in
        --engine) ENGINE=$value ;;
        --order) ORDER=$value ;;
        --data) DATA=$value ;;
        --weights) WEIGHTS=$value ;;
        --from) FROM=$value ;;
        --features) FEATURES=features ;;
    esac
    if [ -n "$value" ]; then ARGUMENTS+=("$1=$value"); else ARGUMENTS+=("$3"); fi
}

takes() { # VERB OPTION: whether this verb knows this option of the outside
    case $2 in
        --work | --runtime) [ "$1" != help ] ;;
        --dry-run | --memory | --pids) [[ "$1" =~ ^(demo|cpu|gpu|weights|features|verify|report|test|exec|shell)$ ]] ;;
        --yes) [ "$1" = submit ] ;;
        --article) [ "$1" = verify ] ;;
        *) false ;;
    esac
}

check() { # ends with status 2 or 4 where options or folders are wrong, before anything is set up
    local option words=("$VERB")
    declare -F "verb_$VERB" >/dev/null || die 2 "no verb $VERB (see ./run.sh help)"
    for option in "${OUTSIDE[@]}"; do
        takes "$VERB" "$option" || die 2 "$VERB does not know $option (see ./run.sh help)"
    done
    [ ${#ARGUMENTS[@]} -gt 0 ] || return 0
    case $VERB in
        test | bench) return ;;         # pytest's, bench.py's
        help | clean | submit) die 2 "$VERB does not know ${ARGUMENTS[0]} (see ./run.sh help)" ;;
        data | weights | features) words=(get "$VERB") ;;
    esac
    # Where no Python is there yet, the program says the same later.
    ask_program options "${words[@]}" "${ARGUMENTS[@]}" || exit
    [ -z "$DATA" ] || [ -d "$DATA" ] || die 4 "--data $DATA is not a folder"
    [ -z "$WEIGHTS" ] || [ -d "$WEIGHTS" ] || die 4 "--weights $WEIGHTS is not a folder"
    [ -z "$FROM" ] || [ -d "$FROM" ] || die 4 "--from $FROM is not a folder"
}

verb_help() { usage; }
verb_demo() { program demo cpu demo; }
verb_cpu() { program "${FEATURES:-real}" cpu cpu; }     # without pictures: work/features
verb_gpu() { program real gpu gpu; }
verb_data() { run_data; }
verb_weights() { program real cpu get weights; }
verb_features() { program features cpu get features; }
verb_submit() { run_submit; }
verb_verify() { run_verify; }
verb_report() { require_run; program demo cpu report; }
verb_test() { run_tests; }
verb_bench() { run_bench; }
verb_exec() { run_command "${COMMAND[@]}"; }
verb_shell() { run_command bash; }
verb_clean() { clean; }

main() {
    parse "$@"
    if [ -z "$VERB" ]; then usage; exit 2; fi
    check
    "verb_$VERB"
}

main "$@"
