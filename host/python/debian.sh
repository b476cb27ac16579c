# shellcheck shell=bash
# A private CPython 2.7.18 (UCS-4) from Debian 11's own packages, without root.
#
#   debian_python   prints $REPRO_HOME/python27/root/usr/bin/python2.7, made if it isn't there;
#                   1 if it can't be made, 3 if it can't be made in REPRO_HOME (after a message)
#
# Which packages, byte for byte, is in requirements/python27-debs.lock. They come
# from the archives that the machine's apt is set up for, or
#   REPRO_DEBIAN_MIRROR=URI   a Debian archive's root (on a relative of Debian, or once Debian 11 has moved)
#   REPRO_DEBS=DIR            a folder that may hold the packages already; new ones are kept there

debian_python() {
    local home=$REPRO_HOME/python27
    debian_can_unpack || return 1
    debian_can_live "$home" || return 3
    made python27 @requirements/python27-debs.lock @host/python/debian.sh -- debian_make "$home" || return 1
    echo "$home/root/usr/bin/python2.7"
}

debian_can_unpack() { # Debian and its relatives; elsewhere only if the packages' source is named
    type -P dpkg-deb >/dev/null && return 0
    [ -n "${REPRO_DEBIAN_MIRROR:-}${REPRO_DEBS:-}" ] && type -P ar >/dev/null && type -P tar >/dev/null
}

debian_list() { # the lock's lines: SHA256 SIZE POOL-PATH
    grep -v '^#' "$REPRO_ROOT/requirements/python27-debs.lock"
}

debian_can_live() { # HOME: 3 with a line where the patched executable could not start
    case $1 in *[[:space:]:,\&\\]*)
        setup_say "no Python 2.7 is here, and one from Debian's packages can't live in a path with a space, colon," \
            "comma, & or \\ ($1): set REPRO_HOME to a folder without, such as /var/tmp/repro-$(id -u)"
        return 3
    esac
}

debian_make() { # HOME
    local home=$1 debs=${REPRO_DEBS:-$1/debs} count
    mkdir -p "$debs" || return 1
    count=$(debian_list | wc -l)
    setup_stage "fetching Debian 11's Python 2.7 ($count packages, 13 MB)" debian_fetch_all "$debs" || return 1
    setup_stage "unpacking it" debian_unpack_all "$home" "$debs" || return 1
}

debian_archives() { # roots of the archives that apt is set up for
    # Prints what `apt-get update` would fetch: from .list and .sources files alike, without root,
    # without network, and before the first update.
    apt-get --print-uris update 2>/dev/null | sed -n "s,^'\(.*\)/dists/.*/InRelease'.*,\1,p" | awk '!seen[$0]++'
}

debian_fetch_all() { # DEBS: every package of the lock into the folder DEBS, each checked
    local sha path archives
    if [ -n "${REPRO_DEBIAN_MIRROR:-}" ]; then archives=${REPRO_DEBIAN_MIRROR%/}
    else archives=$(debian_archives); fi
    while read -r sha _ path; do
        if ! debian_have "$1/${path##*/}" "$sha"; then
            debian_fetch "$1/${path##*/}" "$sha" "$path" "$archives" || return 1
        fi
    done < <(debian_list)
}

debian_have() { # FILE SHA256
    [ -f "$1" ] && printf '%s  %s\n' "$2" "$1" | sha256sum -c --quiet -
}

debian_fetch() { # FILE SHA256 POOL-PATH ARCHIVES: from the first archive that has it
    local archive
    for archive in $4; do
        rm -f "$1" "$1.part"
        debian_download "$archive/$3" "$1.part" "$2" && mv "$1.part" "$1" && debian_have "$1" "$2" && return 0
    done
    rm -f "$1" "$1.part"
    echo "No archive known here has $3 (with the SHA256 that the lock names)."
    echo "Set REPRO_DEBIAN_MIRROR to a Debian archive's root, or put the file into a folder and set REPRO_DEBS to it."
    return 1
}

debian_download() { # URL FILE SHA256
    local helper=/usr/lib/apt/apt-helper
    if [ -x "$helper" ]; then # apt's own downloader: it knows apt's proxies and mirror lists
        "$helper" -o APT::Sandbox::User=root -o Acquire::Retries=2 download-file "$1" "$2" "SHA256:$3"
    elif type -P curl >/dev/null; then curl -fsSL --retry 2 -o "$2" "$1"
    else wget -q -O "$2" "$1"
    fi
}

debian_unpack_all() { # HOME DEBS
    local root=$1/root deb
    mkdir "$root" || return 1
    while read -r _ _ deb; do
        debian_unpack "$2/${deb##*/}" "$root" || return 1
    done < <(debian_list)
    debian_settle "$1" "$root" || return 1
    "$root/usr/bin/python2.7" -E -s -c 'import ssl, sqlite3, readline, bz2, curses, hashlib, pyexpat' &&
        python27_probe "$root/usr/bin/python2.7"
}

debian_unpack() { # DEB FOLDER
    if type -P dpkg-deb >/dev/null; then dpkg-deb -x "$1" "$2"
    else ar p "$1" data.tar.xz | tar -xJ -C "$2"; fi
}

debian_settle() { # HOME ROOT: makes the unpacked tree work where it lies
    local root=$2 lib=lib/x86_64-linux-gnu std=$2/usr/lib/python2.7
    # One DT_RPATH (not RUNPATH) in the executable covers every extension module that it loads, and
    # goes along when virtualenv copies the executable. No environment variable: no child sees it.
    "$root/usr/bin/patchelf" --force-rpath --set-rpath "$root/$lib:$root/usr/$lib" "$root/usr/bin/python2.7" || return 1
    # sitecustomize is a link into the machine's own /etc; nis needs two more libraries; .a is for embedding.
    rm -rf "$root/usr/share/doc" "$root/usr/bin/patchelf" "$std"/sitecustomize.py "$std"/lib-dynload/nis.* "$std"/config-*/*.a
    sed -i 's/^ENABLE_USER_SITE = None/ENABLE_USER_SITE = False/' "$std/site.py" || return 1
    # Theano compiles C with the paths that sysconfig gives, which are in /usr: headers and library are here.
    sed -i -E "1i # -*- coding: utf-8 -*-
        /^ '((CONF)?INCLUDE(DIR|PY)|LIBDIR|LIBPL)'/s,'/usr,'$root/usr,; /^ 'LIBDIR'/s,/lib',/$lib'," \
        "$std"/plat-*/_sysconfigdata_nd.py || return 1
    cp "$root/usr/include/x86_64-linux-gnu/python2.7/pyconfig.h" "$root/usr/include/python2.7/" || return 1
    "$root/usr/bin/python2.7" -m compileall -q "$std" >/dev/null || true # some of lib2to3's samples don't compile
    # For a machine that has no CA bundle of its own.
    cat "$root"/usr/share/ca-certificates/mozilla/*.crt >"$1/ca.crt"
}
