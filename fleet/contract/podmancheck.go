// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"net/netip"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// complete says what is wrong with the data of a release.
func (p Podman) complete() *Refusal {
	switch {
	case len(p.Services) == 0 || len(p.Services) > maxContainers || len(p.InitContainers) > maxContainers:
		return refuse(CodeMalformed, "a release has 1 to %d services, and %d init containers at most", maxContainers, maxContainers)
	case p.InitTimeoutSeconds < 0 || p.InitTimeoutSeconds > maxInitTimeout:
		return refuse(CodeMalformed, "initTimeoutSeconds is 0 to %d", maxInitTimeout)
	}
	names := map[string]bool{}
	for _, c := range slices.Concat(p.InitContainers, p.Services) {
		if names[c.Name] {
			return refuse(CodeMalformed, "two containers are named %q", c.Name)
		}
		names[c.Name] = true
		if r := c.complete(); r != nil {
			return r
		}
	}
	for _, c := range p.InitContainers {
		if len(c.Ports) > 0 || c.Restart != "" || c.Health != nil {
			return refuse(CodeMalformed, "init container %q: one that runs to its end has no ports, no restart and no health", c.Name)
		}
	}
	return p.onePortOnce()
}

// onePortOnce finds a port of the device that two containers would take.
func (p Podman) onePortOnce() *Refusal {
	type at struct {
		ip, protocol string
		port         int
	}
	taken := map[at]string{}
	for _, c := range p.Services {
		for _, port := range c.Ports {
			where := at{port.HostIP, port.Protocol, port.Host}
			if by, ok := taken[where]; ok {
				return refuse(CodeMalformed, "port %d of the device is taken by %q and by %q", port.Host, by, c.Name)
			}
			taken[where] = c.Name
		}
	}
	return nil
}

func (c Container) complete() *Refusal {
	bad := func(format string, args ...any) *Refusal {
		return refuse(CodeMalformed, "container %.63q: "+format, append([]any{c.Name}, args...)...)
	}
	switch {
	case !isLabel(c.Name):
		return bad("a name is 1 to 63 of a-z, 0-9 and '-'")
	case !isText(c.Image, maxImage) || strings.ContainsAny(c.Image, " \t\r\n") || !strings.Contains(c.Image, "/"):
		return bad("image %.80q: a reference with its registry, such as registry.example.com/shop/web:1", c.Image)
	case !slices.Contains([]PullPolicy{"", PullMissing, PullAlways, PullNever}, c.PullPolicy):
		return bad("pullPolicy %.40q is not known: Missing, Always, Never", string(c.PullPolicy))
	case !slices.Contains([]RestartPolicy{"", RestartAlways, RestartOnFailure, RestartNever}, c.Restart):
		return bad("restart %.40q is not known: Always, OnFailure, Never", string(c.Restart))
	case len(c.Command) > maxList || len(c.Args) > maxList || len(c.Env) > maxList || len(c.Ports) > maxList || len(c.Volumes) > maxList:
		return bad("a list is longer than %d", maxList)
	case !areArgs(c.Command) || !areArgs(c.Args):
		return bad("an argument is longer than %d bytes, or has a zero byte", maxArg)
	case c.User != "" && !isText(c.User, maxFact):
		return bad("user has %d bytes at most", maxFact)
	case c.HostNetwork && len(c.Ports) > 0:
		return bad("with hostNetwork there are no ports to lead anywhere")
	case c.Resources.CPUMillis < 0 || c.Resources.CPUMillis > maxCPUMillis || c.Resources.MemoryMiB < 0 || c.Resources.MemoryMiB > maxMemoryMiB:
		return bad("cpuMillis is 0 to %d, memoryMiB 0 to %d", maxCPUMillis, maxMemoryMiB)
	case c.StopGraceSeconds < 0 || c.StopGraceSeconds > maxGrace:
		return bad("stopGraceSeconds is 0 to %d", maxGrace)
	case c.Health != nil && !c.Health.valid():
		return bad("health has a command, and seconds and retries from 0 to %d", maxProbe)
	}
	return c.completeLists(bad)
}

func (c Container) completeLists(bad func(string, ...any) *Refusal) *Refusal {
	names := map[string]bool{}
	for _, e := range c.Env {
		if !isVariable(e.Name) || len(e.Value) > maxArg || !utf8.ValidString(e.Value) || strings.Contains(e.Value, "\x00") || names[e.Name] {
			return bad("env %.80q: a name of A-Z, a-z, 0-9 and '_', once, and %d bytes of value at most", e.Name, maxArg)
		}
		names[e.Name] = true
	}
	for _, p := range c.Ports {
		_, err := netip.ParseAddr(p.HostIP)
		if !isPort(p.Host) || !isPort(p.Container) || p.HostIP != "" && err != nil || !slices.Contains([]string{"", "tcp", "udp"}, p.Protocol) {
			return bad("port %d to %d: 1 to 65535 each, hostIP an address, protocol tcp or udp", p.Host, p.Container)
		}
	}
	paths := map[string]bool{}
	for _, v := range c.Volumes {
		if (v.Name == "") == (v.Host == "") || v.Name != "" && !isLabel(v.Name) || v.Host != "" && !isPath(v.Host) || !isPath(v.Path) || paths[v.Path] {
			return bad("volume at %.80q: an absolute clean path, once, and either a name or a path of the host", v.Path)
		}
		paths[v.Path] = true
	}
	return nil
}

func (h HealthCheck) valid() bool {
	for _, n := range []int{h.IntervalSeconds, h.TimeoutSeconds, h.Retries, h.StartSeconds} {
		if n < 0 || n > maxProbe {
			return false
		}
	}
	return len(h.Command) > 0 && len(h.Command) <= maxList && h.Command[0] != "" && areArgs(h.Command)
}

func areArgs(all []string) bool {
	return !slices.ContainsFunc(all, func(s string) bool {
		return len(s) > maxArg || !utf8.ValidString(s) || strings.Contains(s, "\x00")
	})
}

func isPort(n int) bool { return n >= 1 && n <= 65535 }

// isPath tells whether s is an absolute path without detours, that podman does not read as several.
func isPath(s string) bool {
	return len(s) <= maxPath && path.IsAbs(s) && path.Clean(s) == s && utf8.ValidString(s) && !strings.ContainsAny(s, ":,\x00\n")
}

func isVariable(s string) bool {
	return s != "" && len(s) <= maxFact && (s[0] < '0' || s[0] > '9') && only(s, func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
	})
}
