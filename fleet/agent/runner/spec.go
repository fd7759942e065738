// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/contract"
)

const (
	loopback  = "127.0.0.1"
	cpuPeriod = 100_000 // microseconds
	mebibyte  = 1 << 20
)

// spec says a container in podman's words.
func (w workload) spec(c contract.Container, init bool) podman.Spec {
	s := podman.Spec{
		Name: w.containerName(c.Name), Image: c.Image, Entrypoint: c.Command, Command: c.Args, User: c.User, Labels: w.labels(c.Name, init),
		Env: map[string]string{}, Restart: restart(c, init), Grace: uint(c.StopGrace().Seconds()), Limits: limits(c.Resources),
	}
	for _, e := range c.Env {
		s.Env[e.Name] = e.Value
	}
	for _, p := range c.Ports {
		ip := p.HostIP
		if ip == "" {
			ip = loopback
		}
		s.Ports = append(s.Ports, podman.PortMapping{HostIP: ip, HostPort: p.Host, ContainerPort: p.Container, Protocol: p.Protocol})
	}
	for _, v := range c.Volumes {
		var options []string
		if v.ReadOnly {
			options = []string{"ro"}
		}
		if v.Name != "" {
			s.Volumes = append(s.Volumes, podman.NamedVolume{Name: w.containerName(v.Name), Dest: v.Path, Options: options})
		} else {
			s.Mounts = append(s.Mounts, podman.Mount{Destination: v.Path, Source: v.Host, Type: "bind", Options: append(options, "rbind")})
		}
	}
	if c.HostNetwork {
		s.Network = &podman.Namespace{Mode: "host"}
	}
	if h := c.Health; h != nil {
		s.Health = &podman.Health{
			Test: append([]string{"CMD"}, h.Command...), Timeout: h.Timeout().Nanoseconds(), Retries: h.Tries(), StartPeriod: int64(h.StartSeconds) * 1e9,
		}
	}
	return s
}

func restart(c contract.Container, init bool) string {
	switch {
	case init || c.Restart == contract.RestartNever:
		return "no"
	case c.Restart == contract.RestartOnFailure:
		return "on-failure"
	}
	return "always"
}

func limits(r contract.Resources) *podman.Limits {
	if r == (contract.Resources{}) {
		return nil
	}
	l := &podman.Limits{}
	if r.MemoryMiB > 0 {
		bytes := int64(r.MemoryMiB) * mebibyte
		l.Memory = &podman.MemoryLimit{Limit: bytes, Swap: bytes}
	}
	if r.CPUMillis > 0 {
		l.CPU = &podman.CPULimit{Quota: int64(r.CPUMillis) * cpuPeriod / 1000, Period: cpuPeriod}
	}
	return l
}
