# shellcheck shell=bash
# docker and podman.  In the image the same run.sh runs natively, in an environment made from the same
# locks.  Work and data are mounted under the names that they have outside, so that a relative link from
# one to the other is right on both sides.
# shellcheck disable=SC2153  # VARIANT, RUNTIME are run.sh's

# Build arguments that the caller's variables (REPRO_BASE, …) replace.
CONTAINER_ARGUMENTS=(BASE SERVE_BASE CUDA_URL CUDA_SHA256 CUDNN_URL CUDNN_SHA256)
# The picture and HDF5 libraries of 2017 have known holes, and a TensorFlow server runs any graph: no privileges, and
# nothing writable but the mounts that are meant for it and a /tmp that ends with the container.
CONTAINER_WALLS=(--read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp)

container_works() { # RUNTIME: a client whose daemon, if it needs one, answers
    command -v "$1" >/dev/null && "$1" info >/dev/null 2>&1
}

container_inputs() { # a hash of all that an image is made from
    local name
    {
        for name in "${CONTAINER_ARGUMENTS[@]/#/REPRO_}"; do echo "$name=${!name:-}"; done
        cd "$REPRO_ROOT" && container_files | LC_ALL=C sort -z | xargs -0 sha256sum
    } | sha256sum | cut -c1-16
}

container_files() { # the files that an image is made from, each ended by a NUL
    case $VARIANT in
        tf2*) find Dockerfile.serve .dockerignore host requirements/environments.txt "requirements/$VARIANT.txt" -type f ! -path '*/__pycache__/*' -print0 ;;
        *)
            find "Dockerfile.$VARIANT" .dockerignore run.sh setup.cfg host requirements repro expected notebooks tests \
                -type f ! -name '*.pyc' ! -path '*/__pycache__/*' -print0 ;;
    esac
}

container_image() { # the name of this variant's image, which changes with what is in it
    echo "localhost/dogs-vs-cats-2017-$VARIANT:$(container_inputs)"
}

container_ready() { # RUNTIME: builds the image unless it is there; 1 with a line if that fails
    local image failed=$REPRO_HOME/logs/build-$VARIANT.failed
    image=$(container_image)
    "$1" image inspect "$image" >/dev/null 2>&1 && return 0
    # A runtime that could not build this very image is not tried again unless the user names it.
    if [ -z "$RUNTIME" ] && [ "$(cat "$failed" 2>/dev/null)" = "$1 $image" ]; then return 1; fi
    container_build "$1" "$image" && return 0
    echo "$1 $image" >"$failed"
    return 1
}

container_build() { # RUNTIME IMAGE
    local log=$REPRO_HOME/logs/build-$VARIANT.log name options=() secrets sources ca build status=0 file=$VARIANT
    case $VARIANT in tf2*) file=serve; options+=(--build-arg "VARIANT=$VARIANT") ;; esac
    for name in "${CONTAINER_ARGUMENTS[@]}"; do
        build=REPRO_$name
        [ -z "${!build:-}" ] || options+=(--build-arg "$name=${!build}")
    done
    options+=(--build-arg "REVISION=$(commit)" --build-arg "SOURCE=$(commit_source)")
    # Where packages come from and whom pip trusts depends on the machine: both go in as secrets, which
    # no layer keeps.
    secrets=$(mktemp -d 2>/dev/null) ||
        die 4 "no temporary folder can be made in ${TMPDIR:-/tmp}: set TMPDIR to a folder that can be written"
    sources=$(container_sources) || { rm -rf "$secrets"; die 4 "${sources##*$'\n'}"; }
    container_pip_settings <<<"$sources" >"$secrets/pip"
    options+=(--secret "id=pip,src=$secrets/pip")
    ca=${REPRO_CA:-$(sed -n 's/^PIP_CERT=//p' <<<"$sources")}
    [ -z "$ca" ] || options+=(--secret "id=ca,src=$ca")
    if [ -n "$ARCHIVE" ]; then
        options+=(--volume "$ARCHIVE/data/packages:/archive:ro")     # podman alone: archive_only
        printf '[global]\nno-index = true\nfind-links = /archive\n' >"$secrets/pip"
    fi
    build=("$1" build -f "$REPRO_ROOT/Dockerfile.$file" -t "$2" "${options[@]}" "$REPRO_ROOT")
    if [ -n "$DRY_RUN" ]; then
        perform "${build[@]}"
    else
        marked_folder "$REPRO_HOME/logs" 2>/dev/null ||
            die 4 "$REPRO_HOME/logs cannot be made: set REPRO_HOME to a folder of your own"
        echo "run.sh: building $2 with $1 (log: $log)" >&2
        container_follow "$log" "${build[@]}" || status=$?
    fi
    rm -rf "$secrets"
    case $status in
        0) ;;
        130) exit 130 ;;
        *)
            tail -n 8 "$log" | cut -c1-300 >&2
            echo "run.sh: $1 could not build the image (whole log: $log)" >&2
            return 1 ;;
    esac
}

