# shellcheck shell=bash
# TensorFlow servers (host/servers/server.py): ./run.sh serve, and the private one of a run whose engine needs a server
# where --servers names none.  In an environment or an image of their own: Dockerfile.serve, or a venv of a
# CPython 3 that is there.  A private server is in a container where its run is.
# shellcheck disable=SC2034,SC2153,SC2154  # run.sh sets ENGINE, SERVERS, DEVICE, FAST, VERB, RUNTIME, DRY_RUN

SERVER_PORT=2222        # in a container of its own, where every port is free
SERVER_NAME=''          # the container of a run's own server
SERVER_UID=65534        # nobody's: a server's container holds no file of the caller's
SERVER_LABEL=dogs-vs-cats-2017.server

run_serve() { # becomes the server
    server_variant "${DEVICE:-auto}" || exit 3
    choose_runtime "$VARIANT"
    if [ "$RUNTIME" = native ]; then serve_natively; else serve_in_container; fi
}

serve_natively() {
    server_environment "${DEVICE:-auto}" || exit 3
    server_logs
    become "${SERVER[@]}" --log "$REPRO_HOME/logs/serve.log" --port "${PORT:-$(option_default --port)}" \
        --bind "${BIND:-$(option_default --bind)}"
}

serve_in_container() { # its port, published at --bind, is all that it has of this machine
    local port=${PORT:-$(option_default --port)} address=${BIND:-$(option_default --bind)} python
    if python=$(python3_find 3.6); then
        address=$("$python" -I "$REPRO_ROOT/host/servers/server.py" --check --port "$port" --bind "$address") || exit
    fi
    container_cards
    server_walls -p "$(server_published "$address"):$port:$port"
    SERVER_WALLS+=("$(container_image)" --port "$port" --bind 0.0.0.0 --outside "$address" --device "${DEVICE:-auto}" ${FAST:+--fast})
    if [ -n "$DRY_RUN" ]; then become "$RUNTIME" run --rm "${SERVER_WALLS[@]}"; fi
    container_apart '' --rm "${SERVER_WALLS[@]}"
}

server_published() { # ADDRESS: in the form of -p
    case $1 in *:*) echo "[$1]" ;; *) echo "$1" ;; esac
}

server_walls() { # OPTION…: sets SERVER_WALLS, the options of a server's container
    SERVER_WALLS=("${CONTAINER_WALLS[@]}" "--user=$SERVER_UID:$SERVER_UID" -e HOME=/tmp ${MEMORY:+--memory "$MEMORY"}
        ${PIDS:+--pids-limit "$PIDS"} "${CARDS[@]}" "$@")
}

needs_server() { # whether this run's engine needs a server, and none is named
    [ -z "$SERVERS${REPRO_SERVERS:-}" ] && engine_has_server
}

engine_has_server() {
    [ -n "$ENGINE" ] && ask_program engine "$ENGINE" | grep -qx 'server yes'
}

server_device() { # prints the device of a run's own server
    case $VERB in cpu | gpu) echo "$VERB" ;; *) echo auto ;; esac
}

server_logs() {
    [ -z "$DRY_RUN" ] || return 0
    marked_folder "$REPRO_HOME/logs" 2>/dev/null ||
        die 4 "$REPRO_HOME/logs cannot be made: set REPRO_HOME to a folder of your own"
}

server_private() { # LOG: starts a server for this run, if it needs one; it ends when this process does
    local word='' port='' fd device VARIANT GPU GPU_INSTEAD
    needs_server || return 0
    device=$(server_device)
    server_variant "$device" && server_environment "$device" || exit 3
    SERVER+=(--log "$1" --private --port 0 --bind 127.0.0.1)
    [ -z "$DRY_RUN" ] || { perform "${SERVER[@]}"; return; }
    echo "run.sh: starting a TensorFlow server for this run (its log: $1)" >&2
    # Not in a subshell: the server ends with the process that started it, which becomes the run.
    exec {fd}< <(exec "${SERVER[@]}" </dev/null)
    read -r -t 300 word port _ <&"$fd" || true
    [ "$word" = ready ] || die 3 "the TensorFlow server does not start (see $1): --engine tf1 needs none"
    export REPRO_SERVERS=127.0.0.1:$port
}

