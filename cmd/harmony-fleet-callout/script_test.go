// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/rogpeppe/go-internal/testscript"

	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"harmony-fleet-callout": main})
}

// The stories run the real program beside a real server at $NATS and a real issuer at $ISSUER.
func TestScripts(t *testing.T) {
	w := callouttest.Start(t)
	key := w.Issuer.Enrol("press-07", contract.RoleDevice)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			free, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			defer free.Close()
			for name, v := range map[string]string{"LISTEN": free.Addr().String(), "NATS": w.URL(), "ISSUER": w.Issuer.URL, "PLANE": w.Issuer.Plane.String(), "KEYS": w.SeedFile} {
				e.Setenv(name, v)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// connect connects as a device as soon as somebody answers for it.
			"connect": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Check(wait.Until(t.Context(), "a device that is let in", wait.Pace{Limit: 30 * time.Second}, func(context.Context) (string, bool, error) {
					_, err := w.Dial(nats.Token(w.Issuer.Token("press-07", key)), nats.Timeout(time.Second))
					return fmt.Sprint(err), err == nil, nil
				}))
			},
			// metrics says what Prometheus would be told.
			"metrics": func(ts *testscript.TestScript, _ bool, args []string) {
				answer, err := http.Get("http://" + args[0] + "/metrics")
				ts.Check(err)
				defer answer.Body.Close()
				_, err = io.Copy(ts.Stdout(), answer.Body)
				ts.Check(err)
			},
		},
	})
}
