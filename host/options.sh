# shellcheck shell=bash
# shellcheck disable=SC2034  # COMMAND, and what no row of a table needs here
# The command line, by the table repro/command_line.txt: what was typed becomes variables, or a help page.
#
#   command_line ARGUMENT…   sets VERB, and for each option that the shell reads the variable of its name
#                            (--model-weights: MODEL_WEIGHTS; a flag is 1); ARGUMENTS, which are handed on;
#                            MODEL, convert's; COMMAND, exec's.  Ends with 2 after a line if something is wrong
#   takes VERB OPTION        whether the table says so
#   work_folder              prints the work folder: --work's, or the verb's own
#   verb_needs               prints the environment that the verb runs in
#   run_help                 help, and help VERB

COMMAND_LINE=$REPRO_ROOT/repro/command_line.txt
VERBS=() VERB='' MODEL='' ARGUMENTS=() COMMAND=()
declare -A VERB_ROWS    # verb: group|work folder|needs|summary
declare -A OPTION_ROWS  # verb,option: value|kind|default|to|help
OPTION_KEYS=()          # of OPTION_ROWS, in the table's order
declare -A HAS_VALUE    # option: yes or no, for all verbs

command_line() {
    GIVEN=()            # option, value and word, three for each that was typed
    command_line_read
    command_line_words "$@"
    command_line_options
    command_line_check
}

command_line_read() { # the table
    local row name value kind verbs default to variable help
    local -A engine_verbs       # kind of engine: the verbs that take such a one
    while IFS='|' read -r row name value kind verbs default to variable help; do
        name=${name// /}
        case $row in
            'verb ')            # its columns: group, work folder, needs, summary
                VERBS+=("$name")
                VERB_ROWS[$name]="$value|${kind// /}|${verbs// /}|$default" ;;
            'option ')
                [ "$name" != --engine ] || engine_verbs[${kind// /}]+=$verbs
                option_read "$name" "$value" "$kind" "$verbs" "$default" "${to// /}" "$help" ;;
        esac
    done <"$COMMAND_LINE"
    engines_read
}

option_read() { # OPTION VALUE KIND VERBS DEFAULT TO HELP
    local verb
    HAS_VALUE[$1]=yes
    [ "$3" != ' flag ' ] || HAS_VALUE[$1]=no
    for verb in $4; do
        [ -n "${OPTION_ROWS[$verb,$1]:-}" ] || OPTION_KEYS+=("$verb,$1")
        OPTION_ROWS[$verb,$1]="$2|$3|$5|$6|$7"
    done
    [ "$6" = program ] || option_begins "$1" "$2"
}

engines_read() { # the options that engines declare in their files (ENGINE): the verbs of --engine take them
    local file engine declared verbs option="'(--[a-z-]+)',[[:space:]]*\{([^}]*)\}"
    for file in "$REPRO_ROOT"/repro/engines/*.py; do
        declared=$(<"$file")
        [[ "$declared" = *$'\nENGINE = {'* ]] || continue
        engine=${file##*/} engine=${engine%.py}
        declared=${declared#*$'\nENGINE = {'} declared=${declared%%$'\n}'*}
        verbs=${engine_verbs[engine]}
        [[ "$declared" != *"'server': True"* ]] || verbs+=${engine_verbs[enginewithaserver]}
        while [[ "$declared" =~ $option ]]; do
            declared=${declared#*"${BASH_REMATCH[0]}"}
            engine_option_read "$engine" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "$verbs"
        done
    done
}

engine_option_read() { # ENGINE OPTION DECLARED VERBS
    local kind=' engine ' value=' N ' default help="; with --engine $1" verbs=$4 verb before
    [[ "$3" =~ \'default\':\ ([^,}]*) ]] && default=${BASH_REMATCH[1]//\'/}
    case $default in
        False) kind=' flag ' value=' ' default='' ;;
        '()') value=' LIST ' default='' ;;
        [0-9]*) ;;
        *) value=' WHICH ' ;;
    esac
    [[ "$3" =~ \'help\':\ \'([^\']*)\' ]] && help=${BASH_REMATCH[1]}$help
    [[ "$3" != *"'session': True"* ]] || verbs+=${engine_verbs[enginewithsessions]}
    for verb in $verbs; do      # several engines may have an option of this name: the program checks its value
        before=${OPTION_ROWS[$verb,$2]:-}
        option_read "$2" "$value" "$kind" "$verb" " $default " both " $help"
        [ -z "$before" ] || OPTION_ROWS[$verb,$2]="$before or $1"
    done
}

option_begins() { # OPTION VALUE-COLUMN: its variable, empty, and never the caller's of that name
    option_variable "$1"
    unset -v "$VARIABLE"
    case $2 in *…*) eval "$VARIABLE=()" ;; *) printf -v "$VARIABLE" '' ;; esac
}

