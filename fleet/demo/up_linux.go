// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/fleet/assertion"
)

const (
	namespace = "harmony-fleet"
	name      = "home-1"
	// installed is where an agent has its files, and where those that enroll writes say that they are.
	installed = "/etc/harmony-fleet-agent"
	reference = "harmony.local/thermostat:1"
	// follow is for how long the demonstration follows what the thermostat says.
	follow = 4 * time.Second
)

// up starts the device and shows what can be done with it.
func (h home) up(ctx context.Context) error {
	if err := h.down(ctx); err != nil {
		return err
	}
	if err := os.MkdirAll(string(h), 0o700); err != nil {
		return fmt.Errorf("make the device's folder: %w", err)
	}
	kubeconfig, err := output(ctx, beside("localkube"), "kubeconfig")
	if err != nil {
		return err
	}
	if err := os.Setenv("KUBECONFIG", strings.TrimSpace(kubeconfig)); err != nil {
		return fmt.Errorf("name the kubeconfig: %w", err)
	}
	fleet := beside("harmony-fleet")
	if err := show(ctx, []string{fleet, "enroll", name, "--label", "place=home", "--output-dir", h.at(name)}, 0); err != nil {
		return err
	}
	fmt.Println("\nA device with a key that nobody has enrolled:")
	if err := h.stranger(ctx); err != nil {
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
		limit := time.Duration(0)
		if line[len(line)-1] == "--follow" {
			limit = follow
		}
		if err := show(ctx, line, limit); err != nil {
			return err
		}
	}
	return nil
}

// configure makes the agent's configuration of what enroll wrote: its folder is not where an agent is installed.
func (h home) configure(to string) error {
	text, err := os.ReadFile(filepath.Join(h.at(name), "agent.toml"))
	if err != nil {
		return fmt.Errorf("read what was enrolled: %w", err)
	}
	return h.say(to, strings.ReplaceAll(string(text), installed, h.at(name))+"\n[health]\nlisten = \"\"\n")
}

// stranger shows a device that has the configuration of home-1, a name and a key of its own, and that nobody has enrolled.
func (h home) stranger(ctx context.Context) error {
	_, key, err := assertion.New()
	if err != nil {
		return err
	}
	if err := h.say("stranger.pem", string(key)); err != nil {
		return err
	}
	if err := h.configure("fleet.toml"); err != nil {
		return err
	}
	text, err := os.ReadFile(h.at("fleet.toml"))
	if err != nil {
		return fmt.Errorf("read what was enrolled: %w", err)
	}
	err = h.say("stranger.toml", strings.NewReplacer(name, "stranger-1", h.at(name)+"/key.pem", h.at("stranger.pem"), h.at(name), h.at(name),
		"runtime_enabled = true", "runtime_enabled = false").Replace(string(text)))
	if err != nil {
		return err
	}
	return turnedAway(ctx, []string{beside("harmony-fleet-agent"), "--config", h.at("stranger.toml")})
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

// show types a command. One that does not end by itself has a limit, after which it is interrupted.
func show(ctx context.Context, line []string, limit time.Duration) error {
	follows := limit > 0
	if follows {
		var off context.CancelFunc
		ctx, off = context.WithTimeout(ctx, limit)
		defer off()
	}
	command := typed(ctx, line)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil && (!follows || ctx.Err() == nil) {
		return fmt.Errorf("%s: %w", strings.Join(line, " "), err)
	}
	return nil
}

// typed is a command that is shown, and is interrupted when the context ends.
func typed(ctx context.Context, line []string) *exec.Cmd {
	fmt.Printf("\n$ %s\n", strings.Join(line, " "))
	command := exec.CommandContext(ctx, line[0], line[1:]...)
	command.Cancel, command.WaitDelay = func() error { return command.Process.Signal(syscall.SIGINT) }, follow
	return command
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
