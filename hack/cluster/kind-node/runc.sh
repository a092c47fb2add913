#!/bin/sh
# runc for the Docker of Debian 12, which gives what is privileged every capability that the kernel knows: without those
# that this machine's root lacks, since runc would refuse them.
set -eu
file= before=
for word; do
  case $before in --bundle) file=$word/config.json ;; --process) file=$word ;; esac
  before=$word
done
if [ -n "$file" ]; then
  have=$(capsh --decode="$(awk '/^CapBnd/ { print $2 }' /proc/self/status)")
  less=$(jq --arg have "$have," '(.process // .).capabilities |= (. // {} |
    map_values(map(select((ascii_downcase + ",") as $one | $have | contains($one)))))' "$file")
  printf '%s\n' "$less" > "$file"
fi
exec runc "$@"
