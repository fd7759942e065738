// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/sim"
	"nationtech.io/harmony/wait"
)

// A measured fleet is one that lives, with its operator and one Deployment for all of its devices.
type measured struct {
	*fleetBench
	fleet    *sim.Fleet
	operator *process
	suffix   string
	uid      contract.WorkloadUID
}

func (m *measured) n() int { return len(m.fleet.Devices()) }

// ask lets the Deployment ask for something new, and gives the moment before that and what it is.
func (m *measured) ask(ctx context.Context) (asked time.Time, digest contract.Digest, err error) {
	d := &fleet.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "web"}}
	before := d.DeepCopy()
	if digest, err = m.next(d); err != nil {
		return asked, digest, err
	}
	d.Spec.TargetSelector = metav1.LabelSelector{MatchLabels: map[string]string{label: "fleet"}}
	asked = time.Now()
	if m.release == 1 {
		err = m.client.Create(ctx, d)
	} else {
		err = m.client.Patch(ctx, d, client.MergeFrom(before))
	}
	if err == nil {
		m.uid, err = contract.ParseWorkloadUID(string(d.UID))
	}
	return asked, digest, err
}

// next lets a Deployment ask for something that none has asked for, and gives what it is.
func (m *measured) next(d *fleet.Deployment) (digest contract.Digest, err error) {
	m.release++
	data, err := json.Marshal(contract.Podman{Services: []contract.Container{{Name: d.Name, Image: fmt.Sprintf("registry.invalid/bench:%d", m.release)}}})
	if err != nil {
		return digest, fmt.Errorf("write a score: %w", err)
	}
	r, err := contract.NewRelease(contract.PodmanType, data)
	if err != nil {
		return digest, err
	}
	d.Spec.Score = fleet.Score{Type: contract.PodmanType, Data: runtime.RawExtension{Raw: data}}
	_, digest, err = r.Encode()
	return digest, err
}

// counted waits until the status of the Deployment says so, and gives the moment in which that was seen.
func (m *measured) counted(ctx context.Context, digest string, ready, failed int) (at time.Time, err error) {
	what := fmt.Sprintf("the status to count %d ready and %d failed", ready, failed)
	err = wait.Until(ctx, what, wait.Pace{Limit: appear, Every: seen}, func(ctx context.Context) (string, bool, error) {
		var d fleet.Deployment
		if err := m.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "web"}, &d); err != nil {
			return "", false, fmt.Errorf("read the Deployment: %w", err)
		}
		at = time.Now()
		is := d.Status.Devices
		return fmt.Sprintf("%+v", is), d.Status.Release.Digest == digest && int(is.Ready) == ready && int(is.Failed) == failed, nil
	})
	return at, err
}

