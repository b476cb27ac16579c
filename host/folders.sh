# shellcheck shell=bash
# The folders that a run uses, as seen from outside: the work folder and its private HOME.
# shellcheck disable=SC2153,SC2154  # run.sh sets WORK, VERB, DRY_RUN, OUT

without_links() { # PATH, absolute: prints it without links, where it is a folder that can be entered
    (cd -P -- "$1" 2>/dev/null && pwd) || printf '%s\n' "$1"
}

can_be_entered() { # OPTION PATH: ends with status 4 unless PATH is a folder that can be read ('': none was named)
    [ -z "$2" ] || [ -d "$2" ] || die 4 "$1 $2 is not a folder"
    [ -z "$2" ] || [[ -r "$2" && -x "$2" ]] || die 4 "$1 $2 cannot be read: give yourself the permission, or name a copy"
}

prepare_work() { # DIR: makes the work folder; prints its absolute path
    if [ -z "$DRY_RUN" ]; then
        [ -d "$1" ] || mkdir -p -- "$1" 2>/dev/null || die 4 "$1 cannot be made: name another folder with --work"
        can_be_entered --work "$1"
        [ -w "$1" ] || only_looks || die 4 "$1 is not writable: name another folder with --work$(only_looks_with)"
    fi
    without_links "$1"
}

only_looks() { # whether this command can work with a folder that cannot be written
    [[ -n "$OUT" || "$VERB" =~ ^(verify|exec|shell)$ ]]
}

only_looks_with() { # for a message: the other way out
    [ "$VERB" != report ] || echo ', or one for the page alone with --out'
}

# Keras reads its keras.json under ~/.keras.  With a HOME of the work folder's own, the user's changes
# nothing.  The weights come from the folder's weights/, without a link: repro/keras_seams.py.
prepare_home() { # WORK: sets RUN_HOME, the HOME of programs that run in this folder, and makes it
    export REPRO_WORK=$1
    RUN_HOME=$1
    [ "$VERB" != verify ] || return 0       # it keeps nothing and needs no Keras
    RUN_HOME=$1/.repro/home
    if [ -z "$DRY_RUN" ] && [ ! -w "$1" ]; then
        home_elsewhere "$(printf %s "$1" | cksum | tr ' ' -)/.keras"
        RUN_HOME=${RUN_HOME%/.keras}
    else
        perform mkdir -p "$RUN_HOME/.keras" "$1/weights" 2>/dev/null ||
            die 4 "$1/.repro or $1/weights cannot be made (a file of that name, or a full disk): name another folder with --work"
    fi
}

home_elsewhere() { # [NAME]: sets RUN_HOME to this folder of the environment's own, and makes it
    RUN_HOME=$REPRO_HOME/home${1:+/$1}
    [ -n "$DRY_RUN" ] || { marked_folder "$REPRO_HOME/home" && mkdir -p "$RUN_HOME"; } 2>/dev/null ||
        die 4 "$RUN_HOME cannot be made: set REPRO_HOME to a folder of your own"
}

prepare_out() { # --out's folder
    [ -n "$OUT" ] && [ -z "$DRY_RUN" ] || return 0
    mkdir -p "$OUT" 2>/dev/null && [ -w "$OUT" ] || die 4 "--out $OUT cannot be made or written: name another folder"
}

# --- where the program is from

own_git() { # ARGUMENT…: git on this checkout's own repository, without the caller's GIT_ variables, and whoever owns it
    (
        # shellcheck disable=SC2046
        unset -v $(git rev-parse --local-env-vars)
        GIT_OPTIONAL_LOCKS=0 exec git "--git-dir=$REPRO_ROOT/.git" "--work-tree=$REPRO_ROOT" "$@"
    ) 2>/dev/null
}

