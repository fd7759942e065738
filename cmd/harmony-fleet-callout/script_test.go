// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/rogpeppe/go-internal/testscript"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/apiserver/apiservertest"
	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/wait"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"harmony-fleet-callout": main})
}

// The stories run the real program beside a real server at $NATS, a real issuer at $ISSUER, and what $KUBECONFIG leads to.
func TestScripts(t *testing.T) {
	w := callouttest.Start(t)
	key := w.Enrol("press-07")
	kubernetes := apiservertest.Start(t)
	kubernetes.Device("press-07", fleet.AccessAllowed)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			free, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			defer free.Close()
			for name, v := range map[string]string{"LISTEN": free.Addr().String(), "NATS": w.URL(), "ISSUER": w.Issuer.URL, "KUBECONFIG": kubernetes.Kubeconfig, "KEYS": w.SeedFile} {
				e.Setenv(name, v)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// connect connects as a device as soon as somebody answers for it.
			"connect": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Check(wait.Until(t.Context(), "a device that is let in", wait.Pace{Limit: 30 * time.Second}, func(context.Context) (string, bool, error) {
					_, err := w.DialAs("press-07", w.Issuer.Token("press-07", key), nats.Timeout(time.Second))
					return fmt.Sprint(err), err == nil, nil
				}))
			},
			// fleet makes the FleetState of the issuer's control plane.
			"fleet": func(*testscript.TestScript, bool, []string) { kubernetes.Fleet(w.Issuer.Plane) },
			// access says whether the device is let in.
			"access": func(_ *testscript.TestScript, _ bool, args []string) {
				kubernetes.Device("press-07", fleet.Access(args[0]))
			},
			// refused waits until the device is refused.
			"refused": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Check(wait.Until(t.Context(), "a device that is refused", wait.Pace{Limit: 30 * time.Second}, func(context.Context) (string, bool, error) {
					_, err := w.DialAs("press-07", w.Issuer.Token("press-07", key), nats.Timeout(time.Second))
					return fmt.Sprint(err), errors.Is(err, nats.ErrAuthorization), nil
				}))
			},
			"ready": ready, "metrics": metrics,
		},
	})
}

// ready says how the callout answers on that address, once it does.
func ready(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(wait.Until(context.Background(), "a callout that listens", wait.Pace{Limit: 30 * time.Second}, func(context.Context) (string, bool, error) {
		answer, err := http.Get("http://" + args[0] + "/readyz")
		if err != nil {
			return err.Error(), false, nil
		}
		defer answer.Body.Close()
		fmt.Fprintln(ts.Stdout(), answer.Status)
		return "", true, nil
	}))
}

// metrics says what Prometheus would be told.
func metrics(ts *testscript.TestScript, _ bool, args []string) {
	answer, err := http.Get("http://" + args[0] + "/metrics")
	ts.Check(err)
	defer answer.Body.Close()
	_, err = io.Copy(ts.Stdout(), answer.Body)
	ts.Check(err)
}
