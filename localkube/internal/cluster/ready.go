// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"nationtech.io/harmony/localkube/internal/addons"
	"nationtech.io/harmony/localkube/internal/build"
	"nationtech.io/harmony/localkube/internal/config"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/kubeapi"
	"nationtech.io/harmony/localkube/internal/pki"
	"nationtech.io/harmony/localkube/internal/state"
	"nationtech.io/harmony/localkube/internal/supervisor"
	"nationtech.io/harmony/localkube/internal/wait"
)

const pollInterval = 50 * time.Millisecond

// bringUp is one wait for a cluster to become ready.
type bringUp struct {
	cluster  state.Cluster
	spec     state.Spec
	programs build.Programs
	api      *kubeapi.Client
	client   *supervisor.Client
	begin    time.Time // what nodes said before is old
	emit     func(string)
}

func (m Manager) awaitReady(ctx context.Context, c state.Cluster, spec state.Spec, programs build.Programs) error {
	api, err := kubeapi.FromKubeconfig(c.Kubeconfig())
	if err != nil {
		return err
	}
	defer api.Close()
	messages := make(chan string)
	b := &bringUp{
		cluster: c, spec: spec, programs: programs, api: api, client: supervisor.NewClient(c), begin: time.Now(),
		emit: func(s string) { messages <- s },
	}
	done := make(chan error, 1)
	go func() {
		done <- b.run(ctx)
		close(messages)
	}()
	for message := range messages {
		m.Emit(Event{Step: "ready", Message: message})
	}
	return <-done
}

// run takes the steps side by side, each as soon as what it needs is there.
func (b *bringUp) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	apiReady := make(chan struct{})
	group.Go(func() error {
		err := b.apiServer(ctx)
		if err == nil {
			close(apiReady)
		}
		return err
	})
	images := make([]chan struct{}, len(b.spec.Nodes))
	for i, node := range b.spec.Nodes {
		images[i] = make(chan struct{})
		group.Go(func() error {
			err := b.loadImages(ctx, node)
			if err == nil {
				close(images[i])
			}
			return err
		})
		group.Go(func() error {
			if err := b.arrives(ctx, "node "+node, apiReady, images[i]); err != nil {
				return err
			}
			if err := b.nodeReady(ctx, node); err != nil {
				return err
			}
			return b.probe(ctx, node)
		})
	}
	group.Go(func() error {
		if err := b.arrives(ctx, "the add-ons", apiReady, images[0]); err != nil {
			return err
		}
		if err := b.addons(ctx); err != nil {
			return err
		}
		return b.dns(ctx)
	})
	return group.Wait()
}

// arrives waits for the API server and a node's images, without which what comes next cannot begin.
func (b *bringUp) arrives(ctx context.Context, next string, apiReady, images <-chan struct{}) error {
	begin := time.Now()
	for _, c := range []struct {
		what string
		came <-chan struct{}
	}{{"the API server is not ready", apiReady}, {"the images are not there", images}} {
		select {
		case <-c.came:
		case <-ctx.Done():
			// Another step has failed, and is told instead of this, or time is over.
			return b.late(&wait.TimeoutError{What: next + " to begin", Saw: c.what, After: time.Since(begin), Err: ctx.Err()}, b.spec.Nodes[0], config.APIServer)
		}
	}
	return nil
}

// until waits like wait.Until, ends early when the supervisor has ended, and adds
// the last lines of the component that is to blame when it gives up.
func (b *bringUp) until(ctx context.Context, what, node, component string, check func(context.Context) (bool, string, error)) error {
	err := wait.Until(ctx, what, pollInterval, func(ctx context.Context) (bool, string, error) {
		done, seen, err := check(ctx)
		if done || err != nil {
			return done, seen, err
		}
		if _, err := b.client.Status(ctx); errors.Is(err, supervisor.ErrNotRunning) {
			f := fault.New(fault.Start, "the supervisor ended while waiting for %s", what)
			f.Log = tail(b.cluster.Log(), 20)
			return false, "", f
		}
		return false, seen, nil
	})
	return b.late(err, node, component)
}

// late makes of a wait that has run out of time a failed start of the cluster.
func (b *bringUp) late(err error, node, component string) error {
	if t, ok := errors.AsType[*wait.TimeoutError](err); ok && errors.Is(t, context.DeadlineExceeded) {
		f := fault.Wrap(fault.Start, t, "cluster %q did not become ready", b.cluster.Name)
		f.Log = tail(b.cluster.Node(node, "log", component+".log"), 20)
		return f
	}
	return err
}

func (b *bringUp) apiServer(ctx context.Context) error {
	err := b.until(ctx, "the API server to be ready", b.spec.Nodes[0], config.APIServer, func(ctx context.Context) (bool, string, error) {
		err := b.api.Ready(ctx)
		return err == nil, fmt.Sprint(err), nil
	})
	if err == nil {
		b.emit("API server ready")
	}
	return err
}

