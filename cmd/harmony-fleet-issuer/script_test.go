// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/wait"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"harmony-fleet-issuer": main})
}

// The stories run the real program on $LISTEN and $ADMIN.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			for _, name := range []string{"LISTEN", "ADMIN"} {
				free, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					return err
				}
				e.Setenv(name, free.Addr().String())
				if err := free.Close(); err != nil {
					return err
				}
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"healthy": healthy, "newkey": newKey},
	})
}

// healthy waits until the issuer answers.
func healthy(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(wait.Until(context.Background(), "a healthy issuer", wait.Pace{Limit: 20 * time.Second}, func(context.Context) (string, bool, error) {
		answer, err := http.Get("http://" + ts.Getenv("LISTEN") + "/healthz")
		if err != nil {
			return err.Error(), false, nil
		}
		defer answer.Body.Close()
		return answer.Status, answer.StatusCode == http.StatusOK, nil
	}))
}

// newKey writes a public key into a file.
func newKey(ts *testscript.TestScript, _ bool, args []string) {
	key, _, err := assertion.New()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), key.Public(), 0o600))
}