option_variable() { # OPTION: sets VARIABLE, the name of its variable
    VARIABLE=${1#--}
    VARIABLE=${VARIABLE//-/_}
    VARIABLE=${VARIABLE^^}
}

# --- what was typed

command_line_words() { # ARGUMENT…: sets VERB, GIVEN, MODEL and COMMAND; what is none of these goes to GIVEN as a word
    local word option value
    while [ $# -gt 0 ]; do
        word=$1 option=${1%%=*} value=''
        shift
        case $VERB,$word in
            exec,--) COMMAND=("$@"); return ;;
            ,-h | ,--help) VERB=help; continue ;;
            *,-h | *,--help) ARGUMENTS=(${VERB:+"$VERB"}) VERB=help GIVEN=(); return ;;
            *,--*) ;;
            exec,*) COMMAND=("$word" "$@"); return ;;
            ,*) verb_or_value "$word"; continue ;;
            convert,[!-]*) GIVEN+=(convert "$word" "$word"); continue ;;
            *) GIVEN+=('' '' "$word"); continue ;;
        esac
        if [ "$VERB" = test ] && ! takes test "$option"; then GIVEN+=('' '' "$word"); continue; fi     # pytest's
        case ${HAS_VALUE[$option]:-} in
            yes)
                if [ "$word" != "$option" ]; then value=${word#*=}
                elif [ $# -gt 0 ]; then value=$1; shift
                fi
                [ -n "$value" ] || wrong_usage "$option needs a value" ;;
            no) [ "$word" = "$option" ] || wrong_usage "$option takes no value" ;;
        esac
        GIVEN+=("$option" "$value" "$word")
    done
}

verb_or_value() { # WORD before the verb: it, unless it can only be the value of the unknown option before
    local option='' word=''
    [ ${#GIVEN[@]} -eq 0 ] || option=${GIVEN[${#GIVEN[@]} - 3]} word=${GIVEN[${#GIVEN[@]} - 1]}
    if [[ -n "$option" && "$word" != *=* && -z "${HAS_VALUE[$option]:-}" && -z "${VERB_ROWS[$1]:-}" ]]; then
        GIVEN+=('' '' "$1")
    else
        VERB=$1
    fi
}

takes() { # VERB OPTION
    [ -n "${OPTION_ROWS[$1,$2]:-}" ] || [[ "$1" = bench && -n "${OPTION_ROWS[.bench-servers,$2]:-}" ]]
}

command_line_options() { # GIVEN, which now belongs to a verb: into variables and ARGUMENTS
    local i
    if [ -z "$VERB" ]; then
        [ ${#GIVEN[@]} -eq 0 ] || wrong_usage "no verb with ${GIVEN[2]}"
        return
    fi
    is_verb "$VERB"
    for ((i = 0; i < ${#GIVEN[@]}; i += 3)); do
        case ${GIVEN[i]} in
            convert) note_model "${GIVEN[i + 1]}" ;;
            '') ARGUMENTS+=("${GIVEN[i + 2]}") ;;
            *) note "${GIVEN[@]:i:3}" ;;
        esac
    done
}

note() { # OPTION VALUE WORD: WORD, of the command line, into its variable, into ARGUMENTS, or both
    local value=$2 kind to
    takes "$VERB" "$1" || refuse "$1"
    IFS='|' read -r _ kind _ to _ <<<"${OPTION_ROWS[$VERB,$1]:-|text||program|}"
    case $kind in
        ' path ' | ' folder ')
            absolute "$1" "$value"
            value=$ABSOLUTE
            [ "$kind" = ' path ' ] || value=$(without_links "$value") ;;
        ' size ')
            [[ "$value" =~ ^[1-9][0-9]*[bkmg]?$ ]] || die 2 "$1 needs a size such as 4g or 800m, not $value" ;;
        ' environment ')
            [[ "$value" =~ ^[A-Za-z_][A-Za-z0-9_]*(=|$) ]] || die 2 "$1 needs NAME or NAME=VALUE, not $value"
            [[ "$value" = *=* || " ${CALLER[*]%%=*} " = *" $value "* ]] || die 2 "$1 $value: your shell exports no variable of that name" ;;
        ' count ')
            [ "$to" != shell ] || [[ "$value" =~ ^[1-9][0-9]*$ ]] || die 2 "$1 needs a positive number, not $value" ;;
    esac
    [ "$to" = program ] || note_variable "$1" "${value:-1}"
    if [ "$to" = shell ]; then return; fi
    if [ -n "$value" ]; then ARGUMENTS+=("$1=$value"); else ARGUMENTS+=("$3"); fi
}

