# shellcheck shell=bash
# What .ci/containers needs of the machine: a podman that starts containers, a base, an index's CA,
# a server of stand-in archives, and an ordinary user.  Sourced; needs T, a temporary folder.

ORDINARY=repro-ci

podman_up() {
    .ci/packages
    podman_base
    podman_settings
    archives_serve
}

podman_base() { # the Dockerfiles' own bases where they can be pulled; else stand-ins
    local name variable base
    for name in cpu serve; do
        variable=BASE
        [ "$name" = cpu ] || variable=SERVE_BASE
        base=$(sed -n "s/^ARG $variable=//p" "Dockerfile.$name")
        variable=REPRO_$variable
        if [ -n "${!variable:-}" ]; then :
        elif timeout 120 podman pull -q "$base" >/dev/null 2>&1; then echo "containers: $name on the base $base"
        else declare -gx "$variable=$(.ci/base "$name")"
        fi
        [ -z "${!variable:-}" ] || echo "containers: $name on a stand-in for the base: ${!variable}"
    done
}

podman_settings() { # the host's quirks, where podman's defaults start no container
    export REPRO_CA=${REPRO_CA:-${PIP_CERT:-$(ls /etc/ssl/certs/ca-certificates.crt 2>/dev/null || true)}}
    podman run --rm --network none "$REPRO_BASE" true >/dev/null 2>&1 && return
    cp .ci/containers.conf "$T/"
    export CONTAINERS_CONF=$T/containers.conf BUILDAH_ISOLATION=chroot
    podman run --rm --network none "$REPRO_BASE" true
}

archives_serve() { # stand-ins for NVIDIA's archives, on a server of this machine alone
    .ci/standin/cuda8 "$T/archives"
    python3 -u -m http.server --bind 127.0.0.1 --directory "$T/archives" 0 >"$T/server.log" 2>&1 &
    SERVER=$!
    while ! grep -q 'port' "$T/server.log"; do sleep 0.2; done
    PORT=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$T/server.log")
    export REPRO_CUDA_URL=http://127.0.0.1:$PORT/cuda.run REPRO_CUDNN_URL=http://127.0.0.1:$PORT/cudnn.tgz
    REPRO_CUDA_SHA256=$(sha256sum <"$T/archives/cuda.run" | cut -d' ' -f1)
    REPRO_CUDNN_SHA256=$(sha256sum <"$T/archives/cudnn.tgz" | cut -d' ' -f1)
    export REPRO_CUDA_SHA256 REPRO_CUDNN_SHA256
}

podman_down() {
    [ -z "${SERVER:-}" ] || kill "$SERVER" 2>/dev/null || true
    rm -f "$CDI"
}

ordinary() { # CMD…: as an ordinary user, in a copy of this checkout, with a rootless podman
    local name settings=("HOME=/home/$ORDINARY" "PATH=/usr/local/bin:/usr/bin:/bin" "XDG_RUNTIME_DIR=$T/run"
        STORAGE_DRIVER=overlay)
    for name in CONTAINERS_CONF BUILDAH_ISOLATION $(compgen -e REPRO_); do
        [ -z "${!name:-}" ] || settings+=("$name=${!name}")
    done
    setpriv --reuid="$ORDINARY" --regid="$ORDINARY" --init-groups --reset-env \
        env --chdir="$T/checkout" "${settings[@]}" "$@"
}

ordinary_up() { # the user, a checkout that is theirs, and root's image in their store
    id "$ORDINARY" >/dev/null 2>&1 || useradd -m "$ORDINARY"
    mkdir -p "$T/run" "$T/checkout"
    git ls-files -z --cached --others --exclude-standard | tar --null -T - -c | tar -x -C "$T/checkout"
    chown -R "$ORDINARY:" "$T/run" "$T/checkout"
    podman save "$1" | ordinary podman load >/dev/null
}
