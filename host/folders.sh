# shellcheck shell=bash
# The folders that a run uses, as seen from outside: the work folder and its private HOME.

prepare_work() { # DIR: makes the work folder; prints its absolute path
    if [ -n "$DRY_RUN" ]; then realpath -m -- "$1"; return; fi
    mkdir -p "$1" 2>/dev/null || die 4 "$1 cannot be made: name another folder with --work"
    [ -w "$1" ] || die 4 "$1 is not writable: name another folder with --work"
    (cd "$1" && pwd -P)
}

# Keras reads its keras.json under ~/.keras.  With a HOME of the work folder's own, the user's changes
# nothing.  The weights come from the folder's weights/, without a link: repro/keras_seams.py.
prepare_home() { # WORK: makes .repro/home there, the HOME for programs that run in this folder
    export REPRO_WORK=$1
    perform mkdir -p "$1/.repro/home/.keras" "$1/weights" 2>/dev/null ||
        die 4 "$1/.repro or $1/weights cannot be made (a file of that name, or a full disk): name another folder with --work"
}

commit_source() { # where this checkout is from, if that is a public address
    local address
    address=$(git -C "$REPRO_ROOT" config remote.origin.url 2>/dev/null) || address=''
    if [[ "$address" == https://* && "$address" != *@* ]]; then echo "$address"; else echo unknown; fi
}

commit() { # the commit of this checkout, marked when files differ from it
    local head
    if git -C "$REPRO_ROOT" describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null; then
        return
    fi
    head=$(cat "$REPRO_ROOT/.git/HEAD" 2>/dev/null || echo unknown)
    if [[ "$head" == ref:* ]]; then
        head=$(cat "$REPRO_ROOT/.git/${head#ref: }" 2>/dev/null || echo unknown)
    fi
    echo "$head"
}

clean() { # removes what this program made, and only that
    if [ -z "$WORK" ]; then
        clean_home
        container_clean
    elif [ ! -d "$WORK" ]; then
        die 4 "$WORK is not a folder"
    elif [ ! -d "$WORK/.repro" ]; then
        die 4 "$WORK was not made by run.sh, so nothing is removed"
    else
        clean_work
    fi
}

clean_home() { # the native environment; by name, since REPRO_HOME may be a folder of the user's
    local name
    for name in cpu gpu lint kaggle engines compiled bench bench-{keras,onnx,sgemm,torch} tools python27 conda home theano \
        standin logs screenshots; do
        rm -rf "${REPRO_HOME:?}/$name"
    done
    rm -f "$REPRO_HOME/lock"
    rmdir "$REPRO_HOME" 2>/dev/null || true
    echo "removed the environment in $REPRO_HOME"
}

clean_work() { # the run's outputs; of what it was given only what was made by the demo
    local kind
    kind=$(sed -n 's/^ "kind": "\([a-z]*\)".*/\1/p' "$WORK/run.json" 2>/dev/null || true)
    (
        cd "$WORK" || exit
        rm -rf train2 test2 .repro
        rm -f equality_*.h5 model.h5 model.dot history.json seeds.json validation.csv pred.csv run.json
        rm -f report.html report.json
        if [[ "$kind" =~ ^(demo|real|steps)$ ]]; then rm -f gap_*.h5; fi    # else they were given
        if [ "$kind" = demo ]; then
            rm -rf train test weights
            rm -f sample_submission.csv standin_truth.csv
        fi
    )
    rmdir "$WORK" 2>/dev/null || true
    echo "removed the run in $WORK"
}
