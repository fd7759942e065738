// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer"
	"nationtech.io/harmony/fleet/issuer/admin"
	"nationtech.io/harmony/fleet/issuer/issuertest"
	"nationtech.io/harmony/fleet/issuer/registry"
	"nationtech.io/harmony/secret"
)

func enrolWith(t *testing.T, i *issuertest.Issuer, name string, key assertion.Key) {
	t.Helper()
	public, err := registry.ParseKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Registry.Enrol(name, []contract.Role{contract.RoleDevice}, &public, time.Now()); err != nil {
		t.Fatal(err)
	}
}

func has(err error, code diag.Code) bool {
	var d *diag.Diagnostic
	return errors.As(err, &d) && d.Code == code
}

func administrated(t *testing.T) (*issuertest.Issuer, admin.Client, *log) {
	t.Helper()
	said := new(log)
	i := issuertest.Start(t, said)
	token := secret.Random()
	server := httptest.NewServer(i.Administration(token))
	t.Cleanup(server.Close)
	return i, admin.Client{URL: server.URL, Token: token, HTTP: admin.NewHTTP(new(http.Transport))}, said
}

func TestAnAdministratorEnrolsAndRevokes(t *testing.T) {
	i, a, said := administrated(t)
	key, _, err := assertion.New()
	if err != nil {
		t.Fatal(err)
	}
	m, err := a.Enrol(t.Context(), "press-07", admin.Enrolment{Roles: []contract.Role{contract.RoleDevice}, Key: string(key.Public())})
	if err != nil || len(m.Keys) != 1 || m.Keys[0] != key.ID || !m.Revoked.IsZero() {
		t.Fatalf("%v: %+v", err, m)
	}
	i.Token("press-07", key)
	if err := a.Revoke(t.Context(), "press-07"); err != nil {
		t.Fatal(err)
	}
	if answer := i.Ask(i.Assertion("press-07", key)); answer.Token != "" {
		t.Error("a revoked device got a token")
	}
	if err := a.Retire(t.Context(), "press-07", key.ID); err != nil {
		t.Error(err)
	}
	if err := a.SetPerson(t.Context(), "ann", []contract.Role{contract.RoleReader}, secret.New(password)); err != nil {
		t.Error(err)
	}
	l, err := a.List(t.Context())
	if err != nil || len(l.Machines) != 1 || l.Machines[0].Revoked.IsZero() || len(l.People) != 1 || l.People[0].Name != "ann" {
		t.Errorf("%v: %+v", err, l)
	}
	if err := a.RemovePerson(t.Context(), "ann"); err != nil {
		t.Error(err)
	}
	if err := a.Rotate(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := a.Enrol(t.Context(), "control", admin.Enrolment{Roles: []contract.Role{contract.RoleOperator}}); err != nil {
		t.Fatal(err)
	}
	made, err := a.NewSecret(t.Context(), "control")
	if m, _, failed := i.Registry.Machine("control"); err != nil || failed != nil || !m.HasSecret(made.Reveal()) || m.HasSecret("") {
		t.Errorf("%v, %v: %+v", err, failed, m)
	}
	for what, hidden := range map[string]string{"the token": a.Token.Reveal(), "a password": password, "a secret": made.Reveal()} {
		if strings.Contains(said.String(), hidden) {
			t.Errorf("the log shows %s", what)
		}
	}
	for _, event := range []string{"enrol", "revoke", "retire key", "set person", "remove person", "new secret"} {
		if !strings.Contains(said.String(), `"what":"`+event+`"`) {
			t.Errorf("the audit does not tell of %s", event)
		}
	}
}

func TestWhatAnAdministratorIsRefused(t *testing.T) {
	_, a, _ := administrated(t)
	if _, err := a.Enrol(t.Context(), "Press", admin.Enrolment{Roles: []contract.Role{contract.RoleDevice}}); !has(err, diag.IssuerRefuses) ||
		!strings.Contains(err.Error(), string(diag.EnrolmentRefused)) {
		t.Error(err)
	}
	for range 8 {
		stranger := a
		stranger.Token = secret.New("guess")
		if _, err := stranger.List(t.Context()); !has(err, diag.IssuerRefuses) {
			t.Fatalf("a stranger was let in: %v", err)
		}
	}
	if _, err := a.List(t.Context()); err == nil || !strings.Contains(err.Error(), "too many failures") {
		t.Errorf("guessing goes on: %v", err)
	}
}

func TestABackupComesWhole(t *testing.T) {
	i, a, _ := administrated(t)
	i.Enrol("press-07", contract.RoleDevice)
	var data bytes.Buffer
	if err := a.Backup(t.Context(), &data); err != nil || data.Len() == 0 {
		t.Fatalf("%d bytes, %v", data.Len(), err)
	}
	if !bytes.Contains(data.Bytes(), []byte("press-07")) {
		t.Error("the device is not in it")
	}
}

// fleetOf is a fleet with that control plane, or one that it is not known of.
type fleetOf struct{ plane contract.PlaneID }

func (f fleetOf) Plane(ctx context.Context) (contract.PlaneID, error) {
	if f.plane.IsZero() {
		<-ctx.Done()
	}
	return f.plane, ctx.Err()
}

func (fleetOf) Follow(ctx context.Context, _ contract.PlaneID) error {
	<-ctx.Done()
	return nil
}

func TestConfigurationsThatCannotRun(t *testing.T) {
	good := issuer.Service{
		Fleet: fleetOf{}, Config: issuer.Config{URL: "http://127.0.0.1:1", Log: slog.New(slog.NewTextHandler(io.Discard, nil))},
		Registry: filepath.Join(t.TempDir(), "registry"), Listen: "127.0.0.1:0", AdminListen: "127.0.0.1:0", AdminToken: secret.Random(),
	}
	for name, change := range map[string]func(*issuer.Service){
		"no token":                            func(s *issuer.Service) { s.AdminToken = secret.Value{} },
		"no address":                          func(s *issuer.Service) { s.URL = "issuer.example" },
		"an address with a path":              func(s *issuer.Service) { s.URL = "https://issuer.example/a" },
		"administrators heard from elsewhere": func(s *issuer.Service) { s.AdminListen = "0.0.0.0:0" },
		"a certificate that is not there":     func(s *issuer.Service) { s.Certificate = issuer.Certificate{CertFile: "no", KeyFile: "no"} },
		"a port that is taken":                func(s *issuer.Service) { s.Listen = "127.0.0.1:999999" },
	} {
		s := good
		change(&s)
		if err := s.Serve(t.Context()); !has(err, diag.IssuerUnusable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	good.Registry = t.TempDir()
	if err := good.Serve(t.Context()); !has(err, diag.RegistryUnusable) {
		t.Errorf("a folder: %v", err)
	}
}