# --- a run's own server where the run is in a container

server_container() { # starts it in a container without a network, whose loopback the run's container shares
    # Not attached, so that Ctrl-C is for the run.  It ends with the run's one connection (host/servers/server.py, --lifeline),
    # and its container is removed here, or by the next run.
    local VARIANT GPU GPU_INSTEAD device log=$REPRO_HOME/logs/server.log
    device=$(server_device)
    server_variant "$device" || exit 3
    [ -z "$GPU" ] || gpu_toolkit "$RUNTIME" || die 3 "$GPU_LACKS"
    container_ready "$RUNTIME" || exit 3
    server_leftovers
    container_cards
    SERVER_NAME=dogs-vs-cats-2017-server-$$-$RANDOM
    server_walls --network none --name "$SERVER_NAME" --label "$SERVER_LABEL"
    SERVER_WALLS+=("$(container_image)" --private --lifeline $((SERVER_PORT + 1)) --port "$SERVER_PORT" --bind 0.0.0.0
        --device "$device" ${FAST:+--fast})
    [ -z "$DRY_RUN" ] || { perform "$RUNTIME" run -d "${SERVER_WALLS[@]}"; return; }
    server_logs
    echo "run.sh: starting a TensorFlow server for this run, in a container of its own" >&2
    trap server_container_ends EXIT
    { "$RUNTIME" run -d "${SERVER_WALLS[@]}" >"$log" 2>&1 && server_answers "$log"; } ||
        die 3 "the TensorFlow server does not start (see $log): --engine tf1 needs none"
}

server_answers() { # LOG: waits until the server's container says that it is ready; 1 when it has ended instead
    local i
    for ((i = 0; i < 600; i++)); do
        "$RUNTIME" logs "$SERVER_NAME" >"$1" 2>&1
        ! grep -q '^ready ' "$1" || return 0
        [ "$("$RUNTIME" inspect -f '{{.State.Running}}' "$SERVER_NAME" 2>/dev/null)" = true ] || return 1
        sleep .5
    done
    return 1
}

server_container_ends() {
    [ -z "$SERVER_NAME" ] || "$RUNTIME" rm -f "$SERVER_NAME" >/dev/null 2>&1 || true
    SERVER_NAME=''
}

server_leftovers() { # removes servers that ended after their run was killed
    "$RUNTIME" ps -aq --filter "label=$SERVER_LABEL" --filter status=exited | xargs -r "$RUNTIME" rm >/dev/null 2>&1 || true
}

# --- what it runs in

server_variant() { # DEVICE: sets VARIANT, of the environment and the image, and GPU; 3 after a message
    local cards
    VARIANT=tf2 GPU='' GPU_INSTEAD='--device cpu needs none'
    case $1 in
        gpu) cards=$(server_cards) || { echo "run.sh: $cards: $GPU_INSTEAD" >&2; return 3; } ;;
        auto) cards=$(server_cards) || return 0 ;;
        cpu) return 0 ;;
    esac
    VARIANT=tf2-gpu GPU=1
}

server_environment() { # DEVICE: makes the environment VARIANT; sets SERVER, the command; 3 after a message
    local python
    python=$(venv_python "$VARIANT") || {
        setup_say "a TensorFlow server needs a $(venv_needs "$VARIANT"), a docker or podman that works, or a server elsewhere" \
            "(--servers HOST:PORT)"
        return 3
    }
    venv_ready "$VARIANT" "$python" || return 3
    SERVER=("$REPRO_HOME/$VARIANT/bin/python" -I "$REPRO_ROOT/host/servers/server.py" --device "$1" ${FAST:+--fast})
}

server_cards() { # the names of NVIDIA's cards here; 1, and why there are none
    local said
    command -v nvidia-smi >/dev/null || { echo 'no NVIDIA driver (there is no nvidia-smi here)'; return 1; }
    said=$(gpu_ask name) && [ -n "$said" ] && { echo "$said"; return; }
    echo "nvidia-smi finds no usable GPU ($(paste -sd' ' <<<"${said:-it lists none}"))"
    return 1
}
