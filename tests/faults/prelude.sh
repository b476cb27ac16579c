# shellcheck shell=bash
# What the table's `made` snippets may call.  They run in a copy of a small demo's folder.

picture() { # FILE EXPRESSION: replaces FILE; `im` is its picture, `save(im, format)` writes it
    python - "$1" "$2" <<'PYTHON'
import os, sys
from PIL import Image
name, expression = sys.argv[1:]
im = Image.open(name).convert('RGB')
im.load()
def save(im, format, **options):
    with open(name, 'wb') as f:
        im.save(f, format, **options)
eval(expression)
PYTHON
}

png() { # FILE WIDTH HEIGHT BITS: a valid grey PNG, written without holding its pixels
    python - "$@" <<'PYTHON'
import struct, sys, zlib
name, (w, h, bits) = sys.argv[1], map(int, sys.argv[2:])
def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data) & 0xffffffff)
row = b'\0' + b'\x5a' * ((w * bits + 7) // 8)
with open(name, 'wb') as f:
    f.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', w, h, bits, 0, 0, 0, 0)) +
            chunk(b'IDAT', zlib.compress(row * h, 1)) + chunk(b'IEND', b''))
PYTHON
}

turned() { # FILE [BYTES]: gives a JPEG the EXIF note "turn me a quarter", as a phone does; BYTES: and one cut off
    python - "$@" <<'PYTHON'
import struct, sys
with open(sys.argv[1], 'rb') as f:
    jpeg = f.read()
notes = [(0x0112, 3, 1, 6)] + [(0x9286, 7, int(size), 0x7000) for size in sys.argv[2:]]
tiff = b'II*\0' + struct.pack('<IH', 8, len(notes)) + b''.join(struct.pack('<HHII', *n) for n in notes) + b'\0' * 4
note = b'Exif\0\0' + tiff
with open(sys.argv[1], 'wb') as f:
    f.write(jpeg[:2] + b'\xff\xe1' + struct.pack('>H', len(note) + 2) + note + jpeg[2:])
PYTHON
}

cut() { # FILE BYTES: cuts it off there
    head -c "$2" "$1" >"$1.cut" && mv "$1.cut" "$1"
}

h5() { # FILE STATEMENT: `h` is the file, open for change
    python -c "import h5py, numpy as np
with h5py.File('$1', 'a') as h:
    $2"
}

rows() { # ID…: a sample_submission.csv with these ids
    { echo id,label; printf '%s,0.5\n' "$@"; } >sample_submission.csv
}

disk() { # FOLDER MEGABYTES OPTION…: a small file system of its own, where the tests may mount one
    mkdir -p "$1" && mount -t tmpfs -o "size=$2m" none "$1" 2>/dev/null || exit 77
}

program() { # FILE TEXT: a program
    mkdir -p "$(dirname "$1")" && printf '#!/bin/bash\n%s\n' "$2" >"$1" && chmod +x "$1"
}
