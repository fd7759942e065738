// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"
)

// machine is what a cluster could leave behind, in words.
type machine map[string][]string

var ofCluster = regexp.MustCompile(`\blk[0-9]+(n[0-9]+\b|-[a-z0-9-]+|\b)`)

// snapshot looks at the machine. Clusters of other tests come and go meanwhile:
// what bears the name of a cluster is left out unless it is of the range asked for.
func snapshot(t *testing.T, cluster, state string) machine {
	t.Helper()
	m := machine{}
	add := func(kind, what string) {
		if found := ofCluster.FindString(what); found != "" && !strings.HasSuffix(found, "-"+cluster) && kind == "cgroup" {
			return
		}
		m[kind] = append(m[kind], what)
	}
	cgroups, _ := filepath.Glob("/sys/fs/cgroup/*/*")
	more, _ := filepath.Glob("/sys/fs/cgroup/*")
	for _, path := range append(cgroups, more...) {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			add("cgroup", path)
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		add("mount", strings.Fields(line)[4])
	}
	rules, err := exec.Command("nft", "list", "ruleset").CombinedOutput()
	if err != nil {
		t.Fatalf("nft: %v\n%s", err, rules)
	}
	add("nftables", string(rules))
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range processes {
		line, _ := os.ReadFile(dir + "/cmdline")
		groups, _ := os.ReadFile(dir + "/cgroup")
		if stat, _ := os.ReadFile(dir + "/stat"); strings.Contains(string(stat), ") Z ") {
			continue // it has ended; only the machine's init has yet to take note
		}
		if strings.Contains(string(line), state) || strings.Contains(string(groups), "-"+cluster+"/") {
			add("process", filepath.Base(dir)+" "+strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	for _, list := range m {
		sort.Strings(list)
	}
	return m
}

// network lists the devices and routes with the cluster's addresses.
func network(t *testing.T, gateway string) []string {
	t.Helper()
	var found []string
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	third := strings.Split(gateway, ".")[2]
	for _, i := range interfaces {
		if i.Name == "lk"+third || strings.HasPrefix(i.Name, "lk"+third+"n") {
			found = append(found, "device "+i.Name)
		}
	}
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range routes {
		if strings.HasPrefix(r.Gw.String(), "10.90."+third+".") || (r.Dst != nil && strings.HasPrefix(r.Dst.String(), "10.90."+third+".")) {
			found = append(found, "route "+r.String())
		}
	}
	return found
}

// assertNothingLeft compares the machine with what it was and looks that the cluster's network is gone.
func assertNothingLeft(t *testing.T, before machine, cluster, gateway string, u *user) {
	t.Helper()
	if diff := cmp.Diff(before, snapshot(t, cluster, u.state)); diff != "" {
		t.Errorf("left on the machine (-before +after):\n%s", diff)
	}
	if left := network(t, gateway); len(left) > 0 {
		t.Errorf("left of the network: %q", left)
	}
	if _, err := os.Stat(u.dir(cluster)); !os.IsNotExist(err) {
		t.Errorf("the state is left: %v", err)
	}
}
