// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// A process is a program that runs beside the bench. Its output is in a file.
type process struct {
	cmd    *exec.Cmd
	log    string
	wanted atomic.Bool   // it shall end
	ended  chan struct{} // closed when it has
	err    error         // of its end
}

func start(ctx context.Context, log, name string, args ...string) (*process, error) {
	file, err := os.Create(log)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer func() { _ = file.Close() }() // the program has it open for itself
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = file, file
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{cmd: cmd, log: log, ended: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// watch tells when the process has ended by itself.
func (p *process) watch(died func(error)) {
	go func() {
		if <-p.ended; !p.wanted.Load() {
			died(fmt.Errorf("%s has ended by itself: %w\n%s", p.cmd.Path, cmp.Or(p.err, os.ErrProcessDone), p.last()))
		}
	}()
}

// last is the end of what the process said.
func (p *process) last() string {
	text, _ := os.ReadFile(p.log) // an error says enough without it
	return string(text[max(0, len(text)-2000):])
}

// stop ends the process as its supervisor would, and waits. Its error has the end of what the process said.
func (p *process) stop() error {
	if p == nil || p.over() {
		return nil
	}
	p.wanted.Store(true)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.cmd.Path, err)
	}
	<-p.ended
	if p.err != nil && p.cmd.ProcessState.ExitCode() != 1 { // nats-server ends with 1 after such a signal
		return fmt.Errorf("%s: %w\n%s", p.cmd.Path, p.err, p.last())
	}
	return nil
}

func (p *process) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// reload asks the process to read its configuration anew.
func (p *process) reload() error {
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		return fmt.Errorf("reload %s: %w", p.cmd.Path, err)
	}
	return nil
}

// kill ends the process as the kernel does when it runs out of memory.
func (p *process) kill() error {
	p.wanted.Store(true)
	if err := p.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("kill %s: %w", p.cmd.Path, err)
	}
	<-p.ended
	return nil
}

// resident is its memory in bytes.
func (p *process) resident() (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory of %s: %w", p.cmd.Path, err)
	}
	m := rss.FindSubmatch(status)
	if m == nil {
		return 0, fmt.Errorf("%s is no longer there: %w", p.cmd.Path, os.ErrProcessDone)
	}
	kilobytes, err := strconv.ParseFloat(string(m[1]), 64)
	return kilobytes * 1024, err
}

// ticks is how many parts of a second the kernel counts processor time in: USER_HZ, which is 100 on all that Linux runs on today.
const ticks = 100

// processor is the processor time that it has used.
func (p *process) processor() (time.Duration, error) { return processor(p.cmd.Process.Pid) }

// processor is the processor time that a process of this machine has used.
func processor(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read the processor time of process %d: %w", pid, err)
	}
	// The name of the program, in brackets, may have spaces; what follows it are fields 3 and on.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	total := 0
	for _, field := range fields[11:13] { // utime, stime: proc_pid_stat(5)
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, fmt.Errorf("read the processor time of process %d: %w", pid, err)
		}
		total += n
	}
	return time.Duration(total) * time.Second / ticks, nil
}