container_follow() { # LOG CMD…: runs CMD, its output to LOG; a signal to this shell ends CMD and what CMD started
    local log=$1 child status=0 interrupted=''
    shift
    set -m      # a process group of its own
    "$@" </dev/null >"$log" 2>&1 &
    child=$!
    set +m
    trap 'interrupted=1; kill -TERM -- "-$child" 2>/dev/null' INT TERM
    wait "$child" || status=$?
    if [ -n "$interrupted" ]; then
        wait "$child" || true
        echo 'run.sh: interrupted; the same command builds again' >&2
        status=130
    fi
    trap - INT TERM
    return "$status"
}

container_sources() { # where the caller's packages come from, as lines PIP_NAME=VALUE
    local python
    if ! python=$(any_python); then env; return; fi
    "$python" -E -s -B "$REPRO_ROOT/host/python/pip_sources.py"
}

container_pip_settings() { # a pip.conf of the lines of stdin that mean the same inside a build
    echo '[global]'
    sed -n 's/^PIP_\(INDEX_URL\|EXTRA_INDEX_URL\|TRUSTED_HOST\|PROXY\|TIMEOUT\|RETRIES\)=/\1 = /p'
}

container_run() { # WORK ARGUMENT…: the image's own run.sh, with WORK ('' for none); does not return
    local work=$1 image name mount terminal='' options=()
    shift
    image=$(container_image)
    options=(--rm -i "${CONTAINER_WALLS[@]}" --tmpfs /opt/repro/.native/theano --tmpfs /opt/repro/.native/home
        ${MEMORY:+--memory "$MEMORY"} ${PIDS:+--pids-limit "$PIDS"} -e "REPRO_CONTAINER=$RUNTIME" -e "REPRO_COMMIT=$(commit)")
    container_network "$work"
    options+=("${NETWORK[@]}")
    container_identity
    options+=("${IDENTITY[@]}")
    ! container_has_init || options+=(--init)
    if [ -n "$work" ]; then
        mount=$(container_mount "$work") || exit
        if [ "$VERB" = verify ] || [[ -d "$work" && ! -w "$work" ]]; then mount+=,readonly; fi
        options+=(--mount "$mount" -w "$work")
    fi
    for name in "$DATA" "$WEIGHTS" "$FROM"; do
        [ -n "$name" ] || continue
        mount=$(container_mount "$name") || exit
        options+=(--mount "$mount,readonly")
    done
    if [ -n "$OUT" ]; then
        mount=$(container_mount "$OUT") || exit
        options+=(--mount "$mount")
    fi
    [ -n "$DATA" ] || container_links "$work"
    if [ -t 0 ] && [ -t 1 ]; then terminal=-t; options+=(-t); fi  # then Ctrl-C reaches the container as a character
    for name in REPRO_ORDER REPRO_ANY_WEIGHTS REPRO_NO_REPORT REPRO_WEIGHTS_URL REPRO_FEATURES_URL REPRO_GPU_GROWTH \
        CUDA_VISIBLE_DEVICES TF_CPP_MIN_LOG_LEVEL; do
        [ -z "${!name:-}" ] || options+=(-e "$name=${!name}")
    done
    for name in "${HANDED[@]}"; do options+=(-e "$name"); done
    # The suite's own folders are too large for a memory file system: they are volumes that go with
    # the container.
    [ "$VERB" != test ] || options+=(-v /var/tmp -e TMPDIR=/var/tmp)
    container_cards
    options+=("${CARDS[@]}")
    # A command that reads a terminal but writes elsewhere keeps that terminal, so no message can follow its end.
    if [ -n "$DRY_RUN" ] || [[ -t 0 && -z "$terminal$KEEPS_ID" ]]; then become "$RUNTIME" run "${options[@]}" "$image" "$@"; fi
    container_apart "$terminal" "${options[@]}" "$image" "$@"
}

