# shellcheck shell=bash
# An archive of what this project stands on (host/archive/archive.py), and runs from that alone.
# Sourced by run.sh; functions only. Wants host/setup.sh, debian.sh, python3.sh, servers.sh, convert.sh and bag.sh sourced beside it.
# shellcheck disable=SC2034,SC2153,SC2154  # run.sh sets TO, CHECK, WITH, ARCHIVE, ENGINE, ...
#
#   run_archive             ./run.sh archive --to DIR [--with LIST], and archive --check DIR
#   archive_use             before any other verb: ./run.sh --archive DIR VERB runs from DIR and nothing else

ARCHIVE_LOCKS=(tools base cpu openvino kaggle)      # what native demo and test need

run_archive() {
    local python
    [ -n "$TO$CHECK" ] || die 2 'archive wants --to DIR, or --check DIR (see ./run.sh help)'
    if [ -n "$TO" ]; then absolute --to "$TO"; TO=$(without_links "$ABSOLUTE"); fi
    python=$(python3_find "${SERVER_PYTHONS[0]}" "${SERVER_PYTHONS[-1]}") ||
        die 3 "archive needs a CPython ${SERVER_PYTHONS[0]} to ${SERVER_PYTHONS[-1]} with venv (REPRO_PYTHON3=/path/to/python3)"
    made archive "$python" @requirements/archive.txt -- venv_make archive "$python" archive.txt '' --only-binary :all: || exit 3
    if [ -n "$CHECK" ]; then
        archive_python check "$CHECK"
        exit
    fi
    can_be_entered --to "$(dirname "$TO")"
    archive_gather "$TO"
}

archive_python() { # ARGUMENT…: host/archive/archive.py, with what pip is told of where packages come from
    (setup_pip "$REPRO_HOME/archive/bin/python" && exec "$REPRO_HOME/archive/bin/python" -I -B -W ignore "$REPRO_ROOT/host/archive/archive.py" "$@")
}

archive_gather() { # DIR: what is there and whole stays; the bag's own files come last
    local to=$1 data=$1/data commit date part locks=("${ARCHIVE_LOCKS[@]}")
    commit=$(commit)
    [[ "$commit" =~ ^[0-9a-f]+$ ]] || die 4 "archive wants a clean checkout with its .git, and this one is $commit: commit first"
    [ "$(own_git rev-parse --is-shallow-repository)" = false ] ||
        die 4 'archive wants the whole history, for its bundle: git fetch --unshallow'
    date=$(own_git show -s --format=%cs HEAD)
    [ -e "$to/bagit.txt" ] || [ -z "$(ls -A "$to" 2>/dev/null)" ] || [ -d "$data" ] ||
        die 4 "--to $to is not empty and no archive: name another folder"
    for part in ${SHAREABLE:+cuda8 data}; do
        ! archive_with "$part" || die 2 "--shareable: $part may not be passed on: leave it out of --with"
        [ ! -e "$data/$part" ] || die 4 "--shareable: $data/$part may not be passed on: name another folder"
    done
    mkdir -p "$data"/{packages,debs} 2>/dev/null || die 4 "--to $to cannot be made or written: name another folder"
    part=$(find "$data" ! -type f ! -type d -print -quit)
    [ -z "$part" ] || die 4 "$(printf %q "$part") is not a file, and an archive holds no links, pipes or devices: remove it"
    archive_runs "$data/runs" || exit
    say "archive: of commit $commit, into $to; some 260 MB and a minute, more with --with"
    archive_bundle "$data/project.bundle" || exit 4
    for part in ${WITH//,/ }; do
        # shellcheck disable=SC2207  # names of locks
        locks+=($(archive_locks "$part"))
    done
    setup_alone archive setup_stage 'fetching Debian 11'\''s Python 2.7' debian_fetch_all "$data/debs" || exit 3
    archive_python packages "${locks[@]}" "$data/packages" || exit
    ! archive_with cuda8 || archive_cuda8 "$data/cuda8" || exit 4
    ! archive_with images || archive_images "$data/images" || exit 3
    for part in weights features data; do
        ! archive_with "$part" || archive_fetched "$part" "$data" || exit
    done
    archive_python bag "$to" "$commit" "$date" ${SHAREABLE:+shareable}
}

archive_with() { # PART
    [[ ",$WITH," = *,"$1",* ]]
}

archive_locks() { # PART of --with: the locks, without .txt, whose packages it adds
    case $1 in
        tf2) echo tf2 ;;
        convert) echo tf2 convert-{onnx,openvino,keras3} ;;
        notebook | images) echo notebook graphviz ;;     # an image holds them
        cuda8) echo gpu ;;
    esac
}

