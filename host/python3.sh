# shellcheck shell=bash
# Environments of a Python 3 that is found on the machine, made by hash: Kaggle's client, bench's peers.
# Sourced by run.sh; functions only. Wants host/environment.sh sourced beside it.

venv_make() { # FOLDER PYTHON3 LOCK "TEXT" "NOTE" PIP-OPTION…: a new venv with the lock's packages; 0 or 3
    local folder=$1 python=$2 lock=$3 text=$4 note=$5 bundle
    shift 5
    # pip trusts what it is told to, else what the machine trusts.
    if [ -z "${PIP_CERT:-}${REQUESTS_CA_BUNDLE:-}" ] && bundle=$(setup_ca_bundle); then
        local -x PIP_CERT=$bundle
    fi
    setup_fresh_folder "$folder" || return 3
    setup_stage "$text" "$python" -m venv "$folder" || return 3
    setup_stage "installing $(grep -c '==' "$lock") pinned packages$note" \
        "$folder/bin/python" -m pip install --no-deps --require-hashes --progress-bar off "$@" -r "$lock" ||
        { setup_hint; return 3; }
}
