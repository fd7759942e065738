// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"nationtech.io/harmony/capability/image"
)

const (
	namespace = "harmony-fleet"
	name      = "home-1"
	// port is where devices outside of the cluster connect.
	port      = 30422
	reference = "harmony.local/thermostat:1"
	// follow is for how long the demonstration follows what the thermostat says.
	follow = 4 * time.Second
)

// up starts the device and shows what can be done with it.
func (h home) up(ctx context.Context) error {
	if err := h.down(ctx); err != nil {
		return err
	}
	if err := h.enrol(ctx); err != nil {
		return err
	}
	socket, err := h.start(ctx)
	if err != nil {
		return err
	}
	if err := h.load(ctx, socket); err != nil {
		return err
	}
	fmt.Printf("\n%s is on: a podman and an agent, apart from this machine's own (its log: %s)\n", name, h.at("device.log"))
	kubeconfig, err := output(ctx, beside("localkube"), "kubeconfig")
	if err != nil {
		return err
	}
	if err := os.Setenv("KUBECONFIG", strings.TrimSpace(kubeconfig)); err != nil {
		return fmt.Errorf("name the kubeconfig: %w", err)
	}
	fleet := beside("harmony-fleet")
	for _, line := range [][]string{
		{fleet, "apply", "--file", "fleet/demo/thermostat.yaml", "--yes"},
		{fleet, "rollout", "status", "thermostat"},
		{"podman", "--url", "unix://" + socket, "ps", "--format", "table {{.Names}} {{.Image}} {{.Status}}"},
		{fleet, "logs", name, "--follow"},
		{fleet, "apply", "--file", "fleet/demo/warmer.yaml", "--yes"},
		{fleet, "rollout", "status", "thermostat"},
		{fleet, "logs", name, "--tail", "3"},
		{fleet, "devices"},
		{fleet, "deployments"},
	} {
		if err := show(ctx, line); err != nil {
			return err
		}
	}
	return nil
}

// enrol writes the configuration of the agent, with the credentials that the fleet's NATS has for it.
func (h home) enrol(ctx context.Context) error {
	if err := os.MkdirAll(string(h), 0o700); err != nil {
		return fmt.Errorf("make the device's folder: %w", err)
	}
	node, err := output(ctx, beside("localkube"), "kubectl", "get", "nodes", "--output=jsonpath={.items[0].status.addresses[?(@.type=='InternalIP')].address}")
	if err != nil {
		return err
	}
	encoded, err := output(ctx, beside("localkube"), "kubectl", "--namespace", namespace, "get", "secret", "nats-user-device-"+name, "--output=jsonpath={.data.password}")
	if err != nil {
		return err
	}
	password, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return fmt.Errorf("read the device's password: %w", err)
	}
	if err := h.say("password", string(password)); err != nil {
		return err
	}
	return h.say("fleet.toml", fmt.Sprintf(`device = %q
runtime_enabled = true
[nats]
urls = ["nats://%s:%d"]
[credentials]
type = "user-pass"
user = "device-%s"
password_file = %q
[health]
listen = ""
`, name, node, port, name, h.at("password")))
}

// load builds the thermostat's image and hands it to podman.
func (h home) load(ctx context.Context, socket string) error {
	built, err := (&image.Builder{}).Build(ctx, image.Image{Name: "thermostat", Package: "nationtech.io/harmony/fleet/demo/thermostat"}, image.Platform{Arch: runtime.GOARCH})
	if err != nil {
		return err
	}
	archive, err := os.Create(h.at("thermostat.tar"))
	if err != nil {
		return fmt.Errorf("write the thermostat's image: %w", err)
	}
	defer func() { _ = os.Remove(archive.Name()) }() // it is in podman then
	if err := built.WriteArchive(archive, reference); err != nil {
		return err
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("write the thermostat's image: %w", err)
	}
	_, err = output(ctx, "podman", "--url", "unix://"+socket, "load", "--input", archive.Name())
	return err
}

// show types a command. One that follows something is interrupted after a while.
func show(ctx context.Context, line []string) error {
	fmt.Printf("\n$ %s\n", strings.Join(line, " "))
	follows := line[len(line)-1] == "--follow"
	if follows {
		var off context.CancelFunc
		ctx, off = context.WithTimeout(ctx, follow)
		defer off()
	}
	command := exec.CommandContext(ctx, line[0], line[1:]...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.Cancel, command.WaitDelay = func() error { return command.Process.Signal(syscall.SIGINT) }, follow
	if err := command.Run(); err != nil && (!follows || ctx.Err() == nil) {
		return fmt.Errorf("%s: %w", strings.Join(line, " "), err)
	}
	return nil
}

// beside is a program in the folder of this one, as people type it.
func beside(program string) string {
	self, err := os.Executable()
	if err != nil {
		return program
	}
	path := filepath.Join(filepath.Dir(self), program)
	if here, err := os.Getwd(); err == nil {
		if short, err := filepath.Rel(here, path); err == nil {
			return short
		}
	}
	return path
}

func output(ctx context.Context, program string, args ...string) (string, error) {
	var said strings.Builder
	command := exec.CommandContext(ctx, program, args...)
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, said.String())
	}
	return string(out), nil
}
