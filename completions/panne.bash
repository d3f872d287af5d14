# bash completion for panne. Options, scenarios and kinds of faults come from the program itself, so
# this file knows nothing that could get old.

_panne_options() {
    "$1" "$2" --help 2>/dev/null | grep -oE -- '(^|[ ,])--?[a-z][a-z-]*' | tr -d ' ,'
}

_panne_names() {
    "$1" "$2" 2>/dev/null | sed -n 's/^\([a-zA-Z0-9][^ ]*\)  .*/\1/p'
}

# What an option's value is completed to; nothing: not known here.
_panne_value() {
    local word=$2

    case $1 in
    --log | -o | --cert | --key | --upstream-ca | --client-cert | --client-key | --ready-file | --out | \
        --baseline)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        ;;
    --ca-dir) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
    --color | --live) mapfile -t COMPREPLY < <(compgen -W "auto always never" -- "$word") ;;
    --no-proxy) mapfile -t COMPREPLY < <(compgen -W "empty keep" -- "$word") ;;
    --profile)
        mapfile -t COMPREPLY < <(compgen -W "default strict lenient aws-sdk browser iot" -- "$word")
        ;;
    --start) mapfile -t COMPREPLY < <(compgen -W "match now" -- "$word") ;;
    --format)
        if [[ ${COMP_WORDS[1]} == check ]]; then
            mapfile -t COMPREPLY < <(compgen -W "text json github sarif" -- "$word")
        else
            mapfile -t COMPREPLY < <(compgen -W "sh dotenv json github" -- "$word")
        fi
        ;;
    --upstream | -u) mapfile -t COMPREPLY < <(compgen -W "embedded http:// https:// unix:" -- "$word") ;;
    *) return 1 ;;
    esac
}

_panne() {
    local program=$1 word=$2 previous=$3 command=${COMP_WORDS[1]} place

    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "run check show list report explain faults checks schema ca origin help" -- "$word")
        return
    fi
    # Behind `--` stands a command of its own.
    for ((place = 2; place < COMP_CWORD; place++)); do
        if [[ ${COMP_WORDS[place]} == -- ]]; then
            if declare -F _command_offset >/dev/null; then
                _command_offset $((place + 1))
            else
                mapfile -t COMPREPLY < <(compgen -c -f -- "$word")
            fi
            return
        fi
    done
    _panne_value "$previous" "$word" && return
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_panne_options "$program" "$command")" -- "$word")
        return
    fi
    case $command in
    run | show | check)
        mapfile -t COMPREPLY < <(
            compgen -W "$(_panne_names "$program" list)" -- "$word"
            compgen -f -- "$word"
        )
        ;;
    explain | report) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    faults | checks) mapfile -t COMPREPLY < <(compgen -W "$(_panne_names "$program" "$command")" -- "$word") ;;
    schema) mapfile -t COMPREPLY < <(compgen -W "scenario report" -- "$word") ;;
    ca) mapfile -t COMPREPLY < <(compgen -W "init show export env" -- "$word") ;;
    help) mapfile -t COMPREPLY < <(compgen -W "run check show list report explain faults checks schema ca origin" -- "$word") ;;
    esac
}

complete -o bashdefault -F _panne panne
