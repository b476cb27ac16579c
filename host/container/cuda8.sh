#!/usr/bin/env bash
# CUDA 8.0.61's and cuDNN 5.1's runtime libraries, those that TensorFlow 1.0.1 opens, from NVIDIA's archives.
#
#   cuda8.sh fetch LOCK ARCHIVES      the archives that requirements/cuda8.lock names, by hash, into a folder
#   cuda8.sh unpack ARCHIVES FOLDER   the libraries in them, and nothing else
#
# CUDA_URL, CUDA_SHA256, CUDNN_URL and CUDNN_SHA256 put other archives in place of the lock's.
# Used by Dockerfile.gpu and by host/container/gpu.sh; runs on what a Python 2.7 image holds.
set -euo pipefail

python() { # ARGUMENT…: any that is here; a slim image holds neither curl nor wget
    local name
    for name in python3 python2.7 python; do
        if type -P "$name" >/dev/null; then "$(type -P "$name")" "$@"; return; fi
    done
    echo 'cuda8.sh: no Python is here to fetch with' >&2
    return 3
}

fetch() { # LOCK ARCHIVES
    local cuda_sha256 cuda_url cudnn_sha256 cudnn_url program
    { read -r cuda_sha256 cuda_url; read -r cudnn_sha256 cudnn_url; } < <(grep -v '^#' "$1")
    program=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")/python/fetch.py
    mkdir -p "$2"
    # Room: for the archive, for the archives in it, as large together, and for the toolkit among these, unpacked.
    python -B "$program" "${CUDA_URL:-$cuda_url}" "${CUDA_SHA256:-$cuda_sha256}" "$2/cuda.run" 4 &&
        python -B "$program" "${CUDNN_URL:-$cudnn_url}" "${CUDNN_SHA256:-$cudnn_sha256}" "$2/cudnn.tgz" 3
}

unpack() { # ARCHIVES FOLDER
    local work=$1/work name
    rm -rf "$work"
    mkdir -p "$work/cudnn" "$2"
    # A makeself archive that holds makeself archives; the toolkit is one of them.
    TMPDIR=$work sh "$1/cuda.run" --noexec --keep --target "$work/outer" >&2
    TMPDIR=$work sh "$work"/outer/run_files/cuda-linux64-rel-*.run --noexec --keep --target "$work/inner" >&2
    for name in cudart cublas cufft curand; do
        cp -a "$work/inner/lib64/lib$name".so.8.0* "$2/"
    done
    tar -xzf "$1/cudnn.tgz" -C "$work/cudnn"
    cp -a "$work"/cudnn/cuda/lib64/libcudnn.so.5* "$2/"
    rm -rf "$work"
}

case ${1:-},$# in
    fetch,3 | unpack,3) "$@" ;;
    *) echo 'usage: cuda8.sh fetch LOCK ARCHIVES | unpack ARCHIVES FOLDER' >&2; exit 2 ;;
esac
