// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/secret"
	"nationtech.io/harmony/wait"
)

// The probe stream forgets by itself: what smoke tests write stays for a minute.
const (
	probeStream  = "harmony-probe"
	probeSubject = "harmony.probe"
	probeAge     = time.Minute
	probeBytes   = 1 << 20
)

// askLimit bounds one round trip. Servers that have not agreed on a leader yet do not answer at all, and never come
// back to what they were asked then: it must be asked again.
const askLimit = 5 * time.Second

// SmokeTest publishes a message to a stream and reads it back, as a client would.
func (s Score) SmokeTest(ctx context.Context, on Place) error { return s.proof(ctx, on) }

// proof needs no more of a place than its cluster.
func (s Score) proof(ctx context.Context, on kube.Place) error {
	start := time.Now()
	err := wait.Until(ctx, "a message to be stored and read back", wait.Pace{}, func(ctx context.Context) (string, bool, error) {
		conn, err := messaging.Connect(ctx, on.Kubernetes(), s.Ref().Login(probeUser))
		if err != nil {
			return err.Error(), false, s.hopeless(err)
		}
		defer conn.Close()
		asking, cancel := context.WithTimeout(ctx, askLimit)
		defer cancel()
		if err := s.roundTrip(asking, conn); err != nil {
			return err.Error(), false, s.hopeless(err)
		}
		return "", true, nil
	})
	if err != nil {
		return s.unanswered(err)
	}
	event.Emit(ctx, event.Fact{Text: "published 1 message and read it back in " + event.Human(time.Since(start))})
	return nil
}

// hopeless gives back an error that asking again cannot change.
func (s Score) hopeless(err error) error {
	var d *diag.Diagnostic
	if errors.As(err, &d) && (d.Code == diag.NoService || d.Code == diag.WrongAnswer || d.Code == diag.Forbidden) {
		return err
	}
	return nil
}

// unanswered says of a smoke test that found nobody that nobody answered, and of one that found
// something else, or may not ask, what that was.
func (s Score) unanswered(err error) error {
	var d *diag.Diagnostic
	if errors.As(err, &d) && (d.Code == diag.WrongAnswer || d.Code == diag.Forbidden) {
		return err
	}
	return diag.New(diag.NobodyAnswered, "Service/"+s.Ref().Service().Name).
		Saw("no one answered on "+s.Ref().URL()).Because(err).
		Try("look at what stands: kubectl --namespace "+s.Namespace+" get pods,services --selector app.kubernetes.io/instance="+s.Name(),
			"deploy "+s.Name()+" again: it repairs what was deleted or edited")
}

func (s Score) roundTrip(ctx context.Context, conn *nats.Conn) error {
	js, err := jetstream.New(conn)
	if err != nil {
		return fmt.Errorf("JetStream: %w", err)
	}
	stream, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: probeStream, Subjects: []string{probeSubject}, Replicas: s.replicas(), Storage: jetstream.FileStorage,
		MaxAge: probeAge, MaxBytes: probeBytes, Discard: jetstream.DiscardOld,
	})
	if err != nil {
		return fmt.Errorf("make the stream %s: %w", probeStream, err)
	}
	sent := secret.Random().Reveal()
	ack, err := js.Publish(ctx, probeSubject, []byte(sent))
	if err != nil {
		return fmt.Errorf("publish to %s: %w", probeSubject, err)
	}
	got, err := stream.GetMsg(ctx, ack.Sequence)
	if err != nil {
		return fmt.Errorf("read message %d back: %w", ack.Sequence, err)
	}
	if string(got.Data) != sent {
		return diag.New(diag.WrongAnswer, "stream "+probeStream).
			Saw(fmt.Sprintf("wrote %d bytes as message %d and read %d other bytes back", len(sent), ack.Sequence, len(got.Data)))
	}
	return nil
}
