// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package prereq

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/vishvananda/netlink"

	"nationtech.io/harmony/localkube/internal/fault"
)

// ProbeCommand is the command line argument with which this program, started
// again in new namespaces, runs ProbeKernel.
const ProbeCommand = "probe-kernel"

// kernel tries what nodes need in namespaces that go away with the process that tries.
func kernel(ctx context.Context, state string) []fault.Missing {
	if err := os.MkdirAll(state, 0o700); err != nil {
		return []fault.Missing{{What: "a directory for the state", Why: err.Error(), Help: "set XDG_STATE_HOME to one that can be written"}}
	}
	scratch, err := os.MkdirTemp(state, ".probe-")
	if err != nil {
		return []fault.Missing{{What: "a directory for the state", Why: err.Error(), Help: "set XDG_STATE_HOME to one that can be written"}}
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	command := exec.CommandContext(ctx, "/proc/self/exe", ProbeCommand, scratch)
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
		Pdeathsig:  syscall.SIGKILL,
	}
	output, err := command.Output()
	var missing []fault.Missing
	if err == nil {
		err = json.Unmarshal(output, &missing)
	}
	if err != nil {
		return []fault.Missing{{
			What: "namespaces", Why: "a process in new mount, network, PID, UTS and IPC namespaces: " + err.Error(),
			Help: "give this process CAP_SYS_ADMIN and CAP_NET_ADMIN (in a container: run it privileged)",
		}}
	}
	return missing
}

// ProbeKernel tries what nodes need of the kernel, in namespaces of its own and
// with a scratch directory where the state will be, and gives what failed.
func ProbeKernel(scratch string) []fault.Missing {
	missing := []fault.Missing{}
	try := func(what, why, help string, err error) {
		if err != nil {
			missing = append(missing, fault.Missing{What: what, Why: why + ": " + err.Error(), Help: help})
		}
	}
	attributes := netlink.NewLinkAttrs()
	attributes.Name = "lkprobe0"
	try("veth", "it joins nodes and Pods to networks", "modprobe veth",
		netlink.LinkAdd(&netlink.Veth{LinkAttrs: attributes, PeerName: "lkprobe1"}))
	attributes.Name = "lkprobe2"
	try("bridge", "it joins nodes to each other", "modprobe bridge", netlink.LinkAdd(&netlink.Bridge{LinkAttrs: attributes}))
	try("overlayfs", "containers' file systems are made of it", "modprobe overlay, and keep the state (XDG_STATE_HOME) on ext4 or xfs, not on another overlay", overlay(scratch))
	if onNodePath("nft") {
		try("nf_tables", "kube-proxy makes Services with it", "modprobe nf_tables nft_chain_nat nft_masq", nftables())
	}
	return missing
}

func overlay(scratch string) error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fault.Wrap(fault.Prerequisite, err, "keep mounts from the host")
	}
	for _, dir := range []string{"lower", "upper", "work", "merged"} {
		if err := os.Mkdir(filepath.Join(scratch, dir), 0o700); err != nil {
			return fault.Wrap(fault.Prerequisite, err, "make a directory")
		}
	}
	options := strings.NewReplacer("DIR", scratch).Replace("lowerdir=DIR/lower,upperdir=DIR/upper,workdir=DIR/work")
	return syscall.Mount("overlay", filepath.Join(scratch, "merged"), "overlay", 0, options)
}

func nftables() error {
	command := exec.Command(nodePath("nft"), "-f", "-") //nolint:noctx // at once, and in namespaces that end with this process
	command.Stdin = strings.NewReader("table ip lkprobe { chain c { type nat hook postrouting priority 100; masquerade; }; }")
	output, err := command.CombinedOutput()
	if err != nil {
		return fault.Wrap(fault.Prerequisite, err, "nft says %q", strings.TrimSpace(string(output)))
	}
	return nil
}
