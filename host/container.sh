# shellcheck shell=bash
# docker and podman.  Inside the image the very same run.sh runs natively, in an environment that
# was made from the same locks; work and data are mounted under the names they have outside, so a
# relative link from one to the other holds on both sides.

container_works() { # ENGINE: a client whose daemon, if it needs one, answers
    command -v "$1" >/dev/null && "$1" info >/dev/null 2>&1
}

container_inputs() { # the files that decide what is in the image
    (cd "$REPRO_ROOT" && find Dockerfile.cpu Dockerfile.gpu .dockerignore run.sh host requirements \
        repro expected tests -type f ! -name '*.pyc' ! -path '*/__pycache__/*' -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)
}

container_image() { # VARIANT: the image's name, which changes with what is in it
    echo "localhost/dogs-vs-cats-2017-$1:$(container_inputs)"
}

container_ready() { # ENGINE VARIANT: builds the image unless it is there; 1 with a line if that fails
    local image failed=$REPRO_HOME/logs/build-$2.failed
    image=$(container_image "$2")
    "$1" image inspect "$image" >/dev/null 2>&1 && return 0
    # An engine that could not build this very image is not asked again unless it is named.
    if [ -z "$RUNTIME" ] && [ "$(cat "$failed" 2>/dev/null)" = "$1 $image" ]; then return 1; fi
    container_build "$1" "$2" "$image" && return 0
    echo "$1 $image" >"$failed"
    return 1
}

container_build() { # ENGINE VARIANT IMAGE
    local log=$REPRO_HOME/logs/build-$2.log arguments=()
    mkdir -p "$REPRO_HOME/logs"
    [ -z "${REPRO_BASE:-}" ] || arguments+=(--build-arg "BASE=$REPRO_BASE")
    [ -z "${REPRO_CA:-}" ] || arguments+=(--secret "id=ca,src=$REPRO_CA")
    echo "run.sh: building $3 with $1 (log: $log)" >&2
    if ! "$1" build -f "$REPRO_ROOT/Dockerfile.$2" -t "$3" \
        --build-arg "REVISION=$(commit)" "${arguments[@]}" "$REPRO_ROOT" >"$log" 2>&1; then
        tail -n 8 "$log" | cut -c1-300 >&2
        echo "run.sh: $1 could not build the image (whole log: $log)" >&2
        return 1
    fi
}

container_run() { # ENGINE VARIANT WORK DATA ARGUMENT…: the image's own run.sh; does not return
    local engine=$1 variant=$2 work=$3 data=$4 image options=() name
    shift 4
    image=$(container_image "$variant")
    # The picture and HDF5 libraries of 2017 have known holes: no network, no privileges, nothing
    # writable but the work folder.
    options=(--rm --read-only --cap-drop ALL --security-opt no-new-privileges
        --user "$(id -u):$(id -g)" --tmpfs /tmp
        --tmpfs /opt/repro/.native/theano --tmpfs /opt/repro/.native/home
        -e "REPRO_CONTAINER=$engine" -e "REPRO_COMMIT=$(commit)"
        -v "$work:$work" -w "$work")
    container_needs_network "$work" "$@" || options+=(--network none)
    [ -z "$data" ] || options+=(-v "$data:$data:ro")
    [ ! -t 0 ] || options+=(-it)
    for name in REPRO_ORDER REPRO_ANY_WEIGHTS REPRO_NO_REPORT REPRO_WEIGHTS_URL REPRO_FEATURES_URL; do
        [ -z "${!name:-}" ] || options+=(-e "$name=${!name}")
    done
    if [ "$variant" = gpu ]; then
        if [ "$engine" = docker ]; then options+=(--gpus all)
        else options+=(--device nvidia.com/gpu=all); fi
    fi
    exec "$engine" run "${options[@]}" "$image" "$@"
}

container_needs_network() { # WORK ARGUMENT…: fetching, or a real run whose weights Keras has to
    local work=$1
    shift
    [[ " $* " != *' --features '* ]] || return 1
    [[ " $* " != *' --from '* ]] || return 1
    [[ " $* " != *' repro get data '* ]] || return 1
    [[ " $* " != *' repro get '* ]] || return 0
    [[ " $* " == *' repro real '* && " $* " != *' --weights '* ]] &&
        [ -z "$(find "$work/weights" -name '*_notop.h5' 2>/dev/null | head -n 1)" ]
}

container_clean() { # removes the images this program built
    local engine
    for engine in docker podman; do
        container_works "$engine" || continue
        "$engine" images -q 'localhost/dogs-vs-cats-2017-*' | sort -u |
            while read -r id; do "$engine" rmi -f "$id"; done
    done
}