container_cards() { # sets CARDS, options that pass the cards in if a run needs them
    CARDS=()
    [ -n "$GPU" ] || return 0
    if [ "$RUNTIME" = docker ]; then CARDS=(--gpus all); else CARDS=(--device nvidia.com/gpu=all); fi
}

container_network() { # WORK: sets NETWORK, options: no network, that of the run's own server, or a normal one
    NETWORK=(--network none)
    if [ "$VERB" = notebook ] && [ -z "$RUN" ]; then NETWORK=(-p "$(notebook_published)"); return; fi
    if needs_server; then
        ! needs_download "$1" ||
            die 4 "the weights are not in $1/weights, and a run with a server of its own has no network: ./run.sh weights --work $1 fetches them"
        server_container
        NETWORK=(--network "container:$SERVER_NAME" -e "REPRO_SERVERS=127.0.0.1:$SERVER_PORT" -e "REPRO_LIFELINE=127.0.0.1:$((SERVER_PORT + 1))")
    elif [[ ",$SERVERS" =~ ,(127\.|localhost:|\[::1\]) ]]; then NETWORK=(--network host)   # this machine's, such as a tunnel's end
    elif [ -n "$SERVERS" ] || needs_download "$1"; then NETWORK=()
    fi
}

container_apart() { # TERMINAL ARGUMENT…: the runtime's run, with signals handed to the container; does not return
    # Rootless podman is two processes.  Ctrl-C reaches the outer one, too, which ends at once with status 1 and takes
    # the inner one with it (podman 4.3, 40 of 40 times): the container stays, or is killed before it can clean up.
    local name=dogs-vs-cats-2017-$$-$RANDOM child status signal sent=1
    if [ -n "$1" ]; then
        "$RUNTIME" run --name "$name" "${@:2}" <&0 &
        child=$!
    else
        if [ -t 0 ]; then exec </dev/null; fi   # a process group of its own is stopped when it reads a terminal
        set -m
        container_piped --name "$name" "${@:2}" <&0 &
        child=-$!
        set +m
    fi
    for signal in INT TERM HUP; do
        # shellcheck disable=SC2064  # which signal, name and child is known now
        trap "sent=1; $RUNTIME kill -s $signal $name >/dev/null 2>&1 || kill -$signal -- $child 2>/dev/null || true" "$signal"
    done
    while [ -n "$sent" ]; do    # a signal ends the wait, not the child
        sent='' status=0
        wait "${child#-}" || status=$?
    done
    [ "$status" -ne 137 ] || container_killed
    server_container_ends
    exit "$status"
}

container_piped() { # ARGUMENT…: the runtime's run, which continues when nobody reads its output any more
    # podman itself would end when the reader of its output does, and the run in the container with it.
    local ended
    set +eo pipefail
    [ -e /dev/fd/1 ] || exec >/dev/null     # closed by the caller
    [ -e /dev/fd/2 ] || exec 2>/dev/null
    exec 4>&1 5>&2
    {
        "$RUNTIME" run "$@" 2>&6 4>&- 5>&- 6>&- | container_relay >&4 6>&-
        ended=("${PIPESTATUS[@]}")
        [ "$VERB" != verify ] || [ "${ended[1]}" -eq 0 ] ||
            die 4 'standard output cannot be written (is the disk full?): send it elsewhere'
        exit "${ended[0]}"
    } 6>&1 | container_relay >&5
    exit "${PIPESTATUS[0]}"
}