note_variable() { # OPTION VALUE
    local row=${OPTION_ROWS[$VERB,$1]}
    option_variable "$1"
    case ${row%%|*} in
        *…*)            # more than once
            eval "$VARIABLE+=(\"\$2\")" ;;
        *) printf -v "$VARIABLE" %s "$2" ;;
    esac
}

note_model() { # PATH: of convert
    absolute convert "$1"
    [ -n "$MODEL" ] || MODEL=$ABSOLUTE
    ARGUMENTS+=("$ABSOLUTE")
}

wrong_usage() { # MESSAGE: ends with 2 after it; names the help of the verb, or of all where there is none
    local verb=''
    [[ -z "$VERB" || -z "${VERB_ROWS[$VERB]:-}" ]] || verb=" $VERB"
    die 2 "$1 (see ./run.sh help$verb)"
}

is_verb() { # WORD: ends with 2 unless it is a verb
    [ -n "${VERB_ROWS[$1]:-}" ] || VERB=$1 wrong_usage "no verb $1$(did_you_mean "$1" "${VERBS[@]}")"
}

refuse() { # WORD that the verb does not take; ends with 2
    local key names=()
    for key in "${OPTION_KEYS[@]}"; do
        case $key in "$VERB",*) names+=("${key#*,}") ;; esac
    done
    wrong_usage "$VERB does not know $1$(did_you_mean "$1" "${names[@]}")"
}

