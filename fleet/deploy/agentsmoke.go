// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	natsgo "github.com/nats-io/nats.go"
	corev1 "k8s.io/api/core/v1"

	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/fleet/command"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/secret"
	"nationtech.io/harmony/wait"
)

// pingLimit bounds one ping; a healthy agent answers in milliseconds.
const pingLimit = 2 * time.Second

// SmokeTest pings the device through NATS as the fleet does. The answer must echo this run's nonce and come
// from a Pod of this agent.
func (s AgentPod) SmokeTest(ctx context.Context, on AgentPlace) error {
	return s.answered(ctx, on, func(ctx context.Context) error { return s.ping(ctx, on) })
}

// answered pings until the answer is right. A wrong one may still come from the Pod that is being replaced, so it
// counts only when it was the last.
func (s AgentPod) answered(ctx context.Context, on AgentPlace, ping func(context.Context) error) error {
	var last error
	saw := "" // by an attempt that was not cut off
	err := wait.Until(ctx, s.Device.String()+" to answer a ping", wait.Pace{}, func(ctx context.Context) (string, bool, error) {
		err := ping(ctx)
		if err == nil {
			return "", true, nil
		}
		if ctx.Err() == nil || saw == "" {
			saw = err.Error()
		}
		if ctx.Err() == nil {
			last = err
		}
		return saw, false, hopeless(err)
	})
	var found *diag.Diagnostic
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return err
	case errors.As(last, &found) && (found.Code == diag.WrongAnswer || found.Code == diag.Forbidden):
		return last
	}
	return s.unanswered(ctx, on, err)
}

func (s AgentPod) ping(ctx context.Context, on AgentPlace) error {
	conn, err := messaging.Connect(ctx, on.Kubernetes(), s.NATS.Login(verifier))
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, pingLimit)
	defer cancel()
	start := time.Now()
	reply, err := command.Client{Conn: conn, Caller: "harmony-fleet-deploy"}.Ping(ctx, s.Device, secret.Random().Reveal())
	if err != nil {
		return err
	}
	took := time.Since(start)
	pods, err := on.Kubernetes().Pods(ctx, s.Namespace, s.labels())
	if err != nil {
		return err
	}
	var uids []string
	for _, pod := range pods {
		uids = append(uids, string(pod.UID))
	}
	return s.compare(ctx, reply, uids, took)
}

// compare asks that the answer comes from one of our Pods and not from another device of the same id.
func (s AgentPod) compare(ctx context.Context, reply contract.PingReply, uids []string, took time.Duration) error {
	if slices.Contains(uids, reply.PodUID) {
		event.Emit(ctx, event.Fact{Text: fmt.Sprintf("%s answered a ping in %s (Pod %.8s)", s.Device, event.Human(took), reply.PodUID)})
		return nil
	}
	return diag.New(diag.WrongAnswer, "device "+s.Device.String()).
		Saw(fmt.Sprintf("the answer came from Pod %q", reply.PodUID)).
		Saw("the Pods of " + s.Name() + " are: " + strings.Join(uids, ", ")).
		Note("someone else runs with this device's identity")
}

// unanswered says that nobody answered, and what stands instead.
func (s AgentPod) unanswered(ctx context.Context, on AgentPlace, err error) error {
	// The smoke test's own time may be over, so this takes a moment of its own.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pingLimit)
	defer cancel()
	if refused := s.refused(ctx, on); refused != nil {
		return refused
	}
	found := diag.New(diag.NobodyAnswered, "device "+s.Device.String()).
		Saw("no one answered a ping to " + s.Device.String()).Because(err)
	s.describePods(ctx, on, found)
	return found.Try("look at its log: kubectl --namespace "+s.Namespace+" logs deployment/"+s.Name(),
		"deploy "+s.Name()+" again: it repairs what was deleted or edited")
}

// refused logs in as the device, and tells when NATS does not let it.
func (s AgentPod) refused(ctx context.Context, on AgentPlace) error {
	if s.Identity != nil {
		return s.unknown(ctx, on)
	}
	conn, err := messaging.Connect(ctx, on.Kubernetes(), s.NATS.Login(s.NATS.Device(s.Device).User))
	if err == nil {
		conn.Close()
		return nil
	}
	if !errors.Is(err, natsgo.ErrAuthorization) {
		return nil
	}
	return diag.New(diag.DeviceUnknown, "device "+s.Device.String()).
		Saw("no one answered a ping to "+s.Device.String()).
		Saw("NATS refuses the device's user and password").Because(err).
		Try("make it known, with all other devices that are to stay known:",
			"harmony-fleet-deploy nats --topology NAME --device "+s.Device.String())
}

// unknown is as refused, of a device that shows a token.
func (s AgentPod) unknown(ctx context.Context, on AgentPlace) error {
	token, err := shows(ctx, on.Kubernetes(), s.Identity, s.Namespace, s.Device)
	if err != nil {
		return err
	}
	conn, err := messaging.ConnectToken(ctx, on.Kubernetes(), s.NATS.Login(""), contract.ConnectionName(s.Device), token)
	if err == nil {
		conn.Close()
		return nil
	}
	if !errors.Is(err, natsgo.ErrAuthorization) {
		return nil
	}
	return diag.New(diag.DeviceUnknown, "device "+s.Device.String()).Because(err).
		Saw("no one answered a ping to "+s.Device.String()).
		Saw("NATS does not let the device in with the token that its provider gives to it").
		Try("see whether it is enrolled: kubectl get fleetdev "+s.Device.String(),
			"read why it is refused: kubectl --namespace "+s.Namespace+" logs deployment/"+calloutName)
}

// describePods adds what stands in place of an answer.
func (s AgentPod) describePods(ctx context.Context, on AgentPlace, found *diag.Diagnostic) {
	pods, err := on.Kubernetes().Pods(ctx, s.Namespace, s.labels())
	switch {
	case err != nil:
		found.Saw("its Pods cannot be listed: " + err.Error())
	case len(pods) == 0:
		found.Saw("there is no Pod of " + s.Name())
	}
	for _, pod := range pods {
		found.Saw(fmt.Sprintf("Pod/%s is %s", pod.Name, podState(pod)))
	}
}

func podState(pod corev1.Pod) string {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
			return "ready, and silent: its process may hang, or it has no connection to NATS"
		}
	}
	return strings.ToLower(string(pod.Status.Phase)) + " and not ready"
}
