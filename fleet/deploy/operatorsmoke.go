// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	natsgo "github.com/nats-io/nats.go"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	fleetprobe "nationtech.io/harmony/fleet/probe"
)

// probeLimit bounds how long a Deployment takes to reach the probe, which takes a second or two, and to be removed.
const probeLimit = time.Minute

// probeDevice is the device that smoke tests of a fleet are. Devices have one name in the whole cluster.
func probeDevice(namespace string) contract.DeviceID {
	sum := sha256.Sum256([]byte(namespace))
	id, _ := contract.ParseDeviceID("harmony-probe-" + hex.EncodeToString(sum[:6])) // of such letters alone
	return id
}

// SmokeTest enrols a probe under a label that is reserved for that, sends it a Deployment, and takes both away again: by the
// way that every Deployment takes. The probe must get the content of this very run. One smoke test at a time is the probe.
func (s Operator) SmokeTest(ctx context.Context, on OperatorPlace) error {
	return on.Kubernetes().Alone(ctx, s.probeInventory(""), func(ctx context.Context) error { return s.probed(ctx, on.Kubernetes()) })
}

// probed connects as the probe, again as long as NATS is not there or goes away meanwhile.
func (s Operator) probed(ctx context.Context, on kube.Cluster) error {
	var found error
	err := again(ctx, "NATS to let the probe in", func(ctx context.Context) error {
		conn, err := messaging.Connect(ctx, on, s.NATS.Login(s.NATS.Device(probeDevice(s.Namespace)).User))
		if err != nil {
			return err
		}
		defer conn.Close()
		ctx, gone := context.WithCancel(ctx)
		defer gone()
		conn.SetClosedHandler(func(*natsgo.Conn) { gone() })
		found = s.told(ctx, on, conn)
		if conn.IsClosed() {
			return found
		}
		return nil
	})
	if err != nil {
		return err
	}
	return found
}

// told lets a Deployment reach the probe.
func (s Operator) told(ctx context.Context, on kube.Cluster, conn *natsgo.Conn) error {
	start, nonce := time.Now(), contract.NewRequestID().String()
	p := fleetprobe.New(conn, probeDevice(s.Namespace))
	if err := p.Listen(); err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	go p.Run(running)
	err := s.reaches(ctx, on, p, nonce)
	// What was made goes, also when the time of the smoke test itself is over.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeLimit)
	defer cancel()
	for _, inventory := range []kube.Inventory{s.probeInventory("-deployment"), s.probeInventory("-device")} {
		if _, removed := on.Remove(after, inventory, harmony.Removal{Purge: true}); removed != nil && err == nil {
			err = s.unreached(p, removed)
		}
	}
	if err == nil && !p.Removed() {
		err = s.unreached(p, nil)
	}
	if err == nil {
		event.Emit(ctx, event.Fact{Text: "a Deployment reached a device and was removed from it in " + event.Human(time.Since(start))})
	}
	return err
}

func (s Operator) reaches(ctx context.Context, on kube.Cluster, p *fleetprobe.Device, nonce string) error {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	labels := map[string]string{fleet.ProbeLabel: nonce}
	_, err := on.Apply(ctx, s.probeInventory("-device"), reported(&fleet.Device{
		TypeMeta:   metav1.TypeMeta{APIVersion: fleet.GroupVersion.String(), Kind: "Device"},
		ObjectMeta: metav1.ObjectMeta{Name: probeDevice(s.Namespace).String(), Labels: labels}, Spec: fleet.DeviceSpec{Fleet: s.Namespace},
	}))
	if err != nil {
		return s.unreached(p, err)
	}
	content, err := json.Marshal(contract.Podman{Services: []contract.Container{{Name: "probe", Image: "registry.invalid/probe:" + nonce}}})
	if err != nil {
		return fmt.Errorf("encode the content of a probe: %w", err)
	}
	_, err = on.Apply(ctx, s.probeInventory("-deployment"), reported(&fleet.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: fleet.GroupVersion.String(), Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: "harmony-probe"},
		Spec: fleet.DeploymentSpec{
			TargetSelector: metav1.LabelSelector{MatchLabels: labels},
			Score:          fleet.Score{Type: contract.PodmanType, Data: runtime.RawExtension{Raw: content}},
		},
	}))
	if err != nil {
		return s.unreached(p, err)
	}
	if got := p.Content(); !strings.Contains(got, nonce) {
		return s.unreached(p, nil).Saw("it was given the content " + got)
	}
	return nil
}

func (s Operator) probeInventory(of string) kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name() + "-probe" + of}
}

// unreached says how far a Deployment came on its way to the probe.
func (s Operator) unreached(p *fleetprobe.Device, because error) *diag.Diagnostic {
	found := diag.New(diag.DeploymentUnreached, "device "+probeDevice(s.Namespace).String()).Saw(p.Story()).
		Try("look at the operator's log: kubectl --namespace "+s.Namespace+" logs deployment/harmony-fleet-operator",
			"look at the fleet: kubectl --namespace "+s.Namespace+" get fleetstate fleet --output yaml")
	if because != nil {
		found.Because(because)
	}
	return found
}
