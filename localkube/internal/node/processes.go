// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"

	"nationtech.io/harmony/localkube/internal/fault"
)

// processes starts processes and, being the first process of a PID namespace,
// reaps them and every orphan.
type processes struct {
	mu  sync.Mutex
	own map[int]chan string // ends of those that we started, to who waits
}

func newProcesses() *processes { return &processes{own: map[int]chan string{}} }

// start starts a program with its output going to a file; exit gets how it ended, once.
func (p *processes) start(args []string, output *os.File, env []string) (pid int, exit <-chan string, err error) {
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		return 0, nil, fault.Wrap(fault.Start, err, "open the input of %s", args[0])
	}
	defer func() { _ = nothing.Close() }()
	// The reaper must not see the end of a process that is not in the map yet.
	p.mu.Lock()
	defer p.mu.Unlock()
	process, err := os.StartProcess(args[0], args, &os.ProcAttr{
		Dir: "/", Env: env, Files: []*os.File{nothing, output, output},
		Sys: &syscall.SysProcAttr{Setpgid: true},
	})
	if err != nil {
		return 0, nil, fault.Wrap(fault.Start, err, "start %s", args[0])
	}
	ended := make(chan string, 1)
	p.own[process.Pid] = ended
	return process.Pid, ended, nil
}

// reap waits for processes to end, for ever. children is signalled on SIGCHLD.
func (p *processes) reap(children <-chan os.Signal) {
	for range children {
		for {
			var status syscall.WaitStatus
			p.mu.Lock()
			pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
			if pid > 0 {
				if ended := p.own[pid]; ended != nil {
					delete(p.own, pid)
					ended <- describe(status)
				}
			}
			p.mu.Unlock()
			if errors.Is(err, syscall.EINTR) {
				continue
			}
			if pid <= 0 || err != nil {
				break
			}
		}
	}
}

func describe(status syscall.WaitStatus) string {
	if status.Signaled() {
		return fmt.Sprintf("signal %d (%s)", int(status.Signal()), status.Signal())
	}
	return fmt.Sprintf("exit code %d", status.ExitStatus())
}
