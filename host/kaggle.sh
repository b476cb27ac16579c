# shellcheck shell=bash
# Kaggle, through its own client: the pictures, and the score of pred.csv.  The client runs on this
# machine, in an environment of its own (Python 3), in no container; the token stays where it is.
# Sourced by run.sh; functions only.
# shellcheck disable=SC2153  # WORK, FROM, YES are run.sh's

run_data() { # the zips, from Kaggle or from a folder → train/, test/, sample_submission.csv
    local work
    work=$(prepare_work "${WORK:-$REPRO_ROOT/work/real}") || exit
    if [ -z "$FROM" ] && ! [[ -d $work/train && -d $work/test && -f $work/sample_submission.csv ]]; then
        mkdir -p "$work/.repro/zips"
        (   # the lock that the program itself takes (repro/work.py)
            exec 9>>"$work/.repro/lock"
            flock -n 9 || die 5 'another run is using this work folder: wait for it, or name another folder with --work'
            kaggle_run download "$work/.repro/zips"
        ) || exit
    fi
    run_in "$work" cpu python -m repro get data "${ARGUMENTS[@]}"
}

run_submit() { # pred.csv to Kaggle, after asking; the score into run.json
    local work=${WORK:-$REPRO_ROOT/work/real} answer=yes
    [ -f "$work/run.json" ] ||
        die 4 "$work/run.json is missing: no run was made there (./run.sh cpu makes one)"
    (run_in "$work" cpu python -m repro score) || exit
    if [ -z "$YES" ]; then
        [ -t 0 ] || die 2 'submit asks before it sends, and there is no terminal to ask on: --yes sends'
        read -r -p 'Send it to Kaggle with your account? (yes or no) ' answer
    fi
    [ "$answer" = yes ] || die 130 'not sent'
    kaggle_run send "$work/pred.csv" "$work/.repro/score.json" || exit
    run_in "$work" cpu python -m repro score --file .repro/score.json
}

kaggle_run() { # ARGUMENT…: host/competition.py with the client
    (kaggle_ready) || return 3
    # requests has its own certificates; who named others for this machine means these, too.
    env "REQUESTS_CA_BUNDLE=${REQUESTS_CA_BUNDLE:-${SSL_CERT_FILE:-}}" \
        "$REPRO_HOME/kaggle/bin/python" -I "$REPRO_ROOT/host/competition.py" "$@"
}

kaggle_ready() { # the environment of requirements/kaggle.txt; 3 with a message
    local env=$REPRO_HOME/kaggle stamp python
    stamp=$({ echo "$REPRO_HOME"; cat "$REPRO_ROOT/requirements/kaggle.txt"; } | sha256sum)
    [ ! -x "$env/bin/python" ] || [ "$(cat "$env/stamp" 2>/dev/null)" != "$stamp" ] || return 0
    python=$(kaggle_python) || {
        setup_say "Kaggle's client needs a Python 3.11 or later with venv (REPRO_PYTHON3=/path/to/python3): or fetch the zips" \
            "with a browser and use ./run.sh data --from DIR, and submit pred.csv there"
        return 3
    }
    setup_isolate
    venv_make "$env" "$python" "$REPRO_ROOT/requirements/kaggle.txt" "making an environment for Kaggle's client" '' ||
        return 3
    printf '%s\n' "$stamp" >"$env/stamp"
}

kaggle_python() { # prints a Python that can carry the client
    local python
    for python in ${REPRO_PYTHON3:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$python" -I -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            type -P "$python"
            return
        fi
    done
    return 1
}
