# shellcheck shell=bash
# Kaggle, through its own client: the pictures, the score of pred.csv, and its machines.  The client runs on this
# machine, in an environment of its own (Python 3), in no container; the token stays where it is.
# shellcheck disable=SC2034,SC2153  # WORK, FROM, YES, ENGINE are run.sh's

run_data() { # the zips, from Kaggle or from a folder → train/, test/, sample_submission.csv
    local work
    work=$(prepare_work "$(work_folder)") || exit
    if [ -z "$FROM" ] && ! [[ -d $work/train && -d $work/test && -f $work/sample_submission.csv ]]; then
        mkdir -p "$work/.repro/zips" 2>/dev/null ||
            die 4 "$work/.repro/zips cannot be made (a file of that name, or a full disk): name another folder with --work"
        (   # the lock that the program itself takes (repro/work/folder.py)
            kaggle_alone "$work/.repro/lock" 'another run'
            kaggle_run competition download "$work/.repro/zips"
        ) || exit
    fi
    run_in "$work" cpu python -m repro data "${ARGUMENTS[@]}"
}

run_submit() { # pred.csv to Kaggle, after asking; the score into run.json
    local work answer=yes
    work=$(work_folder)
    [ -f "$work/run.json" ] ||
        die 4 "$work/run.json is missing: no run was made there (./run.sh cpu makes one)"
    (run_in "$work" cpu python -m repro score) || exit
    if [ -z "$YES" ]; then
        [ -t 0 ] || die 2 'submit asks before it sends, and there is no terminal to ask on: --yes sends'
        read -r -p 'Send it to Kaggle with your account? (yes or no) ' answer || true
    fi
    [ "$answer" = yes ] || die 130 'not sent'
    kaggle_run competition send "$work/pred.csv" "$work/.repro/score.json" || exit
    run_in "$work" cpu python -m repro score --file .repro/score.json
}

run_kaggle() { # this commit as a private kernel on Kaggle's machines; what it leaves into the work folder, verified
    local work folder
    ENGINE=''       # the kernel's, not this machine's
    work=$(prepare_work "$(work_folder)") || exit
    if [ -n "$DRY_RUN" ]; then kaggle_would_push; return; fi
    folder=$work/.repro/kernel
    mkdir -p "$folder" 2>/dev/null ||
        die 4 "$folder cannot be made (a file of that name, or a full disk): name another folder with --work"
    kaggle_alone "$folder/lock" 'another ./run.sh kaggle'
    kaggle_run push account || exit      # before minutes of set-up
    (run_in "$work" cpu python -m repro kaggle "${ARGUMENTS[@]}") || exit
    if [ ! -f "$folder/pushed.json" ]; then
        kaggle_run push pack "$folder/asked.json" "$folder" &&
            kaggle_run push push "$folder" "$folder/pushed.json" &&
            (run_in "$work" cpu python -m repro kaggle "${ARGUMENTS[@]}") || exit
    fi
    kaggle_run push follow "$folder/pushed.json" "$folder/outputs" || exit
    run_in "$work" cpu python -m repro kernel --file .repro/kernel/outputs
}

kaggle_would_push() { # packs it in a folder of its own, and says what a push would send
    local python folder
    python=$(python3_find 3.6) || die 3 'packing a kernel needs a Python 3.6 or later (REPRO_PYTHON3=/path/to/python3)'
    folder=$(mktemp -d)
    # shellcheck disable=SC2064  # which folder is known now
    trap "rm -rf '$folder'" EXIT
    ask_program kaggle "$(commit)" "${ARGUMENTS[@]}" >"$folder/asked.json" || exit
    "$python" -I -B "$REPRO_ROOT/host/kaggle/push.py" pack "$folder/asked.json" "$folder" || exit
    say 'kaggle: would push it with your account, follow it, and fetch what it leaves'
}

kaggle_alone() { # FILE WHO: holds this lock for as long as this shell runs; ends with 5 where WHO holds it
    { exec 9>>"$1"; } 2>/dev/null || die 4 "$1 cannot be written: is it yours?"
    # 1: taken; any other status: a file system without locks
    flock -n 9 2>/dev/null || [ $? -ne 1 ] || die 5 "$2 is using this work folder: wait for it, or name another folder with --work"
}

kaggle_run() { # PROGRAM ARGUMENT…: host/kaggle/PROGRAM.py with the client
    kaggle_ready || return 3
    # requests has its own certificates; if the user named others for this machine, it uses these.
    env "REQUESTS_CA_BUNDLE=${REQUESTS_CA_BUNDLE:-${SSL_CERT_FILE:-}}" \
        "$REPRO_HOME/kaggle/bin/python" -I "$REPRO_ROOT/host/kaggle/$1.py" "${@:2}"
}

kaggle_ready() { # the client's environment; 0, or 3 after a message
    local python
    python=$(venv_python kaggle) || {
        setup_say "Kaggle's client needs a $(venv_needs kaggle): or fetch the zips" \
            "with a browser and use ./run.sh data --from DIR, and submit pred.csv there"
        return 3
    }
    venv_ready kaggle "$python"
}
