// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"nationtech.io/harmony/fleet/apiserver/apiservertest"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/admin"
	"nationtech.io/harmony/secret"
	"nationtech.io/harmony/wait"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"harmony-fleet-issuer": main})
}

// The stories run the real program on $LISTEN and $ADMIN, beside what $KUBECONFIG leads to.
func TestScripts(t *testing.T) {
	kubernetes := apiservertest.Start(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("KUBECONFIG", kubernetes.Kubeconfig)
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
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"healthy": func(ts *testscript.TestScript, _ bool, _ []string) { answers(ts, "/healthz") },
			"ready": func(ts *testscript.TestScript, not bool, _ []string) {
				if !not {
					answers(ts, "/readyz")
					return
				}
				answer, err := http.Get("http://" + ts.Getenv("LISTEN") + "/readyz")
				ts.Check(err)
				ts.Check(answer.Body.Close())
				if answer.StatusCode != http.StatusServiceUnavailable {
					ts.Fatalf("it answers %s", answer.Status)
				}
			},
			"fleet":  func(*testscript.TestScript, bool, []string) { kubernetes.Fleet(contract.NewPlaneID()) },
			"newkey": newKey, "putback": putBack,
		},
	})
}

// answers waits until the issuer answers well on a path.
func answers(ts *testscript.TestScript, path string) {
	ts.Check(wait.Until(context.Background(), "an issuer that answers on "+path, wait.Pace{Limit: 20 * time.Second}, func(context.Context) (string, bool, error) {
		answer, err := http.Get("http://" + ts.Getenv("LISTEN") + path)
		if err != nil {
			return err.Error(), false, nil
		}
		defer answer.Body.Close()
		return answer.Status, answer.StatusCode == http.StatusOK, nil
	}))
}

// putBack sends a backup to the issuer, as harmony-fleet does.
func putBack(ts *testscript.TestScript, _ bool, args []string) {
	token := secret.New(strings.TrimSpace(ts.ReadFile(args[1])))
	c := admin.Client{URL: "http://" + ts.Getenv("ADMIN"), Token: token, HTTP: admin.NewHTTP(new(http.Transport))}
	ts.Check(c.Restore(context.Background(), []byte(ts.ReadFile(args[0]))))
}

// newKey writes a public key into a file.
func newKey(ts *testscript.TestScript, _ bool, args []string) {
	key, _, err := assertion.New()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), key.Public(), 0o600))
}
