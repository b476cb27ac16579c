# shellcheck shell=bash
# ./run.sh convert: a model of Keras 1.x as ONNX, SavedModel, OpenVINO's IR or a model of Keras 3.
# The model is loaded and run under Keras 1.2.2 (repro/conversion/exchange.py), in a container if the runtime is
# one.  From what that leaves, the exchange folder, current libraries make the new file (host/converters/), natively, in
# an environment of its own.  The new file is run on the same inputs, and gets its name if its answers are the same.
# shellcheck disable=SC2034,SC2153,SC2154  # run.sh sets MODEL, TO, OUT, FROM, SCRIPT, SAMPLES, ...

CONVERT_FOLDER=''       # everything unfinished, beside the output
CONVERTER=''            # the Python of the format's environment

run_convert() {
    local out folder environment python
    [[ -n "$MODEL" && -n "$TO" ]] || wrong_usage 'convert needs a model file, and --to with a format'
    convert_given
    out=$(convert_out)
    folder=$(dirname "$out")
    [[ -d "$folder" && -w "$folder" ]] || die 4 "$folder is not a folder that can be written: name another file with --out"
    environment=$(convert_environment "$TO")
    python=$(venv_python "$environment") || die 3 "convert needs a $(venv_needs "$environment")"
    "$python" -I -B "$REPRO_ROOT/host/converters" check "$out" || exit
    convert_folder "$folder"
    convert_exchange "$CONVERT_FOLDER/exchange" || exit
    trap 'echo "convert: interrupted; nothing was kept" >&2; exit 130' INT TERM
    venv_ready "$environment" "$python" || exit 3
    CONVERTER=$REPRO_HOME/$environment/bin/python
    convert_checked "$CONVERT_FOLDER/exchange" "$CONVERT_FOLDER/$(basename "$out")" "$out"
}

convert_folder() { # FOLDER: makes CONVERT_FOLDER in it, which is removed at the end; removes those that killed runs left
    local left
    for left in "$1"/.convert.*; do
        [ ! -f "$left/lock" ] || (exec 8>>"$left/lock" && flock -n 8 && rm -rf "$left") || true
    done
    CONVERT_FOLDER=$(mktemp -d "$1/.convert.XXXXXX") || die 4 "nothing can be made in $1: name another file with --out"
    trap 'rm -rf "$CONVERT_FOLDER"' EXIT
    trap 'exit 130' INT TERM
    exec 9>>"$CONVERT_FOLDER/lock"
    flock -n 9 2>/dev/null || true      # a file system without locks
}

convert_given() { # ends with 4 unless all named files can be read
    local file
    for file in "$MODEL" "$MODEL_WEIGHTS" "$SCRIPT" "$SAMPLES"; do
        [ -n "$file" ] || continue
        [ -f "$file" ] || die 4 "$file is not a file"
        [ -r "$file" ] || die 4 "$file cannot be read: give yourself the permission, or name a copy"
    done
}

convert_out() { # prints --out, or the model's name with the format's ending
    local ending=$TO
    case $TO in openvino) ending=xml ;; keras3) ending=keras ;; esac
    echo "${OUT:-${MODEL%.*}.$ending}"
}

convert_exchange() { # FOLDER: what repro/conversion/exchange.py makes of the model, in there
    local given option arguments=(--to="$TO" ${TRAINED_ON:+"--trained-on=$TRAINED_ON"} ${TRUST:+--trust} ${SCRIPT:+"--script=$SCRIPT"})
    # Copies: in a container nothing else is seen, but a script's own folder.
    for given in "=$MODEL" "--model-weights=$MODEL_WEIGHTS" "--samples=$SAMPLES"; do
        option=${given%%=*} given=${given#*=}
        [ -n "$given" ] || continue
        mkdir -p "$1/given$option" && cp -- "$given" "$1/given$option/" || return 4
        arguments+=("${option:+$option=}given$option/$(basename "$given")")
    done
    (
        OUT='' FROM=${SCRIPT:+$(dirname "$SCRIPT")}
        run_in "$1" cpu python -m repro convert "${arguments[@]}"
    )
}

convert_checked() { # EXCHANGE MADE OUT: makes the file, runs it, and keeps it if its outputs are those of Keras 1.2.2
    say "convert: converting to $TO, then running both models on the same inputs"
    # What a model's code left in a container may be a link to anything of the caller's.
    [ -z "$(find "$1" -maxdepth 1 -type l)" ] || die 4 "loading the model left links behind: do not use it"
    convert_by "$TO" "$1" "$2"
    convert_by run "$TO" "$2" "$1/samples.npz" "$CONVERT_FOLDER/answers.npz"
    REPRO_COMMIT=$(commit) "$CONVERTER" -I -B "$REPRO_ROOT/host/converters" keep "$1" "$CONVERT_FOLDER/answers.npz" \
        "$2" "$3" "$TO"
}

convert_by() { # WHAT ARGUMENT…: a part of host/converters/; what it prints is read where it fails
    local status=0 log=$CONVERT_FOLDER/$1.log
    # On stdout are remarks for the user, such as what keras3 leaves out; the libraries' own output is not for the user.
    "$CONVERTER" -I -B "$REPRO_ROOT/host/converters" "$@" >"$log.remarks" 2>"$log" || status=$?
    case $status in
        0) [ "$1" != keras3 ] || sed 's/^/convert: /' "$log.remarks"; return ;;
        4) tail -n 1 "$log" >&2; exit 4 ;;     # its own line: what has no equal
    esac
    tail -n 5 "$log" | cut -c1-300 | sed 's/^/    /' >&2
    die 1 "the current libraries for $TO failed on this model (see above); nothing was kept"
}

convert_environment() { # FORMAT: the environment that it is made in: its own, or TensorFlow's where it needs nothing else
    if environment_field "convert-$1" locks >/dev/null; then echo "convert-$1"; else echo tf2; fi
}
