# shellcheck shell=bash
# An archive of what this project depends on (host/archive/gather.py, archive.py), and runs from that alone.
# shellcheck disable=SC2034,SC2153,SC2154  # run.sh sets TO, CHECK, WITH, ARCHIVE, ENGINE, ...
#
#   run_archive             ./run.sh archive --to DIR [--with LIST], and archive --check DIR
#   archive_use             before any other verb: ./run.sh --archive DIR VERB runs from DIR and nothing else

# Parts of --with that belong to no environment; those of environments are in requirements/environments.txt.
ARCHIVE_PARTS=(weights features data images)

run_archive() {
    local python commit options=() work
    archive_knows "$WITH"
    [ -n "$TO$CHECK" ] || wrong_usage 'archive needs --to DIR, or --check DIR'
    if [ -n "$TO" ]; then absolute --to "$TO"; TO=$(without_links "$ABSOLUTE"); fi
    python=$(venv_python archive) || die 3 "archive needs a $(venv_needs archive)"
    venv_ready archive "$python" || exit 3
    if [ -n "$CHECK" ]; then
        archive_python archive.py check "$CHECK"
        exit
    fi
    can_be_entered --to "$(dirname "$TO")"
    commit=$(commit)
    options=("--to=$TO" "--commit=$commit" "--with=$WITH" ${SHAREABLE:+--shareable})
    for work in "${KEEP[@]}"; do
        bag_accepts "data/runs/$(basename "$work")" || die 4 "--keep $work: an archive cannot hold a folder of that name: rename it"
        options+=("--keep=$work")
    done
    work=$([ ! -d "$TO/data" ] || find "$TO/data" ! -type f ! -type d -print -quit)
    [ -z "$work" ] || die 4 "$(printf %q "$work") is not a file, and an archive holds no links, pipes or devices: remove it"
    archive_python gather.py begin "${options[@]}" || exit
    archive_set_up "$TO/data" || exit
    archive_python gather.py finish "${options[@]}"
}

archive_python() { # PROGRAM ARGUMENT…: host/archive/PROGRAM, with pip's settings of where packages come from
    (setup_pip "$REPRO_HOME/archive/bin/python" && exec "$REPRO_HOME/archive/bin/python" -I -B -W ignore "$REPRO_ROOT/host/archive/$1" "${@:2}")
}

archive_set_up() { # FOLDER: what set-up's functions fetch, and Kaggle's client; what is there and whole stays
    setup_alone archive setup_stage 'fetching Debian 11'\''s Python 2.7' debian_fetch_all "$1/debs" || return 3
    if archive_with cuda8; then
        gpu_say_what_comes 'for the archive'
        gpu_fetch_archives "$1/cuda8" || return 4
    fi
    if archive_with data && [ ! -d "$1/data" ]; then
        mkdir -p "$1/data.part" && kaggle_run competition download "$1/data.part" && mv "$1/data.part" "$1/data"
    fi
}

archive_with() { # PART
    [[ ",$WITH," = *,"$1",* ]]
}

archive_knows() { # LIST of --with: ends with 2 where it names what is not part of an archive
    local parts part
    parts=$({ printf '%s\n' "${ARCHIVE_PARTS[@]}"; archive_parts; } | awk '!seen[$0]++' | paste -sd,)
    for part in ${1//,/ }; do
        [[ ",$parts," = *,"$part",* ]] || wrong_usage "--with needs names out of $parts, not $1"
    done
}

archive_parts() { # the parts of --with that environments name, one a line
    local name
    for name in $(environment_names); do environment_field "$name" archive | tr ',' '\n'; done | grep -vx always
}

# --- runs from an archive

archive_use() { # from here on only what is in $ARCHIVE is used; ends with 4 if that is not enough
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
    part=$(environment_field "$(environment_of_lock "$1")" archive) || true
    part=${part%%,*}
    if [[ "$2" = "$(commit)" && -n "$part" && "$part" != always ]]; then
        echo "it was made without --with $part; where there is a network, ./run.sh archive --to DIR --with $part adds that"
    else
        echo "use the checkout of commit ${2:0:12} (data/project.bundle)"
    fi
}

archive_needs() { # the locks, without .txt, of what this command line sets up
    case $VERB,${ENGINE:-tf1},$SERVERS in
        serve,*) environment_needs tf2 ;;
        notebook,*) environment_needs cpu notebook notebook/graphviz ;;
        convert,*) environment_needs cpu "$(convert_environment "$TO")" ;;
        gpu,tf1,*) environment_needs gpu ;;
        *,openvino,*) environment_needs cpu engines/openvino ;;
        *,tf2,) environment_needs cpu tf2 ;;
        *) environment_needs cpu ;;
    esac
}

archive_only() { # where packages come from
    local name
    for name in ${!PIP_@}; do unset "$name"; done
    export PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PIP_FIND_LINKS REPRO_DEBS=$ARCHIVE/data/debs
    # A suite's own run.sh would compare every hash again, each time, and refuse what tests use, such as docker.
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
