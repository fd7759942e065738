// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
)

// TestAuditLog follows a cluster that is asked for an audit log when it stands without one.
func TestAuditLog(t *testing.T) {
	const name = "lke2e-audit"
	u := newUser(t)
	before := snapshot(t, name, u.state)
	var gateway, path string
	step(u, name, "nothing is logged unasked, and one that runs is not started anew", func(t *testing.T) {
		up := u.run("up", "--name", name)
		gateway = up.Gateway
		r, code := u.try("up", "--name", name, "--audit")
		if code != 2 || r.Kind != "usage" || !strings.Contains(r.Message, "localkube stop --name "+name) {
			t.Errorf("code %d, %+v", code, r)
		}
		if now := u.run("status", "--name", name); now.State != "running" || now.Audit != "" || up.Audit != "" {
			t.Errorf("it has an audit log, or does not run: %+v", now)
		}
	})
	step(u, name, "one that was stopped logs from then on, and says where", func(t *testing.T) {
		u.run("stop", "--name", name)
		path = u.run("up", "--name", name, "--audit").Audit
		again, status := u.run("up", "--name", name), u.run("status", "--name", name)
		if path == "" || again.Audit != path || !again.Already || status.Audit != path {
			t.Errorf("up says %q, then %+v, status says %q", path, again, status.Audit)
		}
		if r := u.run("up", "--name", name, "--audit"); !r.Already {
			t.Errorf("asked for what it does already: %+v", r)
		}
	})
	step(u, name, "who asked for what, dry or not, and what came of it is logged once", func(t *testing.T) { assertLogged(t, u, name, path) })
	step(u, name, "down leaves nothing", func(t *testing.T) {
		u.run("down", "--name", name)
		assertNothingLeft(t, before, name, gateway, u)
	})
}

func assertLogged(t *testing.T, u *user, name, path string) {
	t.Helper()
	u.kubectl(name, "create", "configmap", "dry", "--namespace", "default", "--dry-run=server", "--from-literal=key=horse")
	u.kubectl(name, "create", "configmap", "wet", "--namespace", "default", "--from-literal=key=horse")
	u.kubectl(name, "get", "configmap", "wet", "--namespace", "default")
	if output, err := u.command(t.Context(), "kubectl", "--name", name, "delete", "configmap", "none", "--namespace", "default").CombinedOutput(); err == nil {
		t.Errorf("deleted what is not there: %s", output)
	}
	content, err := os.ReadFile(path)
	check(t, err)
	if bytes.Contains(content, []byte("horse")) {
		t.Error("what was in a request is in the log")
	}
	seen := map[string]int{}
	for line := range bytes.Lines(content) {
		var e struct {
			Stage, Verb, RequestURI string
			User                    struct{ Username string }
			ObjectRef               struct{ Resource, Namespace, Name string }
			ResponseStatus          struct{ Code int }
		}
		check(t, json.Unmarshal(line, &e))
		if e.Stage != "ResponseComplete" {
			t.Errorf("stage %s: %s", e.Stage, line)
		}
		if e.User.Username != "kubernetes-admin" || e.ObjectRef.Resource != "configmaps" || e.ObjectRef.Namespace != "default" {
			continue
		}
		asked, err := url.Parse(e.RequestURI)
		check(t, err)
		seen[fmt.Sprintf("%s %s %q %d", e.Verb, e.ObjectRef.Name, asked.Query().Get("dryRun"), e.ResponseStatus.Code)]++
	}
	for _, want := range []string{`create dry "All" 201`, `create wet "" 201`, `get wet "" 200`, `delete none "" 404`} {
		if seen[want] != 1 {
			t.Errorf("%q is logged %d times, of %v", want, seen[want], seen)
		}
	}
	info, err := os.Stat(path)
	check(t, err)
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("the log has mode %o, want 600", mode)
	}
}
