// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/folder"
	"nationtech.io/harmony/fleet/agent/join"
	"nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/admin"
	"nationtech.io/harmony/secret"
)

// makes makes a token, and gives its text.
func makes(t *testing.T, s *session, token admin.JoinToken) string {
	t.Helper()
	approve := byHand
	if token.Automatic {
		approve = automatically
	}
	if err := checkToken(&token, approve); err != nil {
		t.Fatal(err)
	}
	token.Until = time.Now().Add(time.Hour)
	var out, say bytes.Buffer
	if err := s.makeToken(t.Context(), token, &out, &say); err != nil {
		t.Fatal(err)
	}
	text := strings.TrimSpace(out.String())
	if text == "" || strings.Contains(say.String(), text) || !strings.Contains(say.String(), "harmony-fleet-agent join --token TOKEN --issuer ") {
		t.Errorf("%s", &say)
	}
	return text
}

// joins asks as a device does, until it is answered or told that it must wait, and gives what comes of it.
func joins(t *testing.T, s *session, name, token, dir string) error {
	t.Helper()
	way, err := s.entrance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id, err := contract.ParseDeviceID(name)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cut := context.WithCancel(t.Context())
	defer cut()
	return join.Joining{
		Device: id, Issuer: way.issuer, Token: secret.New(token), Folder: folder.Folder{Dir: dir, At: dir},
		Facts: contract.JoinFacts{Hostname: name, OS: "linux", Arch: "arm64"},
		Say: func(line string) {
			if strings.HasPrefix(line, "waiting: ") {
				cut()
			}
		},
	}.Run(ctx)
}