// rollout lets all devices run something new. It gives when the last of them did, and when the status said so.
func (m *measured) rollout(ctx context.Context) (devices, status time.Duration, err error) {
	asked, digest, err := m.ask(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("ask for a release: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, appear)
	defer cancel()
	last, err := m.fleet.Books.Await(ctx, m.uid, digest, m.n())
	if err != nil {
		return 0, 0, fmt.Errorf("%w; %+v", err, m.fleet.Books.Counts())
	}
	said, err := m.counted(ctx, digest.String(), m.n(), 0)
	return last.Sub(asked), said.Sub(asked), err
}

// begin lets the fleet appear. It is not measured.
func (m *measured) begin(ctx context.Context) error {
	_, _, err := m.rollout(ctx)
	return errors.Join(err, wait.Sleep(ctx, settle))
}

// rollouts measures how long it takes until all devices run something new, and what that writes.
func (m *measured) rollouts(ctx context.Context, floor series) error {
	var devices, statuses, writes, allowed series
	var used usage
	for range m.rounds {
		before, err := m.writes(ctx)
		if err != nil {
			return err
		}
		start, err := m.used()
		if err != nil {
			return err
		}
		d, s, err := m.rollout(ctx)
		if err != nil {
			return err
		}
		end, err := m.used()
		if err != nil {
			return err
		}
		used = used.plus(end.minus(start))
		if err := wait.Sleep(ctx, quiet); err != nil {
			return err
		}
		after, err := m.writes(ctx)
		if err != nil {
			return err
		}
		devices, statuses = append(devices, d.Seconds()), append(statuses, s.Seconds())
		writes, allowed = append(writes, after-before-1), append(allowed, 2+(s+quiet).Seconds()) // one is that of the bench
	}
	devices.printAgainst("rollout"+m.suffix, "s", "bare_nats", floor)
	statuses.printAgainst("rollout_status"+m.suffix, "s", "bare_nats", floor)
	used.print("rollout_processor"+m.suffix, m.rounds)
	writes.printAgainst("api_writes"+m.suffix, "writes", "2_and_1_a_second", allowed)
	return nil
}

// steadyFor is for how long is counted what is written while nothing changes.
const steadyFor = 30 * time.Second

// steady counts what the operator writes while nothing changes.
func (m *measured) steady(ctx context.Context) error {
	before, err := m.writes(ctx)
	if err != nil {
		return err
	}
	if err := wait.Sleep(ctx, steadyFor); err != nil {
		return err
	}
	after, err := m.writes(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("FIGURE name=api_writes_steady%s value=%g unit=writes seconds=%g\n", m.suffix, after-before, steadyFor.Seconds())
	return nil
}

// memory is what each device adds to the resident memory of the operator.
func (m *measured) memory(context.Context) error {
	resident, err := m.operator.resident()
	if err != nil {
		return err
	}
	fmt.Printf("FIGURE name=operator_memory_per_device%s value=%.3g unit=KiB resident=%.3gMB without_devices=%.3gMB\n",
		m.suffix, (resident-m.bare)/float64(m.n())/1024, resident/megabyte, m.bare/megabyte)
	return nil
}

// restarts measures how long an operator that has just become the leader needs to count right. While there is none, one device
// of a hundred begins to fail: what stands in the status is wrong until all were heard. A new
// leader sends no contents, writes each device once and hears each once, which is what the floor does.
func (m *measured) restarts(ctx context.Context, floor series) error {
	failing := m.fleet.Devices()[:max(1, m.n()/100)]
	var d fleet.Deployment
	if err := m.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "web"}, &d); err != nil {
		return fmt.Errorf("read the Deployment: %w", err)
	}
	digest := d.Status.Release.Digest
	var took series
	var used usage
	for range m.rounds {
		if err := m.operator.stop(); err != nil {
			return err
		}
		for _, d := range failing {
			d.Behave(sim.Behaviour{Fail: "bench"})
		}
		var leads time.Time
		var err error
		if m.operator, leads, err = m.operate(ctx); err != nil {
			return err
		}
		start, err := m.used()
		if err != nil {
			return err
		}
		at, err := m.counted(ctx, digest, m.n()-len(failing), len(failing))
		if err != nil {
			return err
		}
		end, err := m.used()
		if err != nil {
			return err
		}
		took, used = append(took, at.Sub(leads).Seconds()), used.plus(end.minus(start))
		for _, d := range failing {
			d.Behave(sim.Behaviour{})
		}
		if _, err := m.counted(ctx, digest, m.n(), 0); err != nil {
			return err
		}
		if err := wait.Sleep(ctx, quiet); err != nil {
			return err
		}
	}
	took.printAgainst("operator_restart"+m.suffix, "s", "bare_nats", floor)
	used.print("operator_restart_processor"+m.suffix, m.rounds)
	return nil
}

// agent is what a real agent needs in this fleet that has brought up its workloads, and idles.
func (m *measured) agent(ctx context.Context) (err error) {
	shop, err := m.workshop(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shop.close(ctx)) }()
	d := &fleet.Device{ObjectMeta: metav1.ObjectMeta{Name: agentID, Labels: map[string]string{label: agentID}}, Spec: fleet.DeviceSpec{Fleet: namespace}}
	if err := m.make(ctx, d); err != nil {
		return err
	}
	file := filepath.Join(m.dir, "agent.toml")
	text := fmt.Sprintf("device = %q\nruntime_enabled = true\n[runtime]\nstate_dir = %q\npodman_socket = %q\n[nats]\nurls = [%q]\n"+
		"[credentials]\ntype = \"user-pass\"\nuser = %q\npassword = %q\n[health]\nlisten = \"\"\n",
		agentID, filepath.Join(m.dir, "agent"+m.suffix), shop.podman.Socket, m.url(), agentID, password)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return fmt.Errorf("configure an agent: %w", err)
	}
	agent, err := start(ctx, filepath.Join(m.dir, "agent.log"), "bin/harmony-fleet-agent", "--config", file)
	if err != nil {
		return err
	}
	// One that is enrolled and silent is waited for by each operator that starts, and by a Deployment that is deleted.
	defer func() {
		ctx := context.WithoutCancel(ctx)
		err = errors.Join(err, m.drop(ctx), agent.stop(), m.client.Delete(ctx, d))
	}()
	if err := m.work(ctx); err != nil {
		return err
	}
	return m.idle(ctx, agent)
}

// idle prints what an agent needs whose workloads do not change.
func (m *measured) idle(ctx context.Context, agent *process) error {
	if err := wait.Sleep(ctx, settle); err != nil {
		return err
	}
	before, err := agent.processor()
	if err == nil {
		err = wait.Sleep(ctx, steadyFor)
	}
	if err != nil {
		return err
	}
	after, err := agent.processor()
	if err != nil {
		return err
	}
	resident, err := agent.resident()
	if err != nil {
		return err
	}
	fmt.Printf("FIGURE name=agent_idle_rss%s value=%.3g unit=MB workloads=%d\n", m.suffix, resident/megabyte, agentWorkloads)
	fmt.Printf("FIGURE name=agent_cpu%s value=%.3g unit=percent_of_a_core seconds=%g workloads=%d\n",
		m.suffix, 100*(after-before).Seconds()/steadyFor.Seconds(), steadyFor.Seconds(), agentWorkloads)
	return nil
}
