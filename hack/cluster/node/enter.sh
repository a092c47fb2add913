#!/bin/sh
# Runs a daemon inside a node, in the node's control group. Arguments: first process of the node, control group below
# each hierarchy's root, command and its arguments.
set -eu
pid=$1
group=$2
shift 2

for procs in /sys/fs/cgroup/"$group"/cgroup.procs /sys/fs/cgroup/*/"$group"/cgroup.procs; do
  [ -e "$procs" ] && echo $$ > "$procs"
done

exec nsenter -t "$pid" -m -u -i -n -p --wd=/ -- "$@"
