# shellcheck shell=bash
# The checks of .ci/containers, each through ./run.sh.  Sourced; needs .ci/podman.sh sourced beside it.

# shellcheck disable=SC2034  # CDI is .ci/podman.sh's, too
CDI=/var/run/cdi/repro-ci-stand-in.yaml
SMALL=(--networks "ResNet50,InceptionV3" --train 8 --test 4)

part() { # TITLE CMD…
    local title=$1 start=$SECONDS
    shift
    echo "== $title"
    "$@"
    echo "== $title: $((SECONDS - start)) s"
}

ok() { echo "ok    $*"; }

wrong() { # WHAT [LOG]: a check that does not hold ends everything
    echo "FAIL  $1"
    [ $# -eq 1 ] || { [ -f "$2" ] && tail -n 20 "$2"; }
    exit 1
}

run_quietly() { # ARGUMENT…: ./run.sh, its output kept for a failure
    ./run.sh "$@" >"$T/log" 2>&1 || wrong "./run.sh $* ended with $?" "$T/log"
}

refuses() { # STATUS WORDS ARGUMENT…: ./run.sh ends with STATUS and one last line with WORDS in it
    local wanted=$1 words=$2 status=0
    shift 2
    ./run.sh "$@" >"$T/log" 2>&1 || status=$?
    [ "$status" -eq "$wanted" ] || wrong "./run.sh $* ended with $status, not $wanted" "$T/log"
    grep -qF -- "$words" "$T/log" || wrong "./run.sh $* does not say: $words" "$T/log"
    ok "status $wanted: $(grep -F -- "$words" "$T/log" | tail -n 1 | cut -c1-160)"
}

image_of() { # VARIANT: the name of the image that run.sh uses now
    REPRO_VARIANT=$1 ./run.sh exec --dry-run true 2>/dev/null | grep -o "localhost/dogs-vs-cats-2017-$1:[0-9a-f]*" | head -n 1
}

size_of() { # IMAGE: in MB
    echo "$(($(podman image inspect --format '{{.Size}}' "$1") / 1000000)) MB"
}

native_demo() { # waits for it: the suite beside this makes it
    until grep -qs '"finished": true' "$NATIVE/run.json"; do
        [ "$SECONDS" -lt 2400 ] || wrong "no native demo in $NATIVE to compare with"
        sleep 2
    done
}

same_demo() { # WORK: the demo there is the native one, byte for byte and line for line
    cmp "$1/pred.csv" "$NATIVE/pred.csv" || wrong "pred.csv in $1 is not the native one"
    ok 'pred.csv is the native run'\''s, byte for byte'
    golden "$NATIVE" "$T/native-table"
    golden "$1" "$T/table"
    diff "$T/native-table" "$T/table" || wrong 'its golden table is not the native one'
    ok "$(tail -n 1 "$T/table"), the same table as the native run's"
}

same_features() { # WORK: a default demo of ResNet50 alone; its features are the native run's, bit for bit
    REPRO_VARIANT=cpu ./run.sh exec --runtime native python -c '
import sys
from repro import features
def arrays(folder):
    with features.opened(folder + "/gap_ResNet50.h5") as h:
        return dict((name, h[name][()].tobytes()) for name in ("train", "test", "label"))
sys.exit(arrays(sys.argv[1]) != arrays(sys.argv[2]))' "$1" "$NATIVE" >"$T/log" 2>&1 ||
        wrong "gap_ResNet50.h5 in $1 is not the native one" "$T/log"
    ok 'the features of ResNet50 are the native run'\''s, bit for bit'
}

golden() { # WORK FILE: its table, but for where it ran, HDF5's bytes (they hold times), which TensorFlow
    REPRO_VARIANT=cpu ./run.sh verify --runtime native --work "$1" >"$2" 2>"$T/log" || wrong "verify of $1 is red" "$2"
    sed -i -e 1d -e '/\.h5 *| sha256 /d' -e '/^version of tensorflow/d' "$2"
}

# --- 1

cpu_image() {
    local image
    REPRO_VARIANT=cpu run_quietly exec true
    image=$(image_of cpu)
    ok "built: $(size_of "$image"), of which the base $(size_of "$REPRO_BASE")"
    same_twice "$image"
    run_quietly demo --work "$T/cpu"
    native_demo
    same_demo "$T/cpu"
}

docker_as_printed() { # the two commands of docs/containers.md, without run.sh outside, by podman
    local printed walls folder=$T/printed
    printed=$(sed -n 's/^    \(docker build .*\)$/\1/p' docs/containers.md)
    walls=$(sed -n 's/^    \(mkdir -p walled .*\)$/\1/p' docs/containers.md)
    mkdir -p "$folder/runs"
    git ls-files -z | tar --null -T - -c | tar -x -C "$folder"
    (cd "$folder" && eval "$printed --networks ResNet50") >"$T/log" 2>&1 || wrong "as printed: $printed" "$T/log"
    same_features "$folder/runs/demo"
    printed_with_walls "$walls" "$folder"
    AS=(ordinary)
    ordinary_up dogs-vs-cats-2017
    mkdir -p "$T/checkout/walled"
    chown "$ORDINARY:" "$T/checkout/walled"
    printed_with_walls "$walls" "$T/checkout"
    AS=()
}

docker() { # ARGUMENT…: podman; a build gets what a machine without a registry lacks
    if [ "$1" = run ]; then "${AS[@]}" podman "$@"; return; fi
    (
        export REPRO_ROOT=$PWD
        # shellcheck source=/dev/null
        for part in setup python/python3 container/container; do source "host/$part.sh"; done
        container_sources | container_pip_settings >"$T/pip"
    )
    podman build ${REPRO_BASE:+--build-arg "BASE=$REPRO_BASE"} --secret "id=pip,src=$T/pip" \
        ${REPRO_CA:+--secret "id=ca,src=$REPRO_CA"} "${@:2}"
}

printed_with_walls() { # COMMAND FOLDER: a smaller demo by it; whose the files are
    local who
    who=$("${AS[@]}" id -u)
    # Rootless podman needs to be told to keep the number, which docker does by itself.
    [ "$who" -eq 0 ] || set -- "${1/--user/--userns=keep-id --user}" "$2"
    # shellcheck disable=SC2329  # the command's own $(id -u)
    (cd "$2" && id() { "${AS[@]}" env id "$@"; } && eval "$1 --networks ResNet50 --train 4 --test 2 --no-report") >"$T/log" 2>&1 ||
        wrong "as printed, with walls, as uid $who" "$T/log"
    [ -s "$2/walled/demo/pred.csv" ] && [ -z "$(find "$2/walled/demo" ! -user "$who")" ] || wrong "files are not uid $who's" "$T/log"
    ok "as printed, with walls, as uid $who: the files are theirs"
}

# What an image could change: the environment, the pixels, the networks and the article's steps (its demo: cpu_image).
# The rest of the suite tests run.sh and host/, or is the same program; ./run.sh test runs all of it in an image, too.
IN_IMAGE=(environment features gap head links listing machine networks pixels port submit weights)

cpu_suite() {
    local files=("${IN_IMAGE[@]/#/tests/test_}")
    if ! ./run.sh test "${files[@]/%/.py}" >"$T/suite.log" 2>&1; then wrong 'the suite inside it' "$T/suite.log"; fi
    grep '^SKIPPED' "$T/suite.log" || true
    ok "${#IN_IMAGE[@]} of the suite's files inside it: $(grep -E "(passed|failed).* seconds" "$T/suite.log" | tail -n 1)"
}

notebook_served() { # Jupyter in a container: a cell runs, and its one port needs the token, on this machine's loopback alone
    local number work=$T/notebook token
    run_quietly notebook --work "$work" --run 1-preprocessing.ipynb
    [ -L "$work/test2/test" ] || wrong 'the first notebook made no links' "$T/log"
    grep -q 'links: train2/cat 32' "$work/1-preprocessing.ipynb" || wrong 'the first notebook kept no output' "$T/log"
    ok 'a notebook from top to bottom, without a network'
    number=$(free_port)
    starts 'token=' notebook --work "$work" --port "$number"
    token=$(sed -n 's/.*token=//p' "$T/notebook.log" | tr -d '\r')
    [ "$(notebook_status 127.0.0.1 "$number" '')" = 403 ] || wrong 'notebook answers without a token'
    [ "$(notebook_status 127.0.0.1 "$number" "$token")" = 200 ] || wrong 'notebook does not answer' "$T/notebook.log"
    [ "$(notebook_status 127.0.0.2 "$number" "$token")" = 000 ] || wrong 'notebook is reached by another address'
    refuses 4 "port $number is taken" notebook --work "$T/notebook-2" --port "$number"
    ends notebook
    ok 'Jupyter: 403 without its token, 200 with it, no other address; SIGINT: status 0, and its container is gone'
}

notebook_status() { # ADDRESS PORT TOKEN: the status of an answer, 000 for none
    curl -s --noproxy '*' -m 20 -o /dev/null -w '%{http_code}' "http://$1:$2/api/contents?token=$3" || true
}

same_twice() { # IMAGE: built once more from nothing, it has the same contents
    podman tag "$1" localhost/repro-ci-first:$$
    podman untag "$1" "$1"
    BUILDAH_LAYERS=false run_quietly exec true
    .ci/same-contents localhost/repro-ci-first:$$ "$1" || wrong 'two builds of one commit differ'
    podman rmi localhost/repro-ci-first:$$ >/dev/null
    ok 'two builds have the same files: names, modes, owners, contents'
}

archive_image() { # what ./run.sh archive gathers builds the image where there is no network at all
    if ! (unset REPRO_RUNTIME && ./run.sh archive --to "$T/bag" --with images) >"$T/log" 2>&1; then
        grep -q 'archive needs' "$T/log" || wrong 'no archive' "$T/log"
        echo "--    $(tail -n 1 "$T/log")"     # a shallow clone, or one that is changed
        return
    fi
    git clone -q "$T/bag/data/project.bundle" "$T/restored"
    [ "$(cd "$T/restored" && env -u REPRO_BASE unshare -n ./run.sh --archive "$T/bag" --runtime podman exec \
        python -c 'import keras; print keras.__version__' 2>"$T/log")" = 1.2.2 ] || wrong 'no image from the archive alone' "$T/log"
    ok "built and run in a network of no interface, from $(tail -n 2 "$T/bag/bag-info.txt" | sed -n 's/^Payload-Oxum: \([0-9]*\).*/\1 bytes/p')"
}

# --- 2

gpu_image() {
    local image
    export REPRO_VARIANT=gpu
    REPRO_CUDA_SHA256=${REPRO_CUDA_SHA256//[0-9a-f]/0} \
        refuses 3 "cuda.run: this is not the file that was pinned" exec true
    run_quietly exec true
    image=$(image_of gpu)
    ok "built, from stand-ins of NVIDIA's archives: $(size_of "$image")"
    ./run.sh exec env TF_CPP_MIN_LOG_LEVEL=0 python -c 'import tensorflow; print tensorflow.__version__' >"$T/log" 2>&1
    for name in libcublas.so.8.0 libcudnn.so.5 libcufft.so.8.0 libcurand.so.8.0; do
        grep -q "successfully opened CUDA library $name" "$T/log" || wrong "$name is not opened" "$T/log"
    done
    [ "$(tail -n 1 "$T/log")" = 1.0.1 ] || wrong 'tensorflow-gpu 1.0.1 is not imported' "$T/log"
    ok 'tensorflow-gpu 1.0.1 loads libcudart and opens cublas, cudnn, cufft, curand'
    ./run.sh exec ls /usr/local/cuda-8.0/lib64 2>/dev/null | grep -E 'static|cusolver|cusparse|nppi|\.so$' &&
        wrong 'more than the runtime libraries is in the image'
    ok 'nothing else of the archives is in the image'
    run_quietly demo --networks ResNet50 --work "$T/gpu"
    same_features "$T/gpu"
    unset REPRO_VARIANT
}

# --- 3

servers() { # ./run.sh serve in a container, and a run with a server of its own, both in containers
    served
    served_in_private
}

served() {
    local number
    number=$(free_port)
    starts '^serve: ready' serve --port "$number"
    ok "$(grep '^serve: ready' "$T/serve.log"), in an image of $(size_of "$(podman ps --format '{{.Image}}' | grep tf2)")"
    refuses 4 "port $number is taken" serve --port "$number"
    for runtime in podman native; do
        [ "$(./run.sh exec --engine tf2 --servers "127.0.0.1:$number" --runtime "$runtime" python -c "$GRAPH" 2>"$T/log")" = sealed ] ||
            wrong "a graph from a client in $runtime" "$T/log"
    done
    ok 'clients in a container and natively; a graph writes nowhere but in memory'
    ends serve
    ok 'SIGINT: status 0, and its container is gone'
}

starts() { # LINE VERB ARGUMENT…: run.sh in the background, until its log ($T/VERB.log) has the line; sets STARTED
    local line=$1 log=$T/$2.log
    : >"$log"
    set -m      # it has its port for as long as its process runs; Ctrl-C is for it alone
    ./run.sh "${@:2}" >>"$log" 2>&1 &
    STARTED=$!
    set +m
    until grep -q "$line" "$log"; do
        kill -0 "$STARTED" 2>/dev/null || wrong "$2 does not start" "$log"
        sleep 0.5
    done
}

ends() { # VERB: what starts() started ends with 0 at Ctrl-C, and leaves no container
    kill -INT -- "-$STARTED"
    wait "$STARTED" || wrong "$1 ended with $?" "$T/$1.log"
    [ -z "$(podman ps -aq)" ] || wrong "a container is left of $1"
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])'
}

