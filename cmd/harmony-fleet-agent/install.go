// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"nationtech.io/harmony/fleet/agent/config"
)

//go:embed harmony-fleet-agent.service
var unit []byte

// Where things are on a device, below the root of its file system.
const (
	programPath = "usr/local/bin/harmony-fleet-agent"
	unitPath    = "etc/systemd/system/harmony-fleet-agent.service"
	configPath  = "etc/harmony-fleet-agent/agent.toml"
)

// install puts this program, its unit and an example of a configuration where systemd finds them, below root. On the running
// system it starts the agent, if there is a configuration that can be used.
func install(root string) int {
	if err := place(root); err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		return failed
	}
	if root != "/" {
		fmt.Printf("not started: %s is not the running system\n", root)
		return done
	}
	if _, err := config.Load("/" + configPath); err != nil {
		fmt.Fprintf(os.Stderr, "not started: the configuration cannot be used yet\n%v\nwrite /%s, and run this again\n", err, configPath)
		return misuse
	}
	for _, args := range [][]string{{"daemon-reload"}, {"enable", "harmony-fleet-agent"}, {"restart", "harmony-fleet-agent"}} {
		fmt.Printf("systemctl %s %s\n", args[0], args[len(args)-1])
		if out, err := exec.Command("systemctl", args...).CombinedOutput(); err != nil { //nolint:noctx // systemctl has limits of its own
			fmt.Fprintf(os.Stderr, "error: systemctl %v: %v\n%s", args, err, out)
			return failed
		}
	}
	return done
}

func place(root string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	program, err := os.ReadFile(self)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		path string
		text []byte
		mode fs.FileMode
	}{
		{programPath, program, 0o755},
		{unitPath, unit, 0o644},
		{configPath + ".example", []byte(config.Example), 0o600},
	} {
		to := filepath.Join(root, file.path)
		before, err := os.ReadFile(to)
		switch {
		case err == nil && bytes.Equal(before, file.text):
			fmt.Printf("%s: left as it is\n", to)
			continue
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		}
		if err := write(to, file.text, file.mode); err != nil {
			return err
		}
		fmt.Printf("%s: written\n", to)
	}
	return nil
}

// write writes a file as a whole, also in the place of a program that runs.
func write(to string, text []byte, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // the folders of a system are open to all
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(to), ".new-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // it is gone if all went well
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), to)
}
