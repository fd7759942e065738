// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"nationtech.io/harmony/wait"
)

// A process is a program that runs beside the test. Its output is in a file.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

// start starts a program, which ends with this one at the latest.
func start(log string, env []string, name string, args ...string) (*process, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // the program has it open for itself
	p := &process{exec.Command(name, args...), make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Env = file, file, append(os.Environ(), env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the signal is sent when the thread ends that has started it
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // how it ended is in its log
			close(p.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) } // one that has ended needs none

// kill is kill -9.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// A kept process is started again when it ends, as a kubelet or systemd does, unless it was put down.
type kept struct {
	start func() (*process, error)

	mu     sync.Mutex
	wanted bool
	now    *process
	keeps  sync.WaitGroup
}

// again is after how long it is started again.
const again = time.Second

// up starts it.
func (k *kept) up() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	p, err := k.start()
	if err != nil {
		return err
	}
	k.now, k.wanted = p, true
	k.keeps.Go(func() { k.keep(p) })
	return nil
}

// keep starts another process when that one has ended.
func (k *kept) keep(p *process) {
	<-p.ended
	_ = wait.Sleep(context.Background(), again) // it ends always
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.wanted {
		return
	}
	if next, err := k.start(); err == nil { // else there is no more room for processes, and the case fails
		k.now = next
		k.keeps.Go(func() { k.keep(next) })
	}
}

// kill kills it; it is started again.
func (k *kept) kill() { k.is().kill() }

// down kills it, and it stays so.
func (k *kept) down() {
	k.mu.Lock()
	p := k.now
	k.wanted = false
	k.mu.Unlock()
	if p != nil {
		p.kill()
	}
	k.keeps.Wait()
}

func (k *kept) is() *process {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now
}