func TestADeviceThatAsksIsListedAndApproved(t *testing.T) {
	s, _ := admitting(t)
	token := makes(t, s, admin.JoinToken{Left: 2, Labels: map[string]string{"site": "lyon"}})
	dir := t.TempDir()
	is(t, joins(t, s, "press-07", token, dir), diag.JoinUnfinished, "nobody has approved")
	issuer, err := s.issuer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := issuer.Joins(t.Context())
	if err != nil || len(list) != 1 || list[0].Taken {
		t.Fatalf("%v: %+v", err, list)
	}
	row := strings.Join(joinRows(list, time.Now())[1], " ")
	for _, want := range []string{"press-07 pending", "linux/arm64", "site=lyon", list[0].Key} {
		if !strings.Contains(row, want) {
			t.Errorf("the list does not show %q: %s", want, row)
		}
	}
	_, err = meant(t.Context(), issuer, answering{name: "press-08"})
	is(t, err, diag.NobodyJoins, "waits for an approval")
	_, err = meant(t.Context(), issuer, answering{name: "press-07", fingerprint: "another"})
	is(t, err, diag.NobodyJoins, "has asked with the key another")
	j, err := meant(t.Context(), issuer, answering{name: "press-07"})
	if err != nil {
		t.Fatal(err)
	}
	// Twice, as of somebody who was cut off: it is the same.
	for range 2 {
		if err := s.approve(t.Context(), issuer, j, answering{labels: map[string]string{"line": "2"}}, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	if d := device(t, s, "press-07"); d.Labels["site"] != "lyon" || d.Labels["line"] != "2" || d.Spec.Fleet != "fleet" {
		t.Errorf("%+v", d)
	}
	if err := joins(t, s, "press-07", token, dir); err != nil {
		t.Fatal(err)
	}
	if c, err := os.ReadFile(filepath.Join(dir, folder.ConfigFile)); err != nil || !strings.Contains(string(c), "tls://nats-0.example.com:4222") {
		t.Errorf("%v:\n%s", err, c)
	}
	// Another asks for the same name: it is not its, until somebody says so.
	other := t.TempDir()
	is(t, joins(t, s, "press-07", token, other), diag.JoinUnfinished, "nobody has approved")
	if j, err = meant(t.Context(), issuer, answering{name: "press-07"}); err != nil || !j.Taken {
		t.Fatalf("%v: %+v", err, j)
	}
	is(t, s.approve(t.Context(), issuer, j, answering{}, io.Discard), diag.NameTaken, "by another key")
	is(t, issuer.Approve(t.Context(), "press-07", admin.Approval{Key: j.Key}), diag.IssuerRefuses, string(diag.NameTaken))
	if err := s.approve(t.Context(), issuer, j, answering{replace: true}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := joins(t, s, "press-07", token, other); err != nil {
		t.Error(err)
	}
}

func TestADeviceOfKubernetesAloneIsNotTakenOverEither(t *testing.T) {
	s, _ := admitting(t)
	token := makes(t, s, admin.JoinToken{})
	if _, err := s.register(t.Context(), "press-07", nil, ""); err != nil {
		t.Fatal(err)
	}
	is(t, joins(t, s, "press-07", token, t.TempDir()), diag.JoinUnfinished, "nobody has approved")
	issuer, err := s.issuer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	j, err := meant(t.Context(), issuer, answering{name: "press-07"})
	if err != nil {
		t.Fatal(err)
	}
	is(t, s.approve(t.Context(), issuer, j, answering{}, io.Discard), diag.NameTaken, "not made for this key")
	if taken := device(t, s, "press-07").Annotations[v1alpha1.KeysTaken]; taken != "" {
		t.Errorf("keys were taken from it at %s", taken)
	}
	if err := s.approve(t.Context(), issuer, j, answering{replace: true}, io.Discard); err != nil {
		t.Error(err)
	}
	if device(t, s, "press-07").Annotations[v1alpha1.KeysTaken] == "" {
		t.Error("nobody says that keys were taken from it")
	}
}

func TestWhoAsksForOneNameTogetherIsToldApartByTheirFingerprints(t *testing.T) {
	s, _ := admitting(t)
	token := makes(t, s, admin.JoinToken{Left: 2})
	for range 2 {
		is(t, joins(t, s, "press-07", token, t.TempDir()), diag.JoinUnfinished, "nobody has approved")
	}
	issuer, err := s.issuer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = meant(t.Context(), issuer, answering{name: "press-07"})
	is(t, err, diag.NobodyJoins, "2 devices ask for that name")
	list, err := issuer.Joins(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if j, err := meant(t.Context(), issuer, answering{name: "press-07", fingerprint: list[1].Key}); err != nil || j.Key != list[1].Key {
		t.Errorf("%v: %+v", err, j)
	}
}

func TestATokenThatLetsDevicesInByItselfMakesThemFirst(t *testing.T) {
	s, i := admitting(t)
	token := makes(t, s, admin.JoinToken{Automatic: true, Devices: []string{"press-07", "press-08"}, Labels: map[string]string{"site": "lyon"}})
	for _, name := range []string{"press-07", "press-08"} {
		if d := device(t, s, name); d.Labels["site"] != "lyon" {
			t.Errorf("%+v", d)
		}
		if err := joins(t, s, name, token, t.TempDir()); err != nil {
			t.Error(err)
		}
	}
	is(t, joins(t, s, "press-09", token, t.TempDir()), diag.JoinRefused, "as many devices as the token is for")
	err := s.makeToken(t.Context(), admin.JoinToken{Automatic: true, Devices: []string{"press-07"}, Left: 1, Until: time.Now().Add(time.Hour)}, io.Discard, io.Discard)
	is(t, err, diag.NameTaken, "the issuer knows it")
	list, err := i.Registry.JoinTokens()
	if err != nil || len(list) != 1 || list[0].Left != 0 || strings.Contains(list[0].ID, token) {
		t.Errorf("%v: %+v", err, list)
	}
}

// The issuer may be one that was made anew, and know nobody.
func TestATokenThatLetsDevicesInByItselfTakesNoDeviceFromItsKey(t *testing.T) {
	s, i := admitting(t)
	if _, err := s.register(t.Context(), "press-08", nil, "a-key"); err != nil {
		t.Fatal(err)
	}
	of := admin.JoinToken{Automatic: true, Devices: []string{"press-07", "press-08"}, Left: 2, Until: time.Now().Add(time.Hour)}
	is(t, s.makeToken(t.Context(), of, io.Discard, io.Discard), diag.NameTaken, "made for the key a-key")
	if list, err := i.Registry.JoinTokens(); err != nil || len(list) > 0 {
		t.Errorf("%v: %+v", err, list)
	}
	if d, err := s.registered(t.Context(), "press-07"); err != nil || d != nil {
		t.Errorf("%v: %+v", err, d)
	}
}

func TestTokensThatCannotBe(t *testing.T) {
	for want, c := range map[string]struct {
		token   admin.JoinToken
		approve string
	}{
		"must be named":                {admin.JoinToken{Automatic: true}, automatically},
		"is not known":                 {admin.JoinToken{}, "never"},
		"2 devices are named":          {admin.JoinToken{Devices: []string{"a", "b"}, Left: 3}, byHand},
		"mill-1 does not begin with":   {admin.JoinToken{Devices: []string{"mill-1"}, Prefix: "press-"}, byHand},
		`"Press" is no device id: 1 t`: {admin.JoinToken{Devices: []string{"Press"}}, byHand},
	} {
		err := checkToken(&c.token, c.approve)
		var d *diag.Diagnostic
		if !errors.As(err, &d) || !slices.Contains([]diag.Code{diag.BadFlag, diag.UnknownCommand}, d.Code) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
	}
	if _, err := labelled([]string{"site"}); err == nil {
		t.Error("a label without a value is taken")
	}
}