# What a graph may do with the server's disk.
GRAPH='
import tensorflow as tf
def written(path):
    try:
        tf.Session().run(tf.write_file(path, "x"))
    except tf.errors.OpError:
        return False
    return True

assert written("/tmp/x")
print "sealed" if not any(map(written, ["/x", "/opt/repro/x", "/etc/x", "/home/x", "/root/x"])) else "open"
'

served_in_private() {
    local runs
    run_quietly demo --engine tf2 --no-report --work "$T/tf2"
    golden "$T/tf2" "$T/table"
    [ "$(grep -c '^\(ResNet50\|InceptionV3\|Xception\) features, .* ok$' "$T/table")" -eq 24 ] ||
        wrong 'not all 24 golden values of the features are held' "$T/table"
    [ -z "$(podman ps -aq)" ] || wrong 'a container is left of a run with its own server'
    ok "the default demo with its own server, both in containers: $(tail -n 1 "$T/table")"
    : >"$T/log"
    ./run.sh exec --engine tf2 python -uc 'import time; print "begun"; time.sleep(600)' >>"$T/log" 2>&1 &
    until grep -q begun "$T/log"; do sleep 0.2; kill -0 $! 2>/dev/null || wrong 'exec with its own server' "$T/log"; done
    for runs in $(podman ps -q); do
        [ "$(podman exec "$runs" ls /sys/class/net)" = lo ] || wrong 'the server or its run sees a network'
    done
    [ "$(podman ps -q | wc -l)" -eq 2 ] || wrong "not two containers: $(podman ps)"
    podman kill -s KILL "$(podman ps -q --filter "ancestor=$(image_of cpu)")" >/dev/null
    wait $! 2>/dev/null || true
    [ -z "$(podman ps -q)" ] || wrong 'the server outlives its run'
    ok 'neither has a network; the run killed, the server ends'
}

