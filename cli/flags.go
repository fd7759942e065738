// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"nationtech.io/harmony/diag"
)

// FlagError is a flag whose value cannot be used.
type FlagError struct {
	Flag, Value string
	Cause       error
}

// Error names the flag, its value and why it cannot be used.
func (e *FlagError) Error() string { return fmt.Sprintf("--%s %q: %v", e.Flag, e.Value, e.Cause) }

// Unwrap gives the cause.
func (e *FlagError) Unwrap() error { return e.Cause }

func (e *FlagError) diagnostic() *diag.Diagnostic {
	return diag.New(diag.BadFlag, "--"+e.Flag).Saw(fmt.Sprintf("%q cannot be used", e.Value)).Because(e.Cause)
}

// common are the flags that every command which goes to a place has.
type common struct {
	topology  string
	namespace string
	timeout   time.Duration
	output    string
	events    string
	bundle    string
	open      map[string]opener
}

func (a App) commonFlags(fs *pflag.FlagSet) *common {
	c := a.runFlags(fs)
	fs.StringVar(&c.topology, "topology", "", "where: "+strings.Join(a.topologyNames(), " or ")+" (no default)")
	for _, t := range a.Topologies {
		c.open[t.Name] = t.Flags(fs)
	}
	return c
}

// runFlags are those of commonFlags that have nothing to do with the place.
func (a App) runFlags(fs *pflag.FlagSet) *common {
	c := &common{open: map[string]opener{}}
	fs.StringVarP(&c.namespace, "namespace", "n", a.Namespace, "namespace of the components")
	fs.DurationVar(&c.timeout, "timeout", 0, "limit for each component (default 5m0s, 10s for verify)")
	fs.StringVarP(&c.output, "output", "o", "text", "what goes to standard output: text or json")
	fs.StringVar(&c.events, "events", "", "also write what happens as JSON lines to this file")
	return c
}

func (c *common) check() error {
	if err := knownOutput(c.output); err != nil {
		return err
	}
	if c.timeout < 0 {
		return diag.New(diag.BadFlag, "--timeout").Saw(c.timeout.String() + " is in the past")
	}
	if c.namespace == "" {
		return diag.New(diag.BadFlag, "--namespace").Saw("the namespace is empty")
	}
	return nil
}

func knownOutput(output string) error {
	if output == "text" || output == "json" {
		return nil
	}
	return diag.New(diag.BadFlag, "--output").Saw(fmt.Sprintf("%q is not a form of output", output)).Try("take text or json")
}

func (a App) topologyNames() (names []string) {
	for _, t := range a.Topologies {
		names = append(names, t.Name)
	}
	return names
}
