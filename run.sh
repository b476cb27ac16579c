#!/usr/bin/env bash
# How do I run it?  Dispatch and usage only; the work is in host/ (outside) and repro/ (inside).
# shellcheck disable=SC2034  # the variables are host/'s, too

# These lines are for whatever reads them: sh, macOS's bash of 2007, or one on Windows, says what to type and ends.
case ${OSTYPE:-} in
    darwin* | msys* | cygwin*)
        echo 'run.sh: this runs on Linux (x86-64); on a Mac or on Windows, with Docker, in this folder:' >&2
        # shellcheck disable=SC2016  # it is to be typed
        echo '  docker build --platform linux/amd64 -f Dockerfile.cpu -t dogs-vs-cats-2017 . && docker run --rm -v "$PWD/runs:/runs" dogs-vs-cats-2017 demo --work /runs/demo' >&2
        exit 3 ;;
esac
case ${BASH_VERSION:-} in
    '') echo 'run.sh: this is a program for bash, not for sh: ./run.sh, or bash run.sh' >&2; exit 2 ;;
    [0-3].* | 4.[01].*)
        echo "run.sh: bash 4.2 or later is needed, and this is $BASH_VERSION: put a newer one first on PATH" >&2; exit 3 ;;
esac
# A function that the caller's shell exports (cd, rm, which) would stand for the command here, and SHELLOPTS, CDPATH or
# BASH_ENV for something else than is written: bash -p takes over none. In POSIX mode `exec` itself is no function.
case $- in
    *p*) ;;
    *) POSIXLY_CORRECT=1; exec "$BASH" -p -- "${BASH_SOURCE[0]}" "$@" ;;
esac
set +o posix
unset POSIXLY_CORRECT CDPATH GLOBIGNORE BASH_ENV ENV BASH_COMPAT EXECIGNORE GREP_OPTIONS
export -n SHELLOPTS BASHOPTS
closed() { # NUMBER of a stream; bash may have opened this very file under it
    [ ! -e "/dev/fd/$1" ] || [ "/dev/fd/$1" -ef "${BASH_SOURCE[0]}" ]
}
# A file that is opened later would get the number of a closed stream, and what is printed would go into the file.
! closed 0 || exec </dev/null
! closed 1 || exec >/dev/null
! closed 2 || exec 2>/dev/null
set -eo pipefail
case $BASH_VERSION in 4.[23].*) ;; *) set -u ;; esac    # up to 4.3, -u takes an empty array for an unset one

die() { # STATUS MESSAGE
    echo "run.sh: $2" >&2 || true     # a full disk
    exit "$1"
}

say() { # LINE: a reader who has gone needs no word
    printf '%s\n' "$1" 2>/dev/null && return
    if [ -p /dev/fd/1 ]; then exit 141; fi     # as SIGPIPE would have it, where the caller ignores that
    die 4 'standard output cannot be written: is its disk full?'
}

[ -n "${HOME:-}" ] || { unset HOME; HOME=~; }         # none in a service of systemd's