func (b *bringUp) addons(ctx context.Context) error {
	objects, err := addons.Base(addons.Values{
		KubeletClient: pki.KubeletClient, Provisioner: pki.Provisioner, VolumeProvisioner: config.VolumeProvisioner,
		DNS: b.spec.Index.DNS(), FirstNode: b.spec.Nodes[0], CoreDNSImage: b.programs.Images["coredns"].Reference,
	})
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, o := range objects {
		group.Go(func() error { return b.apply(ctx, o) })
	}
	return group.Wait()
}

// apply tries again while the API server is still filling itself (service
// accounts, priority classes).
func (b *bringUp) apply(ctx context.Context, o addons.Object) error {
	return b.until(ctx, "the API server to accept "+o.Path, b.spec.Nodes[0], config.APIServer, func(ctx context.Context) (bool, string, error) {
		err := b.api.Apply(ctx, o.Path, o.Manifest)
		return err == nil, fmt.Sprint(err), nil
	})
}

// dns asks the cluster's DNS, from the host and so through the node's proxy, for a name that it must know.
func (b *bringUp) dns(ctx context.Context) error {
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		dialer := net.Dialer{Timeout: time.Second}
		return dialer.DialContext(ctx, network, net.JoinHostPort(b.spec.Index.DNS().String(), "53"))
	}}
	want := b.spec.Index.APIService().String()
	err := b.until(ctx, "DNS to answer", b.spec.Nodes[0], config.Kubelet, func(ctx context.Context) (bool, string, error) {
		ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		found, err := resolver.LookupHost(ctx, "kubernetes.default.svc.cluster.local.")
		return len(found) == 1 && found[0] == want, fmt.Sprint(found, err), nil
	})
	if err == nil {
		b.emit("DNS answers")
	}
	return err
}

// nodeReady waits for the node to be Ready and its kubelet to have said so just now.
func (b *bringUp) nodeReady(ctx context.Context, name string) error {
	err := b.until(ctx, "node "+name+" to be Ready", name, config.Kubelet, func(ctx context.Context) (bool, string, error) {
		var n nodeObject
		if err := b.api.Get(ctx, "/api/v1/nodes/"+name, &n); err != nil {
			return false, err.Error(), nil
		}
		return n.ready(b.begin), n.String(), nil
	})
	if err == nil {
		b.emit("node " + name + " ready")
	}
	return err
}

// probe runs a Pod on the node that looks the API server up and connects to it.
func (b *bringUp) probe(ctx context.Context, node string) error {
	o, err := addons.Probe(node, b.programs.Images["probe"].Reference)
	if err != nil {
		return err
	}
	if err := b.api.Delete(ctx, o.Path); err != nil { // of an earlier attempt
		return fault.Wrap(fault.Start, err, "delete an old probe Pod")
	}
	if err := b.apply(ctx, o); err != nil {
		return err
	}
	err = b.until(ctx, "the probe Pod on node "+node+" to succeed", node, config.Kubelet, func(ctx context.Context) (bool, string, error) {
		var p podObject
		if err := b.api.Get(ctx, o.Path, &p); err != nil {
			return false, err.Error(), nil
		}
		ended, code := p.ended()
		if ended && code != 0 {
			return false, "", fault.New(fault.Start, "the probe Pod on node %s failed: %s", node, p)
		}
		return ended, p.String(), nil
	})
	if err != nil {
		return err
	}
	b.emit("a Pod has run on node " + node)
	if err := b.api.Delete(ctx, o.Path); err != nil {
		return fault.Wrap(fault.Start, err, "delete the probe Pod")
	}
	return nil
}

// nodeObject is what we read of a Node.
type nodeObject struct {
	Status struct {
		Conditions []struct {
			Type, Status, Reason, Message string
			LastHeartbeatTime             time.Time
		}
	}
}

func (n nodeObject) ready(since time.Time) bool {
	for _, c := range n.Status.Conditions {
		// Kubernetes' times are whole seconds.
		if c.Type == "Ready" && c.Status == "True" && !c.LastHeartbeatTime.Before(since.Truncate(time.Second)) {
			return true
		}
	}
	return false
}

func (n nodeObject) String() string {
	for _, c := range n.Status.Conditions {
		if c.Type == "Ready" {
			return fmt.Sprintf("Ready=%s at %s: %s", c.Status, c.LastHeartbeatTime.Format(time.TimeOnly), c.Message)
		}
	}
	return "no condition Ready yet"
}

// podObject is what we read of a Pod.
type podObject struct {
	Status struct {
		Phase, Message    string
		ContainerStatuses []struct {
			State map[string]struct {
				Reason, Message string
				ExitCode        int
			}
		}
	}
}

// ended reports whether the container has ended, and how. The Pod's phase tells the
// same up to two seconds later, when its sandbox is gone too.
func (p podObject) ended() (bool, int) {
	for _, c := range p.Status.ContainerStatuses {
		if t, ok := c.State["terminated"]; ok {
			return true, t.ExitCode
		}
	}
	return false, 0
}

func (p podObject) String() string {
	parts := []string{"phase " + p.Status.Phase, p.Status.Message}
	for _, c := range p.Status.ContainerStatuses {
		for state, detail := range c.State {
			parts = append(parts, state, detail.Reason, strings.TrimSpace(detail.Message))
		}
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}
