// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
)

func token(text string) registry.JoinToken {
	return registry.JoinToken{ID: registry.TokenID(text), Left: 2, Until: now.Add(time.Hour), Access: contract.Access{NATS: []string{"tls://nats.example:4222"}}}
}

func asked(t *testing.T, r *registry.Registry, device string, key *registry.Key) registry.Join {
	t.Helper()
	j, _, err := r.Ask(registry.Question{Device: device, Key: *key, Token: "a"}, now)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestTokensThatCannotBeMade(t *testing.T) {
	r, _ := open(t)
	for name, change := range map[string]func(*registry.JoinToken){
		"no id":                  func(j *registry.JoinToken) { j.ID = "a" },
		"for nobody":             func(j *registry.JoinToken) { j.Left = 0 },
		"for too many":           func(j *registry.JoinToken) { j.Left = registry.MaxJoins + 1 },
		"good no more":           func(j *registry.JoinToken) { j.Until = now },
		"good for too long":      func(j *registry.JoinToken) { j.Until = now.Add(registry.MaxJoinTime + time.Second) },
		"automatic for anybody":  func(j *registry.JoinToken) { j.Automatic = true },
		"a name that is none":    func(j *registry.JoinToken) { j.Devices = []string{"Press"} },
		"nowhere to connect":     func(j *registry.JoinToken) { j.Access.NATS = nil },
		"a password in one":      func(j *registry.JoinToken) { j.Access.NATS = []string{"tls://a:b@nats.example:4222"} },
		"an address of no NATS":  func(j *registry.JoinToken) { j.Access.NATS = []string{"https://nats.example"} },
		"an address with a line": func(j *registry.JoinToken) { j.Access.NATS = []string{"tls://a\n[runtime]"} },
	} {
		j := token("a")
		change(&j)
		if _, err := r.AddJoinToken(j, now); !has(err, diag.EnrolmentRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestQuestionsAndTokensAreForgotten(t *testing.T) {
	r, _ := open(t)
	if _, err := r.AddJoinToken(token("a"), now); err != nil {
		t.Fatal(err)
	}
	asked(t, r, "press-07", newKey(t))
	count := func() (int, int) {
		t.Helper()
		tokens, err := r.JoinTokens()
		if err != nil {
			t.Fatal(err)
		}
		joins, err := r.Joins()
		if err != nil {
			t.Fatal(err)
		}
		return len(tokens), len(joins)
	}
	for _, c := range []struct {
		after         time.Duration
		tokens, joins int
	}{{24 * time.Hour, 1, 1}, {26 * time.Hour, 0, 1}, {7 * 24 * time.Hour, 0, 1}, {8 * 24 * time.Hour, 0, 0}} {
		if err := r.ForgetJoins(now.Add(c.after)); err != nil {
			t.Fatal(err)
		}
		if tokens, joins := count(); tokens != c.tokens || joins != c.joins {
			t.Errorf("after %s: %d tokens and %d questions", c.after, tokens, joins)
		}
	}
}

func TestAMachineThatIsNoDeviceIsNotTakenOver(t *testing.T) {
	r, _ := open(t)
	if _, err := r.AddJoinToken(token("a"), now); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Enrol("control", []contract.Role{contract.RoleOperator}, newKey(t), now); err != nil {
		t.Fatal(err)
	}
	j := asked(t, r, "control", newKey(t))
	if _, err := r.Approve("control", j.Key.ID, true, now); !has(err, diag.EnrolmentRefused) || !strings.Contains(err.Error(), "is no device") {
		t.Error(err)
	}
}

func TestADeviceThatWasRevokedComesBackByAnApprovalAlone(t *testing.T) {
	r, _ := open(t)
	if _, err := r.AddJoinToken(token("a"), now); err != nil {
		t.Fatal(err)
	}
	old := newKey(t)
	if _, err := r.Enrol("press-07", device(), old, now); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Revoke("press-07", now); err != nil {
		t.Fatal(err)
	}
	j := asked(t, r, "press-07", newKey(t))
	if _, err := r.Approve("press-07", j.Key.ID, false, now); !has(err, diag.NameTaken) {
		t.Error(err)
	}
	if _, err := r.Approve("press-07", j.Key.ID, true, now); err != nil {
		t.Fatal(err)
	}
	if m, _, err := r.Machine("press-07"); err != nil || !m.Active() || len(m.Keys) != 1 || m.Keys[0].ID != j.Key.ID {
		t.Errorf("%v: %+v", err, m)
	}
	// With the key that was taken from it, it does not.
	j = asked(t, r, "press-07", old)
	if _, err := r.Approve("press-07", j.Key.ID, true, now); !has(err, diag.EnrolmentRefused) {
		t.Error(err)
	}
}

func TestAKeyThatAsksUnderTwoNamesIsRefused(t *testing.T) {
	r, _ := open(t)
	if _, err := r.AddJoinToken(token("a"), now); err != nil {
		t.Fatal(err)
	}
	key := newKey(t)
	asked(t, r, "press-07", key)
	if _, _, err := r.Ask(registry.Question{Device: "press-08", Key: *key, Token: "a"}, now); !has(err, diag.JoinRefused) || !strings.Contains(err.Error(), "as press-07") {
		t.Error(err)
	}
}

func TestKeysThatWereNeverUsedAreTakenWithTheOnesBefore(t *testing.T) {
	r, _ := open(t)
	first, second, third := newKey(t), newKey(t), newKey(t)
	if _, err := r.Enrol("press-07", device(), first, now); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Rotate("press-07", first.ID, *second); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Rotate("press-07", second.ID, *third); err != nil {
		t.Fatal(err)
	}
	m, err := r.Used("press-07", third.ID)
	if err != nil || len(m.Keys) != 1 || m.Keys[0].ID != third.ID || len(m.Retired) != 2 {
		t.Errorf("%v: %+v", err, m)
	}
	if _, err := r.Rotate("press-07", first.ID, *newKey(t)); !has(err, diag.EnrolmentRefused) {
		t.Errorf("a key that was taken away brings another: %v", err)
	}
	if _, err := r.Rotate("press-07", third.ID, *second); !has(err, diag.EnrolmentRefused) {
		t.Errorf("a key that was taken away comes back: %v", err)
	}
}