commit_source() { # where this checkout is from, if that is a public address
    local address=''
    [ ! -e "$REPRO_ROOT/.git" ] || address=$(own_git config --local remote.origin.url) || address=''
    if [[ "$address" == https://* && "$address" != *@* ]]; then echo "$address"; else echo unknown; fi
}

commit() { # the commit of this checkout, marked when files differ from it; in a container, what run.sh outside passed in
    local head files
    if [ -n "${REPRO_CONTAINER:-}" ]; then head=${REPRO_COMMIT:-}
    elif [ -f "$REPRO_ROOT/.commit" ]; then head=$(<"$REPRO_ROOT/.commit")  # packed for Kaggle (host/kaggle/push.py)
    elif head=$(own_git rev-parse --verify -q 'HEAD^{commit}'); then
        files=$(own_git status --porcelain --untracked-files=no) || files=unknown
        [ -z "$files" ] || head+=-dirty
    else head=$(commit_written "$REPRO_ROOT/.git" 2>/dev/null) || head=''
    fi
    echo "${head:-unknown}"
}

commit_written() { # .GIT: what its files say, where no git is installed
    local git=$1 head common
    if [ -f "$git" ]; then                  # of a worktree
        git=$(sed -n 's/^gitdir: //p' "$git")
        [[ "$git" = /* ]] || git=$REPRO_ROOT/$git
    fi
    head=$(<"$git/HEAD")
    if [[ "$head" = ref:* ]]; then
        common=$git
        [ ! -f "$git/commondir" ] || common=$git/$(<"$git/commondir")
        head=${head#ref: }
        head=$(cat "$common/$head" || sed -n "s,^\([0-9a-f]*\) $head\$,\1,p" "$common/packed-refs")
    fi
    [[ "$head" =~ ^[0-9a-f]+$ ]] && echo "$head"
}

# --- removing

run_clean() { # removes what this program made, and only that
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

remove() { # PATH…: removes those that are there; with --dry-run only names them
    local path
    for path; do
        [ -e "$path" ] || [ -L "$path" ] || continue
        if [ -n "$DRY_RUN" ]; then say "would remove $path"; continue; fi
        rm -rf -- "$path" 2>/dev/null ||
            die 4 "$path cannot be removed completely (is it yours, and is its file system writable?): the rest was left"
    done
}

clean_home() { # what this program made in REPRO_HOME, which may be a folder of the user's; what is not ours is named
    local path left=''
    for path in "${REPRO_HOME:?}"/{engines/,,.[!.]}*; do
        [ -e "$path" ] || [ -L "$path" ] || continue
        if clean_ours "$path"; then remove "$path"; else left+=" ${path##*/}"; fi
    done
    [ -z "$left" ] || say "left in $REPRO_HOME, since it does not have this program's mark:$left"
    removed "$REPRO_HOME" "the environment in $REPRO_HOME"
}

clean_ours() { # PATH in $REPRO_HOME: whether this program made it
    [ ! -L "$1" ] || return 1
    case $1 in
        "$REPRO_HOME/lock") [ -f "$1" ] && [ ! -s "$1" ] ;;     # set-up's: an empty file, which cannot hold the mark
        *) [ -f "$1/.repro" ] ;;        # marked_folder, made; in a work folder, .repro is a folder
    esac
}

clean_work() { # the run's outputs; of its inputs only those that the demo made
    local kind name names=(train2 test2 'equality_*.h5' model.h5 model.dot history.json seeds.json validation.csv pred.csv
        run.json report.html report.json)
    kind=$(sed -n 's/^ "kind": "\([a-z]*\)".*/\1/p' "$WORK/run.json" 2>/dev/null || true)
    if [[ "$kind" =~ ^(demo|real|kaggle|steps)$ ]]; then names+=('gap_*.h5'); fi    # else they are inputs
    if [ "$kind" = demo ]; then names+=(train test weights sample_submission.csv standin_truth.csv); fi
    for name in "${names[@]}"; do
        # shellcheck disable=SC2086  # the patterns are to be expanded, and no name has a space
        remove "$WORK"/$name
    done
    remove "$WORK/.repro"       # last: it shows that run.sh made this folder
    [ -n "$DRY_RUN" ] || rmdir "$WORK/weights" 2>/dev/null || true      # a run that was refused leaves it empty
    removed "$WORK" "the run in $WORK"
}

removed() { # FOLDER WHAT: removes the folder if it is empty, and says so
    [ -z "$DRY_RUN" ] || return 0
    rmdir "$1" 2>/dev/null || true
    say "removed $2"
}