archive_bundle() { # FILE: HEAD and its history; of one commit always the same bytes
    local work
    [ ! -s "$1" ] || { own_git bundle verify "$1" >/dev/null && git bundle list-heads "$1" 2>/dev/null | grep -q "^$(commit) HEAD"; } || rm -f "$1"
    [ ! -s "$1" ] || return 0
    work=$(mktemp -d "$REPRO_HOME/bundle.XXXXXX") || return
    # Packed anew by one thread: another's packs depend on what was fetched when.
    {
        own_git bundle create "$work/all" HEAD && git clone -q --bare "$work/all" "$work/git" &&
            git -C "$work/git" -c pack.threads=1 repack -q -adf &&
            git -C "$work/git" update-ref refs/heads/main "$(commit)" && git -C "$work/git" symbolic-ref HEAD refs/heads/main &&
            git -C "$work/git" -c pack.threads=1 bundle create -q "$work/bundle" HEAD main && mv "$work/bundle" "$1.part" && mv "$1.part" "$1"
    } >"$work/log" 2>&1 || { echo "run.sh: archive: no git bundle: $(tail -n 1 "$work/log")" >&2; rm -rf "$work"; return 4; }
    rm -rf "$work"
}

archive_cuda8() { # FOLDER
    gpu_say_what_comes 'for the archive'
    gpu_fetch_archives "$1"
}

archive_images() { # FOLDER: the base that Dockerfile.cpu and .gpu name, or the one in its place, as an OCI layout
    local base=${REPRO_BASE:-$(sed -n 's/^ARG BASE=//p' "$REPRO_ROOT/Dockerfile.cpu")}
    [ ! -f "$1/cpu/oci-layout" ] || return 0
    container_works podman || { echo 'run.sh: archive: --with images wants a podman that works: it writes OCI layouts' >&2; return 3; }
    podman image exists "$base" || podman pull -q "$base" >/dev/null || return
    mkdir -p "$1" && rm -rf "$1/cpu.part" && podman save -q --format oci-dir -o "$1/cpu.part" "$base" && mv "$1/cpu.part" "$1/cpu"
}

