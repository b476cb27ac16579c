# shellcheck shell=bash
# TensorFlow servers (host/server.py): ./run.sh serve, and the private one of a run whose engine wants a server
# where --servers names none. In an environment of its own: a venv of a CPython 3 that is there.
# Sourced by run.sh; functions only. Wants host/python3.sh and host/gpu.sh sourced beside it.
# shellcheck disable=SC2153,SC2154  # run.sh sets ENGINE, SERVERS, DEVICE, FAST, VERB, RUNTIME, DRY_RUN

# The CPythons that the locks hold wheels for, oldest first (requirements/lock.sh reads them here).
SERVER_PYTHONS=(3.11 3.12 3.13)

run_serve() { # becomes the server
    [ "${RUNTIME:-native}" = native ] || die 2 "serve runs natively, not in $RUNTIME: leave --runtime and REPRO_RUNTIME out"
    server_environment "${DEVICE:-auto}" || exit 3
    [ -n "$DRY_RUN" ] || mkdir -p "$REPRO_HOME/logs" 2>/dev/null ||
        die 4 "$REPRO_HOME/logs cannot be made: set REPRO_HOME to a folder of your own"
    become "${SERVER[@]}" --log "$REPRO_HOME/logs/serve.log" --port "${PORT:-2222}" --bind "${BIND:-127.0.0.1}"
}

wants_server() { # whether this run's engine wants a server, and none is named
    [ -z "$SERVERS" ] && engine_has_server
}

engine_has_server() {
    [ -n "$ENGINE" ] && ask_program engines needs "$ENGINE" | grep -qx 'server yes'
}

server_runtime() { # a private server runs natively, and so does the run that it serves
    [ -z "${REPRO_CONTAINER:-}" ] && wants_server || return 0
    [ "${RUNTIME:-native}" = native ] ||
        die 2 "--engine $ENGINE starts its server natively, which a container cannot reach: start one with ./run.sh serve, and name it with --servers HOST:PORT"
    RUNTIME=native
}

server_private() { # LOG: starts a server for this run, if it wants one; it ends when this process does
    local word='' port='' fd device=auto
    wants_server || return 0
    case $VERB in cpu) device=cpu ;; gpu) device=gpu ;; esac
    server_environment "$device" || exit 3
    SERVER+=(--log "$1" --private --port 0 --bind 127.0.0.1)
    [ -z "$DRY_RUN" ] || { perform "${SERVER[@]}"; return; }
    echo "run.sh: starting a TensorFlow server for this run (its log: $1)" >&2
    # Not in a subshell: the server ends with the process that started it, which becomes the run.
    exec {fd}< <(exec "${SERVER[@]}" </dev/null)
    read -r -t 300 word port _ <&"$fd" || true
    [ "$word" = ready ] || die 3 "the TensorFlow server does not start (see $1): --engine tf1 needs none"
    export REPRO_SERVERS=127.0.0.1:$port
}

server_environment() { # DEVICE: makes the environment for auto, cpu or gpu; sets SERVER, the command; 3 after a message
    local variant=tf2 note='' python cards
    case $1 in
        gpu) cards=$(server_cards) || { echo "run.sh: $cards: --device cpu needs none" >&2; return 3; }; variant=tf2-gpu ;;
        auto) if cards=$(server_cards); then variant=tf2-gpu; fi ;;
    esac
    [ "$variant" = tf2 ] || note=' (3.4 GB: TensorFlow and the libraries of CUDA 12)'
    python=$(python3_find "${SERVER_PYTHONS[0]}" "${SERVER_PYTHONS[-1]}") || {
        setup_say "a TensorFlow server needs a CPython ${SERVER_PYTHONS[0]} to ${SERVER_PYTHONS[-1]} with venv" \
            "(REPRO_PYTHON3=/path/to/python3; Debian: python3-venv), or name a server elsewhere with --servers HOST:PORT"
        return 3
    }
    made "$variant" "$python" "@requirements/$variant.txt" -- server_make "$variant" "$python" "$note" || return 3
    SERVER=("$REPRO_HOME/$variant/bin/python" -I "$REPRO_ROOT/host/server.py" --device "$1" ${FAST:+--fast})
}

server_cards() { # the names of NVIDIA's cards here; 1, and why there are none
    local said
    command -v nvidia-smi >/dev/null || { echo 'no NVIDIA driver (there is no nvidia-smi here)'; return 1; }
    said=$(gpu_ask name) && [ -n "$said" ] && { echo "$said"; return; }
    echo "nvidia-smi finds no usable GPU ($(paste -sd' ' <<<"${said:-it lists none}"))"
    return 1
}

server_make() { # VARIANT PYTHON3 NOTE
    venv_make "$1" "$2" "$1.txt" "$3" --no-cache-dir --no-compile --only-binary :all: &&
        setup_stage "checking them" "$REPRO_HOME/$1/bin/python" -I -c 'import tensorflow'
}