command_line_check() { # ends with 2 or 4 where the verb's arguments are wrong, before anything is set up
    case $VERB in
        '' | help) return ;;
        clean | submit) [ ${#ARGUMENTS[@]} -eq 0 ] || refuse "${ARGUMENTS[0]}" ;;
        test) ;;                # pytest's
        bench) ;;               # bench.py's: run_bench checks them
        *)
            # If there is no Python yet, the program checks them later.
            [ ${#ARGUMENTS[@]} -eq 0 ] || ask_program options "$VERB" "${ARGUMENTS[@]}" || exit ;;
    esac
    can_start_processes
    can_be_entered --data "$DATA"
    can_be_entered --weights "$WEIGHTS"
    can_be_entered --from "$FROM"
}

# --- what else the table says

verb_column() { # NUMBER [VERB]: group, work folder, needs, summary
    cut -d'|' -f"$1" <<<"${VERB_ROWS[${2:-$VERB}]}" | sed 's/^ //; s/ $//'
}

work_folder() {
    local verb=$VERB
    [ -z "$FEATURES" ] || verb=features     # cpu without pictures: where the features are
    printf '%s\n' "${WORK:-$REPRO_ROOT/$(verb_column 2 "$verb")}"
}

verb_needs() {
    verb_column 3
}

option_default() { # OPTION of this verb
    cut -d'|' -f3 <<<"${OPTION_ROWS[$VERB,$1]}" | tr -d ' '
}

# --- the nearest

did_you_mean() { # WORD CANDIDATE…: prints ": did you mean X?" where one is near
    local word=$1 candidate nearest='' least=3 letters=${1//-/}
    [ ${#letters} -ge 6 ] || least=2        # --work is not a mistyped --port
    for candidate in "${@:2}"; do
        distance "$word" "$candidate"
        case $candidate in "$word"?*) [ ${#word} -lt 4 ] || DISTANCE=1 ;; esac    # cut short
        [ "$DISTANCE" -lt $((${#word} - 1)) ] || continue
        if [[ "$DISTANCE" -lt "$least" || ( "$DISTANCE" -eq "$least" && ${#candidate} -lt ${#nearest} ) ]]; then
            least=$DISTANCE nearest=$candidate
        fi
    done
    [ -z "$nearest" ] || echo ": did you mean $nearest?"
}

distance() { # A B: sets DISTANCE, Levenshtein's: letters to be put in, left out or changed, two neighbours swapped being one
    local a=$1 b=$2 i j cost before=() last=() row=()
    for ((j = 0; j <= ${#b}; j++)); do last[j]=$j; done
    for ((i = 1; i <= ${#a}; i++)); do
        row=("$i")
        for ((j = 1; j <= ${#b}; j++)); do
            cost=1
            [ "${a:i - 1:1}" != "${b:j - 1:1}" ] || cost=0
            DISTANCE=$((last[j - 1] + cost))
            if [ $((last[j] + 1)) -lt $DISTANCE ]; then DISTANCE=$((last[j] + 1)); fi
            if [ $((row[j - 1] + 1)) -lt $DISTANCE ]; then DISTANCE=$((row[j - 1] + 1)); fi
            if [ "$i" -gt 1 ] && [ "$j" -gt 1 ] && [ "${a:i - 2:2}" = "${b:j - 1:1}${b:j - 2:1}" ] &&
                [ $((before[j - 2] + 1)) -lt $DISTANCE ]; then DISTANCE=$((before[j - 2] + 1)); fi
            row[j]=$DISTANCE
        done
        before=("${last[@]}") last=("${row[@]}")
    done
    DISTANCE=${last[${#b}]}
}

# --- help

run_help() {
    case ${#ARGUMENTS[@]} in
        0) say "$(help_overview)" ;;
        1)
            is_verb "${ARGUMENTS[0]}"
            say "$(help_verb "${ARGUMENTS[0]}")" ;;
        *) die 2 "help takes one verb, not ${ARGUMENTS[*]}" ;;
    esac
}

help_overview() {
    local verb group heading_before=''
    cat <<'OVERVIEW'
The 2017 "Dogs vs. Cats" article (Keras 1.2.2), run on its own versions.

Start with ./run.sh demo. It runs the whole article, from pictures to pred.csv, on 80 pictures
that it draws and on seeded weights: about 3 minutes on 2 cores, and one more for the set-up the
first time. At the end there is a page to look at. Nothing is installed outside this folder.
OVERVIEW
    for verb in "${VERBS[@]}"; do
        group=$(verb_column 1 "$verb")
        [ "$group" = "$heading_before" ] || printf '\n%s\n' "$group"
        heading_before=$group
        printf '  ./run.sh %-8s %s\n' "$verb" "$(verb_column 4 "$verb")"
    done
    printf '\n%s\n' 'More: ./run.sh help VERB (options, examples, exit statuses); docs/options.md has all options.'
}

help_verb() { # VERB: usage, what it does, its options with defaults, examples, exit statuses, where to read on
    local line inside='' uses='' does='' tries='' ends='' page='' status
    local -A meanings
    while IFS= read -r line; do
        case $line in
            'status | '*) line=${line#status | } meanings[${line%% *}]=${line#* | } ;;
            "verb | $1 | "*) inside=1 ;;
            'verb | '* | 'option | '*) inside='' ;;
        esac
        [ -n "$inside" ] || continue
        case $line in
            '    use   '*) uses+="usage: ${line#    use   }"$'\n' ;;
            '    does  '*) does+="${line#    does  } " ;;
            '    try   '*) tries+="  ${line#    try   }"$'\n' ;;
            '    ends  '*) ends=${line#    ends  } ;;
            '    page  '*) page=${line#    page  } ;;
        esac
    done <"$COMMAND_LINE"
    printf '%s\n%s\n' "$uses" "$(fold -s -w 98 <<<"${does% }" | sed 's/ $//')"
    help_options "$1"
    printf '\nExamples\n%s\nIt ends with\n' "$tries"
    for status in $ends; do printf '  %-4s %s\n' "$status" "${meanings[$status]}"; done
    printf '\nRead on: %s\n' "$page"
}

help_options() { # VERB
    local key value default help heading=$'\nOptions\n'
    for key in "${OPTION_KEYS[@]}"; do
        case $key in
            "$1",*) ;;
            ".$1-"*) [ "${OPTION_ROWS[$key]}" != "${OPTION_ROWS[$1,${key#*,}]:-}" ] || continue ;;
            *) continue ;;
        esac
        IFS='|' read -r value _ default _ help <<<"${OPTION_ROWS[$key]}"
        [ "${key#*,}" != --work ] || default=$(help_work "$1")
        case ${default// /} in '') default='' ;; *) default="; default:$(tr -d '()' <<<"${default% }")" ;; esac
        case $value in *…*) help+='; may be given more than once' value=${value/…/} ;; esac
        printf %s "$heading"
        heading=''
        help_option "${key#*,}${value% }" "${help# }$default"
    done
}

help_work() { # VERB: its own work folder, in words
    local folder
    folder=$(verb_column 2 "$1")
    case $folder in here) echo ' the current folder ' ;; - | '') ;; *) echo " $folder " ;; esac
}

help_option() { # OPTION TEXT: in two columns
    local first=$1 line
    while IFS= read -r line; do
        printf '  %-22s %s\n' "$first" "$line"
        first=''
    done < <(fold -s -w 74 <<<"$2" | sed 's/ $//')
}