# --- 4

AS=()       # what a command of an attack is prefixed with

attacks_as_root() {
    AS=()
    attacks "$(image_of cpu)"
}

attacks_as_ordinary() {
    ordinary_up "$(image_of cpu)"
    AS=(ordinary)
    attacks "$(image_of cpu)"
}

attacks() { # IMAGE
    local who work
    who=$("${AS[@]}" id -u)
    work=$(work_folder "a: path with spaces & 猫")
    writes_outside "$work"
    sealed "$work" "$who"
    echo 'print 6 * 7' | "${AS[@]}" ./run.sh exec --work "$work" python - 2>/dev/null | grep -qx 42 ||
        wrong 'exec does not hand its stdin on'
    two_at_once "$work" "$(work_folder second)"
    [ -z "$(find "$work" ! -user "$who")" ] || wrong "files in $work are not the caller's"
    ok "$(find "$work" | wc -l) files and folders in '$(basename "$work")' belong to uid $who"
    interrupted "$work" "$1"
    limits "$who" "$work"
}

work_folder() { # NAME: a new one of the user's, with the demo's weights in it to save their making
    local work=$T/work-${AS[0]:-root}/$1
    mkdir -p "$work/weights"
    cp "$NATIVE"/weights/{resnet50,inception_v3}*.h5 "$work/weights/"
    [ ${#AS[@]} -eq 0 ] || chown -R "$ORDINARY:" "$T/work-${AS[0]}"
    echo "$work"
}

writes_outside() { # WORK
    local written
    written=$("${AS[@]}" ./run.sh exec --work "$1" python -c "$WRITES" 2>"$T/log") || wrong 'the writer does not run' "$T/log"
    [ "$written" = 'only here' ] || wrong "written outside the mounts: $written"
    ok 'of all folders and files outside the work folder none can be written'
}

# Tries to make a file in every folder and to open files for writing, and prints those where it
# could.  Only the memory file systems that go with the container are passed over.  In the work folder
# the same attempt works.
WRITES='
import os
lines = [line.split() for line in open("/proc/mounts")]
passing = [l[1] for l in lines if l[2] in ("tmpfs", "devpts", "mqueue", "proc")]
def written(path):
    try:
        open(path, "ab").close()
    except (IOError, OSError):
        return False
    return True

folders_tried = 0
for root, folders, files in os.walk("/"):
    folders[:] = [f for f in folders if os.path.join(root, f) not in passing + [os.getcwd()]]
    folders_tried += 1
    for path in [os.path.join(root, name) for name in [".written"] + files[:5]]:
        if (path.endswith(".written") or os.path.isfile(path)) and written(path):
            print path
assert folders_tried > 1000, folders_tried
assert written(".written")
os.remove(".written")
print "only here"
'

sealed() { # WORK UID
    [ "$("${AS[@]}" ./run.sh exec --work "$1" python -c "$INSIDE" "$PORT" 2>"$T/log")" = "sealed $2" ] ||
        wrong 'a container is not sealed' "$T/log"
    curl -sf "http://127.0.0.1:$PORT/" >/dev/null || wrong 'the server that it must not reach does not answer'
    ok "uid $2 inside, no capability, no new privileges, no network but its own loopback, HOME writable"
}

INSIDE='
import os, socket, sys
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0, status["CapEff"]
assert status["NoNewPrivs"].strip() == "1"
assert os.listdir("/sys/class/net") == ["lo"], os.listdir("/sys/class/net")
for address in ("127.0.0.1", int(sys.argv[1])), ("192.0.2.1", 80):
    try:
        socket.create_connection(address, 3)
    except (IOError, OSError):
        continue
    sys.exit("connected to %s" % (address,))
open(os.path.join(os.environ["HOME"], "x"), "w").close()
print "sealed", os.getuid()
'

two_at_once() { # WORK WORK
    local work pids=()
    for work; do
        "${AS[@]}" ./run.sh demo "${SMALL[@]}" --work "$work" >"$T/log-${#pids[@]}" 2>&1 &
        pids+=($!)
    done
    wait "${pids[0]}" || wrong 'the first of two runs at once' "$T/log-0"
    wait "${pids[1]}" || wrong 'the second of two runs at once' "$T/log-1"
    cmp "$1/pred.csv" "$2/pred.csv" || wrong 'two runs at once differ'
    ok 'two runs at once in two folders, one with spaces, a colon and 猫 in its path'
}

interrupt_once() { # TEST… -- CMD…: runs CMD, and sends SIGINT once TEST holds
    local program status=0 reached=()
    while [ "$1" != -- ]; do reached+=("$1"); shift; done
    shift
    set -m      # as at a terminal: a process group, which SIGINT reaches as a whole
    "$@" >"$T/log" 2>&1 &
    program=$!
    set +m
    until "${reached[@]}"; do
        kill -0 "$program" 2>/dev/null || wrong 'what was to be interrupted ended' "$T/log"
        sleep 0.2
    done
    kill -INT -- "-$program"
    wait "$program" || status=$?
    [ "$status" -eq 130 ] || wrong "interrupted, it ended with $status, not 130" "$T/log"
}

interrupted() { # WORK IMAGE: Ctrl-C between two networks, and the same command again
    cp "$1/pred.csv" "$T/pred.csv"
    rm "$1"/gap_*.h5
    interrupt_once test -e "$1/gap_ResNet50.h5" -- "${AS[@]}" ./run.sh demo "${SMALL[@]}" --work "$1"
    [ -z "$("${AS[@]}" podman ps -aq --filter "ancestor=$2")" ] || wrong 'a container is left after Ctrl-C'
    [ -z "$(find "$1" -name '*.part')" ] || wrong 'a half-written file is left after Ctrl-C'
    "${AS[@]}" ./run.sh demo "${SMALL[@]}" --work "$1" >"$T/log" 2>&1 || wrong 'the same command again' "$T/log"
    grep -q 'gap_ResNet50.h5.* kept' "$T/log" || wrong 'it does not resume from what is whole' "$T/log"
    cmp "$1/pred.csv" "$T/pred.csv" || wrong 'pred.csv after an interruption differs'
    ok 'SIGINT: 130, no container, no half-written file; the same command resumed, to the same pred.csv'
}

limits() { # UID WORK
    local status=0
    if [ "$1" -ne 0 ] && [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
        echo '--    limits: control groups v1 give an ordinary user none'
        return
    fi
    "${AS[@]}" ./run.sh exec --work "$2" --memory 200m python -c 'x = "x" * 10 ** 9' >"$T/log" 2>&1 || status=$?
    [ "$status" -eq 137 ] || wrong "1 GB within --memory 200m ended with $status" "$T/log"
    tail -n 1 "$T/log" | grep -q 'more memory than --memory 200m' || wrong 'it does not say why it was killed' "$T/log"
    "${AS[@]}" ./run.sh demo --work "$2" --memory 200m >"$T/log" 2>&1 && wrong 'a demo within 200 MB'
    grep -q 'demo: the networks need .* MB of memory' "$T/log" || wrong 'a demo within 200 MB does not say why' "$T/log"
    "${AS[@]}" ./run.sh exec --work "$2" --pids 30 python -c '
import os, time
n = 0
try:
    while n < 100:
        n += 1
        os.fork() or time.sleep(5) or os._exit(0)
except OSError:
    print "stopped at", n' >"$T/log" 2>&1 || wrong '--pids' "$T/log"
    grep -q '^stopped at [12]' "$T/log" || wrong '100 processes within --pids 30' "$T/log"
    ok '--memory 200m kills what needs 1 GB, refuses a demo, and says so; --pids 30 stops 100 processes'
}

interrupted_build() {
    local log=.native/logs/build-cpu.log
    rm -f "$log"
    interrupt_once grep -qs '^set-up: installing' "$log" -- \
        env BUILDAH_LAYERS=false REPRO_CUDA_URL=another-image ./run.sh exec true
    ! pgrep -f 'host/container/image.sh [cge]' >/dev/null || wrong 'a build continues after Ctrl-C'
    ok 'SIGINT during a build: 130, and nothing of it continues'
}

# --- 5: gpu, with what only a real podman and CDI can show; the preflight itself: tests/test_gpu.py

gpu_by_cdi() {
    local work=$T/work-root/second path=$PATH words
    mkdir -p "$T/bin"
    printf '#!/bin/bash\necho "NVIDIA H100, 9.0, GPU-aaaa"; echo "Tesla P100, 6.0, GPU-bbbb"\n' >"$T/bin/nvidia-smi"
    chmod +x "$T/bin/nvidia-smi"
    export PATH=$T/bin:$PATH
    stand_in_cdi
    TF_CPP_MIN_LOG_LEVEL=0 run_quietly gpu --gpu-growth --networks ResNet50 --data "$work" --weights "$work/weights" \
        --any-weights --work "$T/real"
    for words in 'successfully opened CUDA library libcudnn.so.5' CUDA_ERROR_NO_DEVICE 'GPU memory as it is needed'; do
        grep -q "$words" "$T/log" || wrong "./run.sh gpu does not say: $words" "$T/log"
    done
    ok './run.sh gpu, with a stand-in driver handed in by CDI: CUDA_ERROR_NO_DEVICE, and on with the CPU kernels'
    export PATH=$path
}

stand_in_cdi() { # what nvidia-ctk would write: here a driver without a device
    mkdir -p "${CDI%/*}"
    cat >"$CDI" <<END
cdiVersion: 0.3.0
kind: nvidia.com/gpu
devices:
  - name: all
    containerEdits:
      mounts:
        - hostPath: $T/archives/libcuda.so.1
          containerPath: /usr/lib/x86_64-linux-gnu/libcuda.so.1
          options: [ro, bind]
END
}
