#!/usr/bin/env bash
# cuda8.sh CUDA_URL CUDA_SHA256 CUDNN_URL CUDNN_SHA256 FOLDER
# Takes from NVIDIA's archives, checked by hash, the runtime libraries that TensorFlow 1.0.1 opens,
# and nothing else.  Used by Dockerfile.gpu; runs on what a Python 2.7 image holds.
set -euo pipefail

fetch() { # URL FILE SHA256; Python fetches, since a slim image holds neither curl nor wget
    python2.7 - "$1" "$2" <<'PYTHON'
import os, shutil, ssl, sys, urllib2
ca = '/run/secrets/ca'
trust = ssl.create_default_context(cafile=ca if os.path.exists(ca) and os.path.getsize(ca) else None)
with open(sys.argv[2], 'wb') as f:
    shutil.copyfileobj(urllib2.urlopen(sys.argv[1], context=trust), f, 1 << 20)
PYTHON
    echo "$3  $2" | sha256sum -c --quiet - >&2 || {
        echo "cuda8.sh: $1 is not the file that was pinned: its sha256 is not $3" >&2
        exit 4
    }
}

[ $# -eq 5 ] || { echo 'usage: cuda8.sh CUDA_URL CUDA_SHA256 CUDNN_URL CUDNN_SHA256 FOLDER' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$5"

fetch "$1" "$work/cuda.run" "$2"
# A makeself archive that holds makeself archives; the toolkit is one of them.
sh "$work/cuda.run" --noexec --keep --target "$work/outer" >&2
sh "$work"/outer/run_files/cuda-linux64-rel-*.run --noexec --keep --target "$work/inner" >&2
for name in cudart cublas cufft curand; do
    cp -a "$work/inner/lib64/lib$name".so.8.0* "$5/"
done

fetch "$3" "$work/cudnn.tgz" "$4"
mkdir "$work/cudnn"
tar -xzf "$work/cudnn.tgz" -C "$work/cudnn"
cp -a "$work"/cudnn/cuda/lib64/libcudnn.so.5* "$5/"
