// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"bufio"
	"context"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"nationtech.io/harmony/localkube/internal/config"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/link"
)

// Run is the whole life of a node: it returns when the node was told to stop
// (SIGTERM) and its components have ended.
func Run(log *slog.Logger) error {
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	ctx, done := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer done()

	c, orders, err := readConfig(os.NewFile(ordersFD, "orders"))
	if err != nil {
		return err
	}
	reports := &reporter{to: os.NewFile(reportsFD, "reports")}
	syscall.CloseOnExec(ordersFD)
	syscall.CloseOnExec(reportsFD)
	if err := enterRoot(c); err != nil {
		return err
	}
	if err := enterNetwork(c, orders); err != nil {
		return err
	}
	p := newProcesses()
	go p.reap(children)
	g, err := newGate(c.Spec.Index.APIServer())
	if err != nil {
		return err
	}
	log.Info("node is set up", "node", c.Name())

	var all []*component
	for _, command := range config.Commands(c.Spec, c.Index) {
		all = append(all, &component{command: command, processes: p, reports: reports, log: log, ready: g.pass})
	}
	runAll(ctx, all)
	log.Info("node has stopped", "node", c.Name())
	return nil
}

// enterNetwork waits for the supervisor to plug the link in and sets the network up.
func enterNetwork(c Config, orders *bufio.Reader) error {
	if err := syscall.Sethostname([]byte(c.Name())); err != nil {
		return fault.Wrap(fault.Start, err, "set the host name")
	}
	if _, err := orders.ReadBytes('\n'); err != nil {
		return fault.Wrap(fault.Start, err, "wait for the link: the supervisor is gone")
	}
	if err := link.SetUpNode(c.Spec.Index, c.Index); err != nil {
		return err
	}
	for file, value := range map[string]string{
		"net/ipv4/ip_forward": "1", "net/ipv6/conf/all/disable_ipv6": "1", "net/ipv4/conf/all/rp_filter": "0",
	} {
		if err := os.WriteFile("/proc/sys/"+file, []byte(value), 0o644); err != nil && !os.IsNotExist(err) {
			return fault.Wrap(fault.Start, err, "set sysctl %s", file)
		}
	}
	return nil
}

// runAll runs the components until ctx ends and stops them in their order:
// clients of the API server, Pods, the API server, and last storage and containerd.
func runAll(ctx context.Context, all []*component) {
	const stages = 3
	var groups [stages + 1]sync.WaitGroup
	var ends [stages + 1]context.CancelFunc
	for stage := 1; stage <= stages; stage++ {
		stageCtx, end := context.WithCancel(context.WithoutCancel(ctx))
		ends[stage] = end
		for _, c := range all {
			if c.command.Stop == stage {
				groups[stage].Go(func() { c.run(stageCtx) })
			}
		}
	}
	<-ctx.Done()
	for stage := 1; stage <= stages; stage++ {
		ends[stage]()
		groups[stage].Wait()
		if stage == 1 {
			endPods(context.WithoutCancel(ctx))
		}
	}
}
