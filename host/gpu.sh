# shellcheck shell=bash
# Can CUDA 8 and cuDNN 5.1 drive the GPU that is here?  They hold kernels for compute capability
# 3.0 to 6.1 (Kepler, Maxwell, Pascal) and know nothing newer.

gpu_preflight() { # exits 3 with one line that says what was found, why not, and what instead
    local instead='use ./run.sh cpu, the same program on the processor'
    local cards
    command -v nvidia-smi >/dev/null ||
        die 3 "no NVIDIA driver (there is no nvidia-smi here): $instead"
    cards=$(nvidia-smi --query-gpu=name,compute_cap --format=csv,noheader 2>/dev/null) ||
        die 3 "nvidia-smi finds no usable GPU (it failed): $instead"
    [ -n "$cards" ] || die 3 "nvidia-smi lists no GPU: $instead"
    gpu_usable "$cards" ||
        die 3 "CUDA 8 has kernels for compute capability 3.0 to 6.1, and here is ${cards//$'\n'/; }: $instead"
}

gpu_usable() { # CARDS: whether any line "name, capability" is between 3.0 and 6.1
    local name capability
    while IFS=, read -r name capability; do
        capability=${capability// /}
        [[ "$capability" =~ ^[0-9]+\.[0-9]+$ ]] || continue
        capability=$((10#${capability%.*} * 10 + 10#${capability#*.}))
        if [ "$capability" -ge 30 ] && [ "$capability" -le 61 ]; then return 0; fi
    done <<<"$1"
    return 1
}

gpu_libraries() { # natively, the caller's CUDA 8 must be on the loader's path
    local name
    for name in libcudart.so.8.0 libcublas.so.8.0 libcudnn.so.5; do
        [ -n "$(gpu_library "$name")" ] ||
            die 3 "$name is not on the loader's path: put CUDA 8.0 and cuDNN 5.1 into LD_LIBRARY_PATH, or use --runtime docker"
    done
}

gpu_library() { # NAME: where the loader would find it, or nothing
    local folder path=${LD_LIBRARY_PATH:-}
    for folder in ${path//:/ }; do
        if [ -e "$folder/$1" ]; then echo "$folder/$1"; return; fi
    done
    { ldconfig -p || /sbin/ldconfig -p; } 2>/dev/null | sed -n "s,.*$1 .*=> ,,p" | head -n 1
}