container_relay() { # stdin to stdout; when that is gone, to nowhere
    if tee -p /dev/null </dev/null >/dev/null 2>&1; then tee -ip /dev/null 2>/dev/null; else cat; fi
}

container_killed() { # says why, as far as that is known: the killed process could not say it
    if [ -n "$MEMORY" ]; then
        echo "run.sh: killed (status 137), as it needed more memory than --memory $MEMORY, most likely: allow it more" >&2
    else
        echo "run.sh: killed (status 137), as the kernel does where memory runs out: end other programs, or see what limits this job" >&2
    fi
}

container_identity() { # sets IDENTITY, options that make files in the work folder the caller's; KEEPS_ID: by keep-id
    IDENTITY=("--user=$(id -u):$(id -g)") KEEPS_ID=''
    if [ "$RUNTIME" = podman ]; then
        # Without root, podman maps the caller to the container's root unless told to keep the number.
        [ "$(podman info --format '{{.Host.Security.Rootless}}')" != true ] || KEEPS_ID=1
        [ -z "$KEEPS_ID" ] || IDENTITY+=(--userns=keep-id)
    elif docker info --format '{{.SecurityOptions}}' | grep -q name=rootless; then
        IDENTITY=(--user=0:0)   # rootless docker can't keep it: there the container's root is the caller
    fi
}

container_has_init() { # whether the runtime has a first process that hands signals on
    # The kernel gives process 1 no signal that it has no handler for.  Our own steps have handlers,
    # so only a command of the user's (exec, shell) misses an init.
    [ "$RUNTIME" = docker ] || type -P catatonit >/dev/null ||
        [ -x /usr/libexec/podman/catatonit ] || [ -x /usr/libexec/catatonit/catatonit ]
}

container_links() { # WORK: adds to container_run's options read-only mounts of the pictures that a run is linked to
    local name target
    for name in train test sample_submission.csv; do
        [ -L "$1/$name" ] || continue
        target=$(realpath -e -- "$1/$name" 2>/dev/null) || continue     # nowhere: the program says so
        # Of --data's own names only: a folder that a stranger made may link to anything.
        case $target in "$1"/*) continue ;; */"$name") ;; *) continue ;; esac
        target=$(container_mount "$target") || exit
        options+=(--mount "$target,readonly")
    done
}

container_mount() { # FOLDER: mounted under its own name.  Not with -v, which cannot take a colon
    case $1 in
        *[,\"]* | *$'\n'*)
            die 4 "$1 cannot be mounted into a container (a comma, quote or line break in its name): rename it, or use --runtime native" ;;
        / | /bin* | /dev | /dev/* | /etc* | /lib* | /opt | /opt/repro* | /proc* | /run | /sbin* | /sys* | \
            /tmp | /usr* | /var | /var/tmp)
            die 4 "$1 would hide the image's own $1: use another folder (--work DIR), or --runtime native" ;;
    esac
    is_utf8 "$1" ||
        die 4 "$(printf %q "$1") cannot be mounted into a container (its name is not UTF-8): rename it, or name another folder"
    echo "type=bind,src=$1,dst=$1"
}

needs_download() { # WORK: whether this run fetches anything
    local files file
    case $VERB in
        weights | features) [ -n "$FROM" ] || return 0 ;;
        cpu | gpu)  # Keras fetches the weights that are not there
            if [ -z "$FEATURES$WEIGHTS" ]; then
                files=$(ask_program weights "$VERB" "${ARGUMENTS[@]}") || return 0
                [ -n "$files" ] || return 0     # no Python here can tell
                while IFS= read -r file; do [ -s "$1/weights/$file" ] || return 0; done <<<"$files"
            fi ;;
    esac
    return 1
}

container_clean() { # removes the images this program built, except those in use
    local runtime image
    for runtime in docker podman; do
        container_works "$runtime" || continue
        "$runtime" images --format '{{.Repository}}:{{.Tag}}' | grep '^localhost/dogs-vs-cats-2017-' |
            while read -r image; do
                if [ -n "$DRY_RUN" ]; then say "would remove $image"
                elif "$runtime" rmi "$image" >/dev/null; then say "removed $image"; fi
            done || true
    done
}
