#!/usr/bin/env bash
# requirements/lock-bench.sh: remakes every bench-*.txt here from its .in.
# Each lock holds, by SHA256, the wheels of every CPython that ./run.sh bench knows; pip names the wheels
# without fetching them. Wants a Python 3 with pip; the wheels come from the index that it is set up for.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=host/bench.sh
source ../host/bench.sh
FILES=$(mktemp -d)
trap 'rm -rf "$FILES"' EXIT
export PIP_CONSTRAINT=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1

for input in bench-*.in; do
    echo "$input" >&2
    rm -f "$FILES"/*.json
    sed -E 's/[[:space:]]*#.*//; /^$/d' "$input" >"$FILES/requirements"
    for version in "${BENCH_PYTHONS[@]}"; do
        python3 -m pip install -q --dry-run --ignore-installed --no-deps --only-binary :all: --no-cache-dir \
            --python-version "$version" --target "$FILES/none" --report "$FILES/$version.json" \
            -r "$FILES/requirements"
    done
    python3 - "$input" "$FILES"/*.json >"$FILES/lock" <<'PYTHON'
import json
import sys

hashes = {}
for name in sys.argv[2:]:
    with open(name) as f:
        for item in json.load(f)['install']:
            package = '%(name)s==%(version)s' % item['metadata']
            digest = item['download_info']['archive_info']['hashes']['sha256']
            hashes.setdefault(package, set()).add(digest)
print('# Made from %s by requirements/lock-bench.sh; not to be edited.' % sys.argv[1])
for package in sorted(hashes, key=str.lower):
    print(' '.join([package] + ['--hash=sha256:' + d for d in sorted(hashes[package])]))
PYTHON
    mv "$FILES/lock" "${input%.in}.txt"
done
