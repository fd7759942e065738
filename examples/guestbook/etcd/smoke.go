// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package etcd

import (
	"context"
	"crypto/rand"
	"fmt"

	"example.com/guestbook/etcd/kv"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

// SmokeTest writes a value, reads it back and takes it away, as a client would.
func (s Score) SmokeTest(ctx context.Context, on Place) error {
	client := kv.Client{HTTP: kube.HTTP(on.Kubernetes(), s.Ref().Service()), URL: s.Ref().URL()}
	err := wait.Until(ctx, "a value to be written and read back", wait.Pace{}, func(ctx context.Context) (string, bool, error) {
		if err := roundTrip(ctx, client); err != nil {
			return err.Error(), false, nil // its Pod may be about to change
		}
		return "", true, nil
	})
	if err != nil {
		return diag.New(diag.NobodyAnswered, "Service/"+s.Name()).Because(err).
			Try("deploy " + s.Name() + " again: it repairs what was deleted or edited")
	}
	event.Emit(ctx, event.Fact{Text: "wrote a value and read it back"})
	return nil
}

func roundTrip(ctx context.Context, client kv.Client) error {
	key, value := "smoke-test/"+rand.Text(), rand.Text()
	if err := client.Put(ctx, key, []byte(value)); err != nil {
		return err
	}
	pairs, err := client.List(ctx, key)
	if err != nil {
		return err
	}
	if len(pairs) != 1 || string(pairs[0].Value) != value {
		return diag.New(diag.WrongAnswer).Saw(fmt.Sprintf("wrote %q to %s and read %v back", value, key, pairs))
	}
	return client.Delete(ctx, key)
}
