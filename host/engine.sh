# shellcheck shell=bash
# The libraries of engines that are not the article's, taken out of their wheels into $REPRO_HOME.

# OpenVINO's wheel is for a Python 3, and its libraries for any process: the C library, the plugin
# for processors and the readers of TensorFlow's graphs and of its own are taken, by hash, and no
# Python with them.
engine_ready() { # NAME: unpacks OpenVINO's libraries unless they are there as the lock says; 0 or 3
    local folder=$REPRO_HOME/engines/openvino status=0
    [ "${1:-}" != tf1 ] || return 0
    mkdir -p "$REPRO_HOME/engines"
    engine_fresh && return 0
    (
        ! type -P flock >/dev/null || flock 9
        engine_fresh || {
            # shellcheck disable=SC2034  # setup_stage writes into it
            SETUP_LOG=$REPRO_HOME/logs/setup-openvino.log
            setup_isolate
            setup_pip "$(environment_python cpu)" && setup_fresh_folder "$folder" &&
                { setup_stage 'fetching OpenVINO (59 MB, once)' engine_unpack "$folder" ||
                    { setup_hint; false; }; }
        }
    ) 9>>"$REPRO_HOME/lock" || status=3
    [ $status = 0 ] || setup_say 'without OpenVINO there is --engine tf1, the article'"'"'s own'
    return $status
}

engine_fresh() {
    [ "$(cat "$REPRO_HOME/engines/openvino/stamp" 2>/dev/null)" = "$(engine_stamp)" ]
}

engine_stamp() {
    cat "$REPRO_ROOT/requirements/openvino.txt" "$REPRO_ROOT/host/engine.sh" | sha256sum
}

engine_unpack() { # FOLDER
    "$(environment_python cpu)" -m pip download --no-deps --require-hashes --only-binary :all: \
        --platform manylinux_2_28_x86_64 --implementation cp --python-version 311 --abi cp311 \
        -d "$1/wheel" -r "$REPRO_ROOT/requirements/openvino.txt" || return 1
    "$(environment_python cpu)" - "$1" "$1"/wheel/*.whl <<'PYTHON' || return 1
import os, re, sys, zipfile
folder, wheel = sys.argv[1:]
wanted = re.compile(r'openvino/libs/lib(openvino|openvino_c|openvino_intel_cpu_plugin|'
                    r'openvino_tensorflow_frontend|openvino_ir_frontend|tbb|tbbmalloc|hwloc)\.so[.0-9]*$'
                    r'|.*\.dist-info/licenses?/.*')
with zipfile.ZipFile(wheel) as z:
    for name in z.namelist():
        if wanted.match(name) and not name.endswith('/'):
            with open(os.path.join(folder, os.path.basename(name)), 'wb') as f:
                f.write(z.read(name))
PYTHON
    rm -rf "$1/wheel"
    engine_stamp >"$1/stamp"
}
