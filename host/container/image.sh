#!/usr/bin/env bash
# image.sh cpu|gpu: makes the environment of an image, with the functions and from the locks that make a
# native one.  image.sh engines: makes what the engines in repro/engines/ need installed.  image.sh notebook: Jupyter.
# image.sh serve tf2|tf2-gpu: makes the environment of a TensorFlow server, .native/server.
# The Dockerfiles run it in their first stages, of which an image takes .native alone; its bytes are the same
# whenever it is made (SOURCE_DATE_EPOCH).
set -euo pipefail
REPRO_ROOT=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
REPRO_HOME=$REPRO_ROOT/.native
export REPRO_ROOT REPRO_HOME
for part in setup python/{python27,debian} environment python/python3 engines servers/servers notebook; do
    # shellcheck source=/dev/null
    [ ! -f "$REPRO_ROOT/host/$part.sh" ] || source "$REPRO_ROOT/host/$part.sh"
done

[ ! -s /run/secrets/ca ] || export PIP_CERT=/run/secrets/ca
[ ! -s /run/secrets/pip ] || export PIP_CONFIG_FILE=/run/secrets/pip
export PIP_NO_CACHE_DIR=1

image_environment() { # VARIANT
    # A python that starts there imports repro.keras_seams (repro.pth), and the program is not here yet.
    mkdir "$REPRO_ROOT/repro"
    touch "$REPRO_ROOT/repro/__init__.py" "$REPRO_ROOT/repro/keras_seams.py"
    environment_ready "$1"
    cd "$REPRO_HOME"
    # An image has no network, so no pip. And pip compiles scripts, too, which nobody imports, and whose
    # .pyc hold the time of the installation.
    rm -rf "$1"/bin/*.pyc "$1"/bin/pip* "$1"/lib/python2.7/site-packages/pip "$1"/lib/python2.7/site-packages/pip-*
    mkdir home theano       # mount points of a run
    chmod 1777 home theano
    # A .pyc of Python 2 holds the time of its source, which for an installed package is now.
    find . -exec touch -h -d "@${SOURCE_DATE_EPOCH:-0}" {} +
    "$1/bin/python" -m compileall -q -f "$1/lib" >/dev/null || true  # tests of packages hold what does not compile
}

image_engines() {
    local name names
    mkdir -p "$REPRO_HOME/engines"
    names=$(ask_program engines)
    for name in $names; do engine_ready "$name"; done
}

image_notebook() { # over the environment of an earlier stage
    VARIANT=cpu
    notebook_ready
    cd "$REPRO_HOME/notebook"
    find . -name '*.pyc' -delete
    find . -exec touch -h -d "@${SOURCE_DATE_EPOCH:-0}" {} +
    ../cpu/bin/python -m compileall -q lib >/dev/null || true       # tests of packages hold what does not compile
}

image_serve() { # VARIANT
    VARIANT=$1
    server_environment cpu
    ln -s "$VARIANT" "$REPRO_HOME/server"
    cd "$REPRO_HOME/$VARIANT"
    rm -rf bin/pip* lib/python3.*/site-packages/pip lib/python3.*/site-packages/pip-*
    # A .pyc with the hash of its source in place of its time is the same bytes whenever it is made.
    bin/python -m compileall -q --invalidation-mode unchecked-hash lib >/dev/null || true  # some hold what does not compile
}

case $1 in
    engines) image_engines ;;
    notebook) image_notebook ;;
    serve) image_serve "$2" ;;
    *) image_environment "$1" ;;
esac
cd "$REPRO_HOME"
rm -rf tools logs lock
chmod -R a+rX .
find . -exec touch -h -d "@${SOURCE_DATE_EPOCH:-0}" {} +
