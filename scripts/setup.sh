#!/bin/sh
# Copyright 2026 The Harmony Authors
# SPDX-License-Identifier: Apache-2.0

# Says what this machine lacks for building and running everything, and installs it.
# Needs Debian 12 (or a relative), root and Go. Running it again changes nothing.
set -eu

command -v go >/dev/null || {
	echo "set-up     Go is missing: install Go 1.26 from https://go.dev/dl and put it on the PATH" >&2
	exit 1
}
# nftables: kube-proxy's rules; libseccomp-dev, pkg-config, gcc and libc6-dev: runc is built with cgo and seccomp.
# The others are podman and what it runs with, also as a user who is not root, for tests of the agent.
packages="nftables libseccomp-dev pkg-config gcc libc6-dev podman runc conmon netavark aardvark-dns iptables catatonit uidmap slirp4netns"
missing=""
for p in $packages; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
if [ -z "$missing" ]; then
	echo "set-up     $packages: present"
	exit 0
fi
if [ "$(id -u)" != 0 ]; then
	echo "set-up     not root, so this is left to you: apt-get install$missing" >&2
	echo "set-up     what needs a local Kubernetes will be skipped or refused" >&2
	exit 0
fi
echo "set-up     installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >/dev/null
# shellcheck disable=SC2086 # a list of packages
apt-get install -q -y --no-install-recommends $missing >/dev/null
# A containerd on this machine would take the network that podman's package drops there for its own.
rm -f /etc/cni/net.d/87-podman-bridge.conflist
echo "set-up     installed$missing"
