#!/bin/sh
# Starts PostgreSQL on the folder PGDATA, and makes a database in it first when it holds none. Arguments are the server's own.
#
# POSTGRES_PASSWORD_FILE names the file whose first line is the password of the user `app` over the network. Inside the
# container `app` needs none.
set -eu

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # initdb takes an empty folder only, so that one which died half way would be in the way of the next for ever. It works
  # beside, and the finished folder is moved into place.
  rm -rf "$PGDATA.new"
  initdb --pgdata="$PGDATA.new" --username=app --pwfile="$POSTGRES_PASSWORD_FILE" \
    --auth-local=peer --auth-host=scram-sha-256 --encoding=UTF8 --locale=C --no-instructions
  echo 'host all all all scram-sha-256' >> "$PGDATA.new/pg_hba.conf"
  sync "$PGDATA.new/pg_hba.conf"
  mv "$PGDATA.new" "$PGDATA"
fi

exec postgres -c listen_addresses='*' -c unix_socket_directories=/tmp "$@"
