#!/usr/bin/env bash
# image.sh VARIANT: makes the environment of an image, with the functions and from the locks that make
# a native one.  Both Dockerfiles run it in their first stage; what it leaves in .native is all of
# that stage that an image holds, and is the same bytes whenever it is made (SOURCE_DATE_EPOCH).
set -euo pipefail
REPRO_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
REPRO_HOME=$REPRO_ROOT/.native
# shellcheck source=host/python27.sh
source "$REPRO_ROOT/host/python27.sh"
# shellcheck source=host/debian.sh
source "$REPRO_ROOT/host/debian.sh"
# shellcheck source=host/environment.sh
source "$REPRO_ROOT/host/environment.sh"
# shellcheck source=host/engine.sh
source "$REPRO_ROOT/host/engine.sh"

# The seams are imported by repro.pth whenever a python starts, and the program is not here yet.
mkdir "$REPRO_ROOT/repro"
touch "$REPRO_ROOT/repro/__init__.py" "$REPRO_ROOT/repro/keras_seams.py"

[ ! -s /run/secrets/ca ] || export PIP_CERT=/run/secrets/ca
[ ! -s /run/secrets/pip ] || export PIP_CONFIG_FILE=/run/secrets/pip
export PIP_NO_CACHE_DIR=1
environment_ready "$1"
[ "$1" = gpu ] || engine_ready      # the other engine is for processors

# No network, so no pip; and of the set-up's own folders nothing but the mount points of a run.
cd "$REPRO_HOME"
# pip compiles scripts, too, which nobody imports, and their .pyc hold the time of the installation.
rm -rf tools logs lock "$1"/bin/*.pyc "$1"/bin/pip* "$1"/lib/python2.7/site-packages/pip "$1"/lib/python2.7/site-packages/pip-*
mkdir home theano standin
chmod 1777 home theano standin
chmod -R a+rX .

# A .pyc of Python 2 holds the time of its source, which for an installed package is now.
find . -exec touch -h -d "@${SOURCE_DATE_EPOCH:-0}" {} +
"$1/bin/python" -m compileall -q -f "$1/lib" >/dev/null || true  # tests of packages hold what does not compile
find . -exec touch -h -d "@${SOURCE_DATE_EPOCH:-0}" {} +
