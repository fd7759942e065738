// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"path/filepath"
	"slices"
	"strings"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/secret"
)

const (
	defaultStateDir = "/var/lib/harmony-fleet-agent"
	defaultSocket   = "/run/podman/podman.sock"
)

// Runtime says how workloads are run.
type Runtime struct {
	// Enabled is false where there is no podman: then nothing is run, and reports say so.
	Enabled bool
	// StateDir is where the state file is; "/var/lib/harmony-fleet-agent" when not given.
	StateDir string
	// Socket is that of podman; "/run/podman/podman.sock" when not given.
	Socket string
	// ExecAllow lists the programs that exec may run within services, as their paths there; empty for none.
	ExecAllow []string
	// Registries are those that know this device, by host.
	Registries map[string]Registry
}

// A Registry is what a registry knows this device by.
type Registry struct {
	User         string
	passwordFile string
}

// Password gives the password, read anew each time. Its error is a *FileError.
func (r Registry) Password() (secret.Value, error) {
	return UserPass{passwordFile: r.passwordFile}.read()
}

func (d *document) runtime() Runtime {
	r := Runtime{StateDir: d.path("runtime.state_dir", defaultStateDir), Socket: d.path("runtime.podman_socket", defaultSocket)}
	r.Enabled, _ = take[bool](d, "runtime_enabled", "true or false")
	allowed, _ := take[[]any](d, "runtime.exec_allow", "a list of paths")
	for _, item := range allowed {
		program, _ := item.(string)
		if !filepath.IsAbs(program) {
			d.found("runtime.exec_allow", "runtime.exec_allow: %q is no absolute path of a program", program)
		}
		r.ExecAllow = append(r.ExecAllow, program)
	}
	r.Registries = d.registries()
	return r
}

func (d *document) path(name, otherwise string) string {
	text, ok := d.text(name)
	if !ok {
		return otherwise
	}
	if !filepath.IsAbs(text) {
		d.found(name, "%s = %q: an absolute path", name, text)
	}
	return text
}

// registries reads [registries."HOST"]; a host may have dots, and so is not taken apart.
func (d *document) registries() map[string]Registry {
	const table, user, password = "registries.", ".user", ".password_file"
	all := map[string]Registry{}
	for _, name := range d.under(table) {
		host, isUser := strings.CutSuffix(strings.TrimPrefix(name, table), user)
		if !isUser {
			continue
		}
		r := Registry{}
		r.User, _ = d.text(name)
		file := table + host + password
		r.passwordFile, _ = d.text(file)
		if r.passwordFile == "" {
			d.required(file, "a file that holds the password")
		} else if _, err := r.Password(); err != nil {
			d.found(file, "%s: %v", file, err)
		}
		all[host] = r
	}
	return all
}

// labels reads [labels].
func (d *document) labels() (all []contract.Label) {
	const table = "labels."
	for _, name := range d.under(table) {
		value, _ := d.text(name)
		l := contract.Label{Name: strings.TrimPrefix(name, table), Value: value}
		if !contract.IsLabelValue(l.Name) || !contract.IsLabelValue(l.Value) {
			d.found(name, "%s = %q: name and value have 63 letters, digits, '-', '_' and '.' at most", name, value)
		}
		all = append(all, l)
	}
	if len(all) > contract.MaxLabels {
		d.found("labels", "labels: %d are given, %d are accepted at most", len(all), contract.MaxLabels)
	}
	return all
}

// under lists the names of a table in order.
func (d *document) under(table string) (all []string) {
	for name := range d.values {
		if strings.HasPrefix(name, table) {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}
