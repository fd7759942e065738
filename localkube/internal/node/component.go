// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"nationtech.io/harmony/localkube/internal/config"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/wait"
)

const (
	firstBackOff = 200 * time.Millisecond
	maxBackOff   = 10 * time.Second
	settled      = 30 * time.Second // one that ran that long starts again at once
	stopLimit    = 5 * time.Second
	maxLog       = 64 << 20
)

// component keeps one program running.
type component struct {
	command   config.Command
	processes *processes
	reports   *reporter
	log       *slog.Logger
	ready     func(context.Context, config.Needs) error // returns when what it needs is there

	mu  sync.Mutex
	pid int // 0 when it does not run
}

// run starts the program again and again until ctx ends, and then stops it.
func (c *component) run(ctx context.Context) {
	backOff := firstBackOff
	for ctx.Err() == nil {
		if err := c.ready(ctx, c.command.Needs); err != nil {
			return // ctx has ended
		}
		began := time.Now()
		end := c.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > settled {
			backOff = firstBackOff
		}
		c.log.Warn("component ended", "component", c.command.Name, "end", end, "after", time.Since(began).Round(time.Millisecond), "again_in", backOff)
		wait.For(ctx, backOff)
		backOff = min(2*backOff, maxBackOff)
	}
}

// once runs the program until it ends or, when ctx has ended, was stopped.
func (c *component) once(ctx context.Context) string {
	output, err := openLog(c.command.Name)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = output.Close() }()
	pid, exit, err := c.processes.start(c.command.Args, output, environment())
	if err != nil {
		c.reports.report(Report{Component: c.command.Name, Exit: err.Error()})
		return err.Error()
	}
	c.set(pid)
	defer c.set(0)
	c.reports.report(Report{Component: c.command.Name, PID: pid})
	var end string
	select {
	case end = <-exit:
		_, _ = fmt.Fprintf(output, "localkube: %s: %s ended: %s\n", time.Now().Format(time.RFC3339), c.command.Name, end)
	case <-ctx.Done():
		end = stop(pid, exit)
	}
	c.reports.report(Report{Component: c.command.Name, Exit: end})
	return end
}

func (c *component) set(pid int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pid = pid
}

// stop asks a process to end and, after a while, makes it.
func stop(pid int, exit <-chan string) string {
	_ = syscall.Kill(pid, syscall.SIGTERM)
	timer := time.NewTimer(stopLimit)
	defer timer.Stop()
	select {
	case end := <-exit:
		return end
	case <-timer.C:
		_ = syscall.Kill(pid, syscall.SIGKILL)
		return <-exit
	}
}

// openLog opens a component's log; one that has grown large makes room first.
func openLog(name string) (*os.File, error) {
	path := filepath.Join(config.Home, "log", name+".log")
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, fault.Wrap(fault.Start, err, "rotate the log of %s", name)
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fault.Wrap(fault.Start, err, "open the log of %s", name)
	}
	return file, nil
}

func environment() []string {
	return []string{
		"PATH=" + config.Path, "HOME=/root", "LANG=C.UTF-8",
	}
}
