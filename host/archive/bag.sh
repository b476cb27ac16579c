# shellcheck shell=bash
# What of a bag is accepted (host/archive/archive.py makes it): it comes from strangers, so its names are data.
# Sourced by run.sh and by archive.py's check; functions only, and it stands alone: no Python, nothing from other files.
#
#   bag_plain DIR       4 with one line on stderr, unless its manifests list plain paths alone, each once, and nothing in
#                       the bag's data/ or on the way to a listed file is a link, a pipe or a device. Opens the manifests alone
#   bag_whole DIR       bag_plain, every listed file is there and has its hash, data/ holds no other; prints its commit
#   bag_about DIR       prints the commit and the Payload-Oxum (BYTES.FILES) of bag-info.txt, or ends with 4. After bag_plain
#   bag_accepts NAME    whether a bag may list this path
#
# No name gets into the text of a program: not of sed, of grep, or of printf's format, and not into arithmetic or [[ -v ]].

BAG_READ_WHOLE=(manifest-sha256.txt tagmanifest-sha256.txt bag-info.txt bagit.txt)
BAG_MOST_READ=$((1 << 20))      # bytes of one of those: some 10,000 lines
BAG_MOST=$((1 << 36))           # bytes of all files: a sparse file of any size is sent in no time, and hashed for years
# One character of a name, as bytes of UTF-8. Not a backslash, with which sha256sum escapes, and nothing that a terminal takes
# for a command or that moves text: controls of ASCII and of Latin-1, line separators, marks of direction.
BAG_CHARACTER=$'[ -[]|[]-~]|\xc2[\xa0-\xbf]|[\xc3-\xd7\xd9-\xdf][\x80-\xbf]|\xd8[\x80-\x9b\x9d-\xbf]'
BAG_CHARACTER+=$'|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1\xe3-\xec\xee][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]'
BAG_CHARACTER+=$'|\xe2\x80[\x90-\xa7\xaf-\xbf]|\xe2\x81[\x80-\xa5\xaa-\xbf]|\xe2[\x82-\xbf][\x80-\xbf]'
BAG_CHARACTER+=$'|\xef[\x80-\xba\xbc-\xbf][\x80-\xbf]|\xef\xbb[\x80-\xbe]'
BAG_CHARACTER+=$'|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}'

bag_plain() (
    bag_read "$1"
)

bag_whole() (
    local about name
    bag_read "$1"
    bag_same "${TAGS[@]}"
    for name in "${PAYLOAD[@]}"; do [ -n "${SIZES[$name]+x}" ] || bag_damaged "$name"; done
    for name in "${!SIZES[@]}"; do
        [ -n "${DIGESTS[$name]+x}" ] || bag_refuse "$(bag_shown "$name") is not part of it (not listed)"
    done
    bag_same "${PAYLOAD[@]}"
    about=$(bag_about "$1") || exit
    [ "${about#* }" = "$TOTAL.${#PAYLOAD[@]}" ] || bag_refuse "bag-info.txt's Payload-Oxum is not that of data/, $TOTAL.${#PAYLOAD[@]}"
    echo "${about% *}"
)

bag_about() (
    local commit oxum version
    bag_enter "$1"
    for version in 0.97 1.0 ''; do
        [ -n "$version" ] || bag_refuse 'bagit.txt does not declare BagIt 0.97 or 1.0, in UTF-8'
        ! printf 'BagIt-Version: %s\nTag-File-Character-Encoding: UTF-8\n' "$version" 2>/dev/null | cmp -s - bagit.txt || break
    done
    commit=$(bag_value External-Identifier)
    [[ "$commit" =~ ^[0-9a-f]{7,64}$ ]] || bag_refuse "the External-Identifier of bag-info.txt is not a commit: $(bag_shown "$commit")"
    oxum=$(bag_value Payload-Oxum)
    [[ "$oxum" =~ ^[0-9]+\.[0-9]+$ ]] || bag_refuse "the Payload-Oxum of bag-info.txt is not BYTES.FILES: $(bag_shown "$oxum")"
    echo "$commit $oxum"
)

bag_accepts() (
    printf '%s\0' "$1" | LC_ALL=C grep -z -a -q -x -E "($BAG_CHARACTER)+" && bag_clear "$1"
)

# --- the parts of those, in their subshell

bag_enter() { # DIR
    BAG=$1
    export LC_ALL=C     # a character is a byte, in any locale; and sha256sum, find and grep speak English
    cd -- "$1" 2>/dev/null || bag_end "$1 is not an archive of ./run.sh archive: it is not a folder that can be entered"
}

bag_end() { # MESSAGE: ends with 4
    printf 'run.sh: %s\n' "$1" >&2
    exit 4
}

bag_refuse() { # REASON
    bag_end "$BAG is refused: $1"
}

bag_shown() { # TEXT of a stranger's: as one line in which a terminal finds no commands
    printf '%q' "${1:0:200}"
}

bag_damaged() { # NAME
    local what='is missing'
    [ ! -e "$1" ] || what='is damaged'
    bag_end "$BAG/$1 $what: its sha256 was ${DIGESTS[$1]}: take that file from another copy of the archive"
}

bag_value() { # TAG: its value in bag-info.txt; if two lines have it, both values, which are then refused
    grep -a "^$1" bag-info.txt 2>/dev/null | head -c 300 | tr '\0' '?' | while IFS= read -r line; do printf '%s\n' "${line#"$1: "}"; done
}