archive_fetched() { # weights|features|data FOLDER: by the verb that fetches and checks it; what is there stays
    local work=$TO/.gathering
    [ ! -d "$2/$1" ] || return 0
    mkdir -p "$2/$1.part"
    case $1 in
        weights) "$REPRO_ROOT/run.sh" weights --work "$work" && mv "$work"/weights/*.h5 "$2/$1.part/" ;;
        features) "$REPRO_ROOT/run.sh" features --work "$work" && mv "$work"/gap_*.h5 "$2/$1.part/" ;;
        data) kaggle_run competition download "$2/$1.part" ;;
    esac || return
    mv "$2/$1.part" "$2/$1" && rm -rf "$work"
}

archive_runs() { # FOLDER: what --keep names, each by its folder's name
    local work name
    name=$(for work in "${KEEP[@]}"; do basename "$work"; done | sort | uniq -d | head -n 1)
    [ -z "$name" ] || die 2 "--keep: two folders are called $name: rename one"
    for work in "${KEEP[@]}"; do
        bag_accepts "data/runs/$(basename "$work")" || die 4 "--keep $work: an archive cannot hold a folder of that name: rename it"
        archive_python run "$work" "$1/$(basename "$work")" || return
    done
}

# --- runs from an archive

archive_use() { # nothing but what is in $ARCHIVE is used from here on; ends with 4 where that does not do
    local other digest lock
    other=$(bag_whole "$ARCHIVE") || exit
    [ "$other" = "$(commit)" ] || echo "run.sh: the archive is of commit ${other:0:12}, and this checkout is $(commit | cut -c1-12)" >&2
    for lock in $(archive_needs); do
        digest=$(comm -23 <(grep -o 'sha256:[0-9a-f]*' "$REPRO_ROOT/requirements/$lock.txt" | cut -d: -f2 | sort -u) \
            <(cut -c1-64 "$ARCHIVE/manifest-sha256.txt" | sort -u) | head -n 1)
        [ -z "$digest" ] || die 4 "the archive lacks a file that requirements/$lock.txt names (sha256 $digest): $(archive_remedy "$lock" "$other")"
    done
    archive_only
}

archive_remedy() { # LOCK COMMIT of the archive: what to do where it lacks this lock's files
    local part
    for part in tf2 convert notebook cuda8; do
        [[ " $(archive_locks "$part") " = *" $1 "* && "$2" = "$(commit)" ]] || continue
        echo "it was made without --with $part; where there is a network, ./run.sh archive --to DIR --with $part adds that"
        return
    done
    echo "use the checkout of commit ${2:0:12} (data/project.bundle)"
}

archive_needs() { # the locks, without .txt, of what this command line sets up
    case $VERB,${ENGINE:-tf1},$SERVERS in
        serve,*) echo tf2 ;;
        notebook,*) echo tools base cpu notebook graphviz ;;
        convert,*) echo tools base cpu; convert_locks "$TO" ;;
        gpu,tf1,*) echo tools base gpu ;;
        *,openvino,*) echo tools base cpu openvino ;;
        *,tf2,) echo tools base cpu tf2 ;;
        *) echo tools base cpu ;;
    esac
}

archive_only() { # where packages come from
    local name
    for name in ${!PIP_@}; do unset "$name"; done
    export PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PIP_FIND_LINKS REPRO_DEBS=$ARCHIVE/data/debs
    # A suite's own run.sh would compare every hash again, each time, and refuse what tests ask of it, such as docker.
    [ "$VERB" = test ] || export REPRO_ARCHIVE=$ARCHIVE
    PIP_FIND_LINKS=${ARCHIVE//%/%25}
    PIP_FIND_LINKS=file://${PIP_FIND_LINKS// /%20}/data/packages
    case $VERB in
        cpu | gpu) [ -n "$WEIGHTS$FEATURES" ] || [ ! -d "$ARCHIVE/data/weights" ] || note --weights "$ARCHIVE/data/weights" '' ;;
        data | weights | features) [ -n "$FROM" ] || [ ! -d "$ARCHIVE/data/$VERB" ] || note --from "$ARCHIVE/data/$VERB" '' ;;
    esac
    if [ -d "$ARCHIVE/data/cuda8" ]; then
        export "REPRO_CUDA_URL=file://$ARCHIVE/data/cuda8/cuda.run" "REPRO_CUDNN_URL=file://$ARCHIVE/data/cuda8/cudnn.tgz"
    fi
    case $RUNTIME in
        '' | native) RUNTIME=native ;;
        podman)
            [ -d "$ARCHIVE/data/images/cpu" ] || die 4 'the archive holds no images: leave --runtime out, and it runs natively'
            # podman 4.3 makes a name of the path, which must be lower case.
            REPRO_BASE=$(cd "$ARCHIVE/data/images" && podman pull -q oci:cpu) || die 3 "podman cannot take the base image from $ARCHIVE/data/images/cpu"
            [[ "$REPRO_BASE" =~ ^[A-Za-z0-9][A-Za-z0-9./:@_-]*$ ]] || die 3 "podman gives no name for the base image in $ARCHIVE/data/images/cpu"
            export REPRO_BASE ;;
        *) die 2 "--archive works natively and with --runtime podman, not with $RUNTIME" ;;
    esac
}
