# shellcheck shell=bash
# Can CUDA 8 and cuDNN 5.1 drive the GPU that is here?  They hold kernels for compute capability
# 3.0 to 6.1 (Kepler, Maxwell, Pascal) and for nothing newer.  If they are missing here, and no container
# holds them, they are fetched.
# shellcheck disable=SC2034  # GPU_LACKS is host/runtime.sh's

GPU_INSTEAD='use ./run.sh cpu, the same program on the processor'
GPU_CURRENT='use ./run.sh gpu --engine tf2, whose TensorFlow drives it, or ./run.sh cpu'

gpu_preflight() { # unless a card can be used, exits 3 with a line: which cards are here, why not, what instead
    local cards usable
    command -v nvidia-smi >/dev/null ||
        die 3 "no NVIDIA driver (there is no nvidia-smi here): $GPU_INSTEAD"
    [ -z "$DRY_RUN" ] || perform nvidia-smi --query-gpu=name,compute_cap,uuid --format=csv,noheader
    cards=$(gpu_cards) || die 3 "nvidia-smi finds no usable GPU (${cards:-it failed}): $GPU_INSTEAD"
    [ -n "$cards" ] || die 3 "nvidia-smi lists no GPU: $GPU_INSTEAD"
    usable=$(gpu_usable <<<"$cards")
    [ -n "$usable" ] ||
        die 3 "CUDA 8 has kernels for compute capability 3.0 to 6.1, and here is $(gpu_say "$cards"): $GPU_CURRENT"
    # TensorFlow 1.0.1 would try to use every card that it sees.
    if [ "$usable" != "$cards" ] && [ -z "${CUDA_VISIBLE_DEVICES:-}" ]; then
        CUDA_VISIBLE_DEVICES=$(sed -n 's/.*, *\(GPU-[0-9a-fA-F-]*\) *$/\1/p' <<<"$usable" | paste -sd,)
        [ -z "$CUDA_VISIBLE_DEVICES" ] || export CUDA_VISIBLE_DEVICES
    fi
}

gpu_cards() { # lines "name, capability, uuid"; or 1, and why there are none, in nvidia-smi's own words
    local said
    if said=$(gpu_ask name,compute_cap,uuid); then echo "$said"; return; fi
    # Drivers up to 470, the last for Kepler, do not know that field: the name has to do.
    if [[ "$said" != *'does not answer'* ]] && said=$(gpu_ask name,uuid); then
        # shellcheck disable=SC2001  # the first comma of each line
        sed 's/,/, unknown,/' <<<"$said"
        return
    fi
    paste -sd' ' <<<"${said:0:300}"
    return 1
}

gpu_ask() { # FIELDS: what nvidia-smi says of each card; 1 after its own words where it fails, or says nothing in time
    local said='' status=0 patience=${REPRO_GPU_PATIENCE:-20}
    # Not `timeout`, which waits for what it has killed: a driver that hangs holds nvidia-smi where no signal reaches it.
    IFS= read -r -d '' -t "$patience" said < <(
        exec 2>&1 </dev/null
        nvidia-smi "--query-gpu=$1" --format=csv,noheader && echo 'status 0'
    ) || status=$?
    if [ "$status" -gt 128 ]; then
        echo "it does not answer within $patience s: is the driver stuck? A restart may help"
        return 1
    fi
    sed '/^status 0$/d' <<<"${said%$'\n'}"
    [[ "$said" = *'status 0'$'\n' ]]
}