absolute() { # OPTION PATH: sets ABSOLUTE. Once, before anything is decided: a relative path means another in each folder
    case $2 in
        /*) ABSOLUTE=$2 ;;
        \~ | \~/*) ABSOLUTE=$HOME${2#\~} ;;        # after an = no shell has expanded it
        \~*) die 2 "$1 $2: only ~/ is understood here: write the path out (or ./$2 for a folder of that name)" ;;
        *) ABSOLUTE=${PWD%/}/$2 ;;
    esac
}

REPRO_ROOT=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
absolute REPRO_HOME "${REPRO_HOME:-$REPRO_ROOT/.native}"    # the native environment, kept between runs
REPRO_HOME=$ABSOLUTE
export REPRO_ROOT REPRO_HOME

for part in setup python/{python27,debian,python3} environment engines container/{gpu,container} servers/servers \
    converters/convert folders kaggle/kaggle runtime bench notebook archive/archive; do
    # shellcheck source=/dev/null
    source "$REPRO_ROOT/host/$part.sh"
done

usage() {
    say "$(cat <<'USAGE'
The 2017 "Dogs vs. Cats" article (Keras 1.2.2), run on its own versions.

Start with ./run.sh demo. It runs the whole article, from pictures to pred.csv, on 80 pictures
that it draws and on seeded weights: about 3 minutes on 2 cores, and one more for the set-up the
first time. At the end there is a page to look at. Nothing is installed outside this folder.

  ./run.sh demo     draw pictures, make stand-in weights, run the whole article on them
  ./run.sh test     run the test suite
  ./run.sh cpu      the real run on the processor:  --data DIR with Kaggle's train/, test/
  ./run.sh gpu      the real run on a CUDA 8 GPU    and sample_submission.csv
  ./run.sh data     fetch Kaggle's pictures with your account, unpack and check them
  ./run.sh weights  fetch what Keras 1.2.2 would; these two into the folder of cpu and gpu
  ./run.sh features fetch the author's gap_*.h5, for cpu --features
  ./run.sh kaggle   the real run on Kaggle's machines and cards; fetches what it leaves
  ./run.sh submit   send a run's pred.csv to Kaggle, after asking; keep the score
  ./run.sh verify   compare a run with what is expected; --article: the article with itself
  ./run.sh report   make report.html again: what was reproduced, to look at
  ./run.sh notebook the article as notebooks: Jupyter in a browser, on this machine alone
  ./run.sh serve    a TensorFlow of today that the program's TensorFlow 1.0.1 drives
  ./run.sh bench    engines and peers on this machine (benchmarks/README.md); bench servers
  ./run.sh convert MODEL --to F  a model file of Keras 1.x as onnx, savedmodel, openvino, keras3
  ./run.sh exec CMD…   any command in the pinned environment (python, pytest, …)
  ./run.sh shell    a shell there
  ./run.sh archive  gather what this project stands on in one folder; see --archive
  ./run.sh clean    remove the environment; with --work DIR, that run's folder
  ./run.sh help

Options, each with the verbs that take it
  --work DIR        all: the work folder. Without it: work/demo for demo, verify and report;
                    work/real for cpu, gpu, data, weights and submit; work/kaggle for
                    kaggle; work/features for features and cpu --features; work/notebook
                    for notebook; the current folder for exec and shell
  --runtime WHICH   all: docker, podman or native (default: the first that works)
  --dry-run         demo, cpu, gpu, weights, features, verify, report, test, exec, shell, serve,
                    notebook: print every command, run none; clean: print what would be
                    removed; kaggle: print what would be pushed
  --memory SIZE     all verbs of --dry-run but clean, kaggle: a container's memory, such as 4g
  --pids N          all verbs of --dry-run but clean, kaggle: a container's processes
  --networks LIST   demo, cpu, gpu, kaggle, weights, features, bench: of ResNet50,InceptionV3,
                    Xception (default: all three), VGG16,VGG19
  --seeding WHICH   demo, cpu, gpu, kaggle: article (listing, default) or notebook (author's)
  --seeds N         demo, cpu, gpu, kaggle: the head N times more, with seeds 2018, 2019, …
  --order WHICH     demo, cpu, gpu, exec, shell: sorted (the author's file order, default) or
                    filesystem (raw)
  --no-report       demo, cpu, gpu: no report.html at the end
  --engine WHICH    demo, cpu: tf1 (TensorFlow 1.0.1, the article's, default), openvino or tf2:
                    the same network on a current engine; gpu: tf1, or tf2 for the cards of
                    today; exec, shell: tf2 holds the Keras sessions of any program;
                    kaggle: any (default: by the card that is there)
  --servers LIST    with --engine tf2: HOST:PORT,… of ./run.sh serve (default: one of its own)
  --fast            serve, and with --engine tf2: TF32 and kernels that do not repeat themselves
  --precision P     with --engine openvino: f32 (default) or bf16
  --threads N       with --engine openvino: for the network (default: as many as cores)
  --workers N       with --engine openvino, tf2: that decode pictures (default: one a core)
  --train N         demo: how many training pictures are drawn (default: 64)
  --test N          demo: how many test pictures are drawn (default: 16)
  --data DIR        cpu, gpu: the pictures: train/, test/ and sample_submission.csv
  --weights DIR     cpu, gpu: the files that Keras would download
  --any-weights     cpu, gpu, kaggle, exec, shell: accept weights that are not the article's
  --features        cpu: no pictures: from gap_*.h5 in the work folder on
  --accelerator A   kaggle: NvidiaTeslaP100 (default), NvidiaTeslaT4 or none
  --gpu-growth      gpu: take the GPU's memory as it is needed, not all at once
  --from DIR        data, weights, features: take the files from DIR, fetch nothing
  --device WHICH    serve: auto (the cards if there are any, default), cpu or gpu; bench servers
  --port N          serve, notebook: where it listens (default: 2222; notebook: 8888)
  --bind ADDRESS    serve: who may connect: this machine's address (default: 127.0.0.1, itself)
  --run NAME        notebook: run this one of the work folder top to bottom, and serve nothing
  --yes             submit: send without asking
  --article         verify: the article with itself, instead of a run
  --archive DIR     demo, cpu, gpu, data, weights, features, verify, report, test, exec, shell,
                    serve, notebook, convert: set up and run from this archive, fetch nothing
  --to DIR          archive: gather it there;  --check DIR: every hash, and what it can rebuild
  --to F            convert: see above; the model is a file of model.save, or an architecture
                    (model.json) with --model-weights, or weights with --script
  --model-weights FILE   convert: what save_weights left, for a model.json
  --script FILE     convert: a program that defines `model`, for weights; or your own layers
  --samples FILE    convert: .npy or .npz that both models are asked (default: seeded numbers)
  --trained-on B    convert: theano (which mirrors kernels) or tensorflow: the file cannot tell
  --trust           convert: run the code that is in a Lambda, a pickle or a script
  --with LIST       archive: what demo and test do not need: weights,features,data,images,tf2,
                    convert,notebook,cuda8
  --keep DIR        archive: with what this finished run left; may be given more than once
  --shareable       archive: without what may not be passed on; that is named instead
  --out DIR         report: put the page there, and write nothing in the work folder
  --out FILE        convert: what it makes (default: beside the model, by its name)
  --rounds N, --seconds S, --peers LIST     bench: how often, how long, and what is measured

Exit: 0 done, 1 a check failed, 2 wrong usage, 3 no runtime, 4 bad input, 5 folder in use
or made from other inputs, 130 interrupted.
A CPython 2.7 of your own: REPRO_PYTHON27=/path/to/python2.7.
USAGE
    )"
}

VERB='' WORK='' RUNTIME=${REPRO_RUNTIME:-} ENGINE='' ORDER='' DATA='' WEIGHTS='' FROM='' OUT='' FEATURES='' YES='' ARTICLE='' \
    SERVERS='' FAST='' DEVICE='' PORT='' BIND='' TO='' CHECK='' WITH='' RUN='' SHAREABLE='' ARCHIVE='' DRY_RUN='' GPU='' \
    MODEL='' MODEL_WEIGHTS='' SCRIPT='' SAMPLES='' TRAINED_ON='' TRUST='' OUTSIDE=() LIMITS=() COMMAND=() RUNS=()
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
            convert,[!-]*) note_model "$1"; shift; continue ;;
        esac
        if [ "$VERB" = test ] && ! takes test "$option"; then option=''; fi
        case $option in
            --work | --runtime | --memory | --pids | --engine | --order | --data | --weights | --from | --out | \
                --servers | --device | --port | --bind | --archive | --to | --check | --with | --run | --keep | \
                --model-weights | --script | --samples | --trained-on)
                if [ "$1" != "$option" ]; then value=${1#*=}
                elif [ $# -gt 1 ]; then value=$2; shift
                fi
                [ -n "$value" ] || die 2 "$option wants a value (see ./run.sh help)" ;;
            --dry-run | --yes | --article | --trust)
                [ "$1" = "$option" ] || die 2 "$option takes no value (see ./run.sh help)" ;;
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
        --work) absolute --work "$2"; WORK=$ABSOLUTE ;;
        --runtime) RUNTIME=$2 ;;
        --archive) absolute --archive "$2"; ARCHIVE=$ABSOLUTE ;;
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

note_model() { # PATH: of convert
    absolute convert "$1"
    [ -n "$MODEL" ] || MODEL=$ABSOLUTE
    ARGUMENTS+=("$ABSOLUTE")
}

note_argument() { # OPTION VALUE WORD: the program's; some of them concern the outside, too
    local value=$2
    case $1 in
        --data | --weights | --from | --out | --check | --keep) absolute "$1" "$2"; value=$(without_links "$ABSOLUTE") ;;
        --model-weights | --script | --samples) absolute "$1" "$2"; value=$ABSOLUTE ;;
    esac
    case $1 in
        --engine) ENGINE=$value ;;
        --order) ORDER=$value ;;
        --data) DATA=$value ;;
        --weights) WEIGHTS=$value ;;
        --from) FROM=$value ;;
        --out) OUT=$value ;;
        --features) FEATURES=features ;;
        --shareable) SHAREABLE=1 ;;
        --servers) SERVERS=$value ;;
        --fast) FAST=1 ;;
        --device) DEVICE=$value ;;
        --port) PORT=$value ;;
        --bind) BIND=$value ;;
        --to) TO=$value ;;          # a folder of archive's, a format of convert's
        --model-weights) MODEL_WEIGHTS=$value ;;
        --script) SCRIPT=$value ;;
        --samples) SAMPLES=$value ;;
        --trained-on) TRAINED_ON=$value ;;
        --trust) TRUST=1 ;;
        --check) CHECK=$value ;;
        --with) WITH=$value ;;
        --run) RUN=$value ;;
        --keep) RUNS+=("$value") ;;
    esac
    if [ -n "$value" ]; then ARGUMENTS+=("$1=$value"); else ARGUMENTS+=("$3"); fi
}

takes() { # VERB OPTION: whether this verb knows this option of the outside
    case $2 in
        --work | --runtime) [ "$1" != help ] ;;
        --dry-run) [[ "$1" =~ ^(demo|cpu|gpu|kaggle|weights|features|verify|report|test|exec|shell|serve|notebook|clean)$ ]] ;;
        --memory | --pids) [[ "$1" =~ ^(demo|cpu|gpu|weights|features|verify|report|test|exec|shell|serve|notebook)$ ]] ;;
        --archive) [[ "$1" =~ ^(demo|cpu|gpu|data|weights|features|verify|report|test|exec|shell|serve|notebook|convert)$ ]] ;;
        --yes) [ "$1" = submit ] ;;
        --article) [ "$1" = verify ] ;;
        *) false ;;
    esac
}

check() { # ends with status 2 or 4 where options or folders are wrong, before anything is set up
    local option words=("$VERB")
    declare -F "verb_$VERB" >/dev/null || die 2 "no verb $VERB (see ./run.sh help)"
    [ "$VERB" = help ] || can_start_processes
    for option in "${OUTSIDE[@]}"; do
        takes "$VERB" "$option" || die 2 "$VERB does not know $option (see ./run.sh help)"
    done
    [ ${#ARGUMENTS[@]} -gt 0 ] || return 0
    case $VERB in
        test) return ;;         # pytest's
        bench) return ;;        # bench.py's: run_bench asks
        help | clean | submit) die 2 "$VERB does not know ${ARGUMENTS[0]} (see ./run.sh help)" ;;
        data | weights | features) words=(get "$VERB") ;;
    esac
    # Where no Python is there yet, the program says the same later.
    ask_program options "${words[@]}" "${ARGUMENTS[@]}" || exit
    can_be_entered --data "$DATA"
    can_be_entered --weights "$WEIGHTS"
    can_be_entered --from "$FROM"
}

verb_help() { usage; }
verb_demo() { program demo cpu demo; }
verb_cpu() { program "${FEATURES:-real}" cpu cpu; }     # without pictures: work/features
verb_gpu() { if engine_has_server; then program real cpu gpu; else program real gpu gpu; fi; }
verb_data() { run_data; }
verb_weights() { program real cpu get weights; }
verb_features() { program features cpu get features; }
verb_submit() { run_submit; }
verb_kaggle() { run_kaggle; }
verb_verify() { run_verify; }
verb_report() { require_run; program demo cpu report; }
verb_test() { run_tests; }
verb_serve() { run_serve; }
verb_notebook() { run_notebook; }
verb_bench() { run_bench; }
verb_convert() { run_convert; }
verb_exec() { run_command "${COMMAND[@]}"; }
verb_shell() { run_command bash; }
verb_archive() { run_archive; }
verb_clean() { clean; }

main() {
    parse "$@"
    if [ -z "$ARCHIVE" ] && [ -n "${REPRO_ARCHIVE:-}" ]; then absolute REPRO_ARCHIVE "$REPRO_ARCHIVE"; ARCHIVE=$ABSOLUTE; fi
    if [ -z "$VERB" ]; then usage; exit 2; fi
    check
    if [ -n "$ARCHIVE" ] && takes "$VERB" --archive; then archive_use; fi
    "verb_$VERB"
}

main "$@"
