// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"errors"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/secret"
)

// SmokeTest enrols a device, and connects to NATS as a device does: with a token of the provider. It may hear what is for it
// and nothing else, and who shows something else than a token is refused. One smoke test at a time is that device.
func (s Callout) SmokeTest(ctx context.Context, on CalloutPlace) error {
	return on.Kubernetes().Alone(ctx, s.probeInventory(), func(ctx context.Context) error { return s.lets(ctx, on.Kubernetes()) })
}

func (s Callout) lets(ctx context.Context, on kube.Cluster) error {
	start, id := time.Now(), calloutProbe(s.Namespace)
	_, err := on.Apply(ctx, s.probeInventory(), kube.WithReadiness(&fleet.Device{
		TypeMeta:   metav1.TypeMeta{APIVersion: fleet.GroupVersion.String(), Kind: "Device"},
		ObjectMeta: metav1.ObjectMeta{Name: id.String(), Labels: map[string]string{fleet.ProbeLabel: "callout"}}, Spec: fleet.DeviceSpec{Fleet: s.Namespace},
	}, exists))
	if err == nil {
		err = s.admits(ctx, on, id)
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeLimit)
	defer cancel()
	if _, removed := on.Remove(after, s.probeInventory(), harmony.Removal{Purge: true}); err == nil {
		err = removed
	}
	if err == nil {
		event.Emit(ctx, event.Fact{Text: "a device was let in by its token, to its own subjects alone, in " + event.Human(time.Since(start))})
	}
	return err
}

// exists is all that is asked of a device which nobody waits for.
func exists(kube.Object) kube.Readiness { return kube.Readiness{Ready: true} }

func (s Callout) probeInventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name() + "-probe"}
}

// admits asks until a device is let in. The device was made a moment ago, and who stood before may still be going.
func (s Callout) admits(ctx context.Context, on kube.Cluster, id contract.DeviceID) error {
	err := again(ctx, "NATS to let a device in", func(ctx context.Context) error { return s.admitted(ctx, on, id) })
	if errors.Is(err, natsgo.ErrAuthorization) {
		return diag.New(diag.DeviceUnknown, "device "+id.String()).Because(err).
			Saw("NATS does not let a device in that shows a token which the provider gave to it").
			Try("read why: kubectl --namespace " + s.Namespace + " logs deployment/" + calloutName)
	}
	return err
}

// admitted connects with a token, and then with what is none.
func (s Callout) admitted(ctx context.Context, on kube.Cluster, id contract.DeviceID) error {
	token, err := shows(ctx, on, s.Identity, s.Namespace, id)
	if err != nil {
		return err
	}
	conn, err := messaging.ConnectToken(ctx, on, s.NATS.Login(""), contract.ConnectionName(id), token)
	if err != nil {
		return err
	}
	defer conn.Close()
	other := contract.NewRequestID().String()
	if err := hears(ctx, conn, "fleet.desired."+id.String(), true); err != nil {
		return diag.New(diag.WrongAnswer, "Service/"+s.NATS.Service().Name).Saw(err.Error())
	}
	if err := hears(ctx, conn, "fleet.desired."+other, false); err != nil {
		return diag.New(diag.WrongAnswer, "Service/"+s.NATS.Service().Name).Saw(err.Error())
	}
	if conn, err := messaging.ConnectToken(ctx, on, s.NATS.Login(""), contract.ConnectionName(id), secret.Random()); !errors.Is(err, natsgo.ErrAuthorization) {
		if err == nil {
			conn.Close()
			return diag.New(diag.WrongAnswer, "Service/"+s.NATS.Service().Name).Saw("NATS lets someone in who shows what is no token")
		}
		return err
	}
	return nil
}

// rightError says that a right is not as it must be.
type rightError struct {
	subject string
	has     bool
}

func (e *rightError) Error() string {
	if e.has {
		return "the device hears " + e.subject + ", which is not for it"
	}
	return "the device does not hear " + e.subject + ", which is for it"
}

// hears asks whether a connection may subscribe. A server refuses before it answers the ping that follows.
func hears(ctx context.Context, conn *natsgo.Conn, subject string, want bool) error {
	if _, err := conn.SubscribeSync(subject); err != nil {
		return fmt.Errorf("subscribe to %s: %w", subject, err)
	}
	if err := conn.FlushWithContext(ctx); err != nil {
		return fmt.Errorf("subscribe to %s: %w", subject, err)
	}
	has := conn.LastError() == nil
	if has != want {
		return &rightError{subject, has}
	}
	return nil
}
