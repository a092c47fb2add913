#!/bin/sh
# Makes fresh namespaces into a node and then becomes its first process. Arguments: host name, the node's own folder
# (holds lib/, log/ and pause). Runs as PID 1 of the node's PID namespace, in its own mount, UTS and network namespaces.
set -eu
name=$1
dir=$2

echo "$name" > /proc/sys/kernel/hostname

# The copied mount table would keep other programs' mounts (containers, overlays) alive for as long as this node.
awk '{ print $5 }' /proc/self/mountinfo | tac | while read -r mount; do
  case "$mount" in
    /run/* | /var/lib/* | /var/log/*) umount -l "$mount" ;;
  esac
done

# Per node, what kubelet, containerd and CNI plug-ins take from fixed paths.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock "$dir/lib/cni" "$dir/lib/kubelet" "$dir/log/pods"
mount --bind "$dir/lib" /var/lib
mount --bind "$dir/log" /var/log

exec "$dir/pause"