gpu_usable() { # the lines of stdin whose card CUDA 8 has kernels for
    local line name capability
    while IFS= read -r line; do
        IFS=, read -r name capability _ <<<"$line"
        capability=${capability// /}
        if [ "$capability" = unknown ]; then
            ! gpu_is_old "$name" || echo "$line"
        elif [[ "$capability" =~ ^[0-9]+\.[0-9]+$ ]]; then
            capability=$((10#${capability%.*} * 10 + 10#${capability#*.}))
            if [ "$capability" -ge 30 ] && [ "$capability" -le 61 ]; then echo "$line"; fi
        fi
    done
}

gpu_is_old() { # NAME: of Kepler, Maxwell or Pascal, by NVIDIA's names for them
    local tesla='(Tesla|GRID) (K[0-9]+|M(4|6|10|40|60)|P(4|6|40|100))([^0-9]|$)'
    local quadro='Quadro (K|M|P|GP)[0-9]+'
    local geforce='(GTX|GT) ([67][0-9]{2}|9[0-9]{2}|10[0-9]{2})|TITAN (X|Xp|Black|Z)([^a-zA-Z]|$)|GTX TITAN'
    [[ "$1" =~ $tesla|$quadro|$geforce ]]
}

gpu_say() { # CARDS: for a message
    sed 's/, *GPU-.*//; s/, unknown/ (its driver tells no compute capability)/' <<<"$1" | paste -sd';' | sed 's/;/; /g'
}

gpu_toolkit() { # RUNTIME: whether it can give a container the GPU; if not, GPU_LACKS says why
    local toolkit='install the NVIDIA Container Toolkit'
    case $1 in
        docker)
            ! docker info --format '{{json .Runtimes}}' 2>/dev/null | grep -q nvidia || return 0
            ! type -P nvidia-container-runtime-hook >/dev/null || return 0
            GPU_LACKS="docker has no NVIDIA runtime, so no container sees the GPU: $toolkit, or $GPU_INSTEAD" ;;
        podman)
            ! grep -qs 'nvidia.com/gpu' /etc/cdi/* /var/run/cdi/* || return 0
            GPU_LACKS="podman has no CDI description of the GPU, so no container sees it: $toolkit and run nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml, or $GPU_INSTEAD" ;;
    esac
    return 1
}

gpu_libraries() { # natively: CUDA 8's on the loader's path; if some are missing, they are fetched once
    local name missing=''
    for name in libcudart.so.8.0 libcublas.so.8.0 libcufft.so.8.0 libcurand.so.8.0 libcudnn.so.5; do
        [ -n "$(gpu_library "$name")" ] || missing+=", $name"
    done
    [ -n "$missing" ] || return 0
    [ -n "$DRY_RUN" ] || made_already cuda8 @requirements/cuda8.lock @host/container/cuda8.sh || gpu_say_what_comes "not on the loader's path: ${missing:2}"
    made cuda8 @requirements/cuda8.lock @host/container/cuda8.sh -- gpu_make_libraries || exit 3
    export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$REPRO_HOME/cuda8/lib64
}

gpu_say_what_comes() { # WHY
    setup_say "$1: fetching CUDA 8.0.61 and cuDNN 5.1 from NVIDIA, once: some 1.5 GB, for which four times that must be free"
    setup_say 'NVIDIA'\''s licences hold for them: docs.nvidia.com/cuda/archive/8.0/eula and docs.nvidia.com/deeplearning/cudnn/sla'
}

gpu_make_libraries() {
    local folder=$REPRO_HOME/cuda8
    gpu_fetch_archives "$folder/archives" || return 3
    setup_stage 'unpacking the libraries that TensorFlow 1.0.1 opens' \
        bash "$REPRO_ROOT/host/container/cuda8.sh" unpack "$folder/archives" "$folder/lib64" || return 3
    rm -rf "$folder/archives"
}

gpu_fetch_archives() { # FOLDER: NVIDIA's, or those named in their place; not a stage, as it reports its own progress
    (
        export "CUDA_URL=${REPRO_CUDA_URL:-}" "CUDA_SHA256=${REPRO_CUDA_SHA256:-}" "CUDNN_URL=${REPRO_CUDNN_URL:-}" \
            "CUDNN_SHA256=${REPRO_CUDNN_SHA256:-}"
        [ -n "${SSL_CERT_FILE:-}${SSL_CERT_DIR:-}" ] || export "SSL_CERT_FILE=$(setup_ca_bundle)"
        exec bash "$REPRO_ROOT/host/container/cuda8.sh" fetch "$REPRO_ROOT/requirements/cuda8.lock" "$1" </dev/null
    )
}

gpu_library() { # NAME: where the loader would find it, or nothing
    local folder path=${LD_LIBRARY_PATH:-}
    for folder in ${path//:/ }; do
        if [ -e "$folder/$1" ]; then echo "$folder/$1"; return; fi
    done
    { ldconfig -p || /sbin/ldconfig -p; } 2>/dev/null | sed -n "s,.*$1 .*=> ,,p" | head -n 1
}