bag_read() { # DIR: sets TAGS and PAYLOAD to the names that are listed, DIGESTS and SIZES by name, TOTAL
    local name
    declare -gA DIGESTS SIZES
    DIGESTS=() SIZES=() TAGS=() PAYLOAD=() TOTAL=0
    bag_enter "$1"
    [ -e manifest-sha256.txt ] || bag_end "$1 is not an archive of ./run.sh archive: it has no manifest-sha256.txt"
    for name in "${BAG_READ_WHOLE[@]}"; do
        [ -e "$name" ] || [ -L "$name" ] || bag_end "$1/$name is missing: take that file from another copy of the archive"
        bag_regular "$name"
        [ "$(stat -c %s -- "$name")" -le "$BAG_MOST_READ" ] || bag_refuse "$name is larger than $BAG_MOST_READ bytes"
        [ -r "$name" ] || bag_end "$1/$name cannot be read: give yourself the permission, or name a copy"
    done
    for name in fetch.txt manifest-*.txt tagmanifest-*.txt; do
        [ "$name" = manifest-sha256.txt ] || [ "$name" = tagmanifest-sha256.txt ] || [ ! -e "$name" ] ||
            bag_refuse "$(bag_shown "$name") is in no archive of ./run.sh archive"
    done
    # bagit writes one space where RFC 8493 and sha256sum have two.
    bag_form tagmanifest-sha256.txt "[0-9a-f]{64} {1,2}[A-Za-z0-9._]($BAG_CHARACTER)*" 'a name beside data/'
    bag_form manifest-sha256.txt "[0-9a-f]{64}  data/($BAG_CHARACTER)+" 'a plain path below data/'
    bag_list TAGS tagmanifest-sha256.txt
    bag_list PAYLOAD manifest-sha256.txt
    for name in manifest-sha256.txt bag-info.txt bagit.txt; do
        [ -n "${DIGESTS[$name]+x}" ] || bag_refuse "tagmanifest-sha256.txt does not list $name"
    done
    for name in "${TAGS[@]}"; do
        bag_regular "$name"
        [ ! -e "$name" ] || bag_add "$(stat -c %s -- "$name")" "$name"
    done
    TOTAL=0
    bag_walk
}

bag_form() { # FILE FORM WORDS: each line has the form, an extended regular expression for bytes
    local line status=0
    grep -a -q -v -x -E -e "$2" "$1" || status=$?
    [ "$status" -ne 1 ] || return 0     # every line has it
    line=$(grep -a -n -m 1 -v -x -E -e "$2" "$1" 2>/dev/null | head -c 300 | tr '\0' '?')
    bag_refuse "$1, line ${line%%:*}, is not a sha256, two spaces and $3: $(bag_shown "${line#*:}")"
}

bag_list() { # ARRAY FILE: the names of its lines, which have their form
    local line name number=0
    while IFS= read -r line || [ -n "$line" ]; do
        number=$((number + 1)) name=${line:65}
        name=${name# }
        bag_clear "$name" || bag_refuse "$2, line $number, $WHY: $(bag_shown "$name")"
        [ -z "${DIGESTS[$name]+x}" ] || bag_refuse "$2, line $number, lists it again: $(bag_shown "$name")"
        DIGESTS[$name]=${line:0:64}
        if [ "$1" = TAGS ]; then
            [[ "$name/" != data/* ]] || bag_refuse "$2, line $number, is in data/: $(bag_shown "$name")"
            TAGS+=("$name")
        else
            PAYLOAD+=("$name")
        fi
    done <"$2"
}

bag_clear() { # NAME: whether every program and reader takes it for the same path; if not, WHY says what is wrong
    WHY=''
    case /$1/ in
        *//* | */./* | */../*) WHY='has an empty part, . or .. in its path' ;;
    esac
    case $1 in
        *%0[AaDd]* | *%25*) WHY='has %0A, %0D or %25, which some decode' ;;
        *' ') WHY='ends with a space' ;;
    esac
    [ ${#1} -le 1024 ] || WHY='is too long'
    [ -z "$WHY" ]
}

bag_regular() { # NAME: not a link, nor below one; a file, if it is there
    local path='' rest=$1/
    while [ -n "$rest" ]; do
        path=${path:+$path/}${rest%%/*} rest=${rest#*/}
        [ ! -L "$path" ] || bag_refuse "$(bag_shown "$path") is a link"
    done
    [ -f "$path" ] || [ ! -e "$path" ] || bag_refuse "$(bag_shown "$path") is not a file"
}

bag_walk() { # data/: sets SIZES and TOTAL. find follows no link
    local entry type name
    [ ! -L data ] || bag_refuse 'data is a link'
    [ -d data ] || bag_refuse 'it has no folder data'
    while IFS= read -r -d '' entry; do
        type=${entry%% *} entry=${entry#* }
        name=${entry#* }
        case $type in
            d) ;;
            f) SIZES[$name]=${entry%% *}; bag_add "${entry%% *}" "$name" ;;
            l) bag_refuse "$(bag_shown "$name") is a link" ;;
            *) bag_refuse "$(bag_shown "$name") is not a file" ;;
        esac
    done < <(find data -printf '%y %s %p\0' 2>/dev/null)
}

bag_add() { # SIZE NAME: to TOTAL
    [ "$1" -le $((BAG_MOST - TOTAL)) ] || bag_refuse "its files have more than $BAG_MOST bytes, with $(bag_shown "$2")"
    TOTAL=$((TOTAL + $1))
}

bag_same() { # NAME…: each has its hash. sha256sum prints the lines that are expected, or others
    local line name
    for name; do
        IFS= read -r line && [ "$line" = "${DIGESTS[$name]}  $name" ] || bag_damaged "$name"
    done < <({ printf '%s\0' "$@" | xargs -0 sha256sum --; } 2>/dev/null)
}
