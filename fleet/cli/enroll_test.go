// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/clock"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/agent/folder"
	"nationtech.io/harmony/fleet/agent/minter"
	"nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/admin"
	"nationtech.io/harmony/fleet/issuer/issuertest"
	"nationtech.io/harmony/secret"
)

// admitting gives a session of a fleet that says where devices connect, with a real issuer.
func admitting(t *testing.T) (*session, *issuertest.Issuer) {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(v1alpha1.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	i := issuertest.Start(t, io.Discard)
	token := secret.Random()
	administration := httptest.NewServer(i.Administration(token))
	t.Cleanup(administration.Close)
	state := &v1alpha1.FleetState{ObjectMeta: metav1.ObjectMeta{Namespace: "fleet", Name: v1alpha1.FleetStateName, UID: types.UID(i.Plane.String())}}
	access := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: "fleet", Name: accessName},
		Data:       map[string]string{"nats-urls": "tls://nats-0.example.com:4222, tls://nats-1.example.com:4222", "issuer-url": i.URL, "ca.pem": "-----BEGIN CERTIFICATE-----\n"},
	}
	s := &session{options: options{fleet: "fleet"}, objects: fake.NewClientBuilder().WithScheme(scheme).WithObjects(state, access).Build()}
	s.issuer = func(context.Context) (admin.Client, error) {
		return admin.Client{URL: administration.URL, Token: token, HTTP: admin.NewHTTP(new(http.Transport))}, nil
	}
	return s, i
}

// enrols enrolls press-07 into a folder, and gives what was said.
func enrols(t *testing.T, s *session, dir string, change func(*enrolling)) (string, error) {
	t.Helper()
	id, err := contract.ParseDeviceID("press-07")
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	e := enrolling{
		device: id, labels: map[string]string{"site": "lyon"}, folder: folder.Folder{Dir: dir, At: folder.Installed},
		say: func(line string) { said.WriteString(line + "\n") },
	}
	if change != nil {
		change(&e)
	}
	if err := e.folder.Claim(e.device); err != nil {
		return said.String(), err
	}
	err = s.enroll(t.Context(), e)
	return said.String(), err
}

// installed is the configuration of a folder, as the agent reads it where the folder was copied to.
func installed(t *testing.T, dir string) config.Config {
	t.Helper()
	file := filepath.Join(dir, folder.ConfigFile)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	there := filepath.Join(t.TempDir(), "agent.toml")
	if err := os.WriteFile(there, bytes.ReplaceAll(text, []byte(folder.Installed), []byte(dir)), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(there)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return c
}

func device(t *testing.T, s *session, name string) *v1alpha1.Device {
	t.Helper()
	d, err := s.registered(t.Context(), name)
	if err != nil || d == nil {
		t.Fatalf("no Device %s: %v", name, err)
	}
	return d
}

func TestADeviceIsEnrolledAndGetsTokensWithWhatWasWritten(t *testing.T) {
	s, i := admitting(t)
	dir := filepath.Join(t.TempDir(), "press-07")
	said, err := enrols(t, s, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Device/press-07 made", "enrolled press-07 with the key ", "agent.toml: written", "harmony-fleet-agent install"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	if d := device(t, s, "press-07"); d.Spec.Fleet != "fleet" || d.Labels["site"] != "lyon" {
		t.Errorf("%+v", d)
	}
	c := installed(t, dir)
	if c.Device.String() != "press-07" || c.Plane != i.Plane || len(c.NATS.URLs) != 2 || c.NATS.CAFile == "" || !c.Runtime.Enabled {
		t.Errorf("%+v", c)
	}
	if _, err := minter.New(*c.Profile, clock.New(clock.Machine{}, time.Time{})).Token(t.Context()); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(filepath.Join(dir, folder.KeyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	// Again: the key stays, and so does all else.
	again, err := enrols(t, s, dir, nil)
	if err != nil || !strings.Contains(again, "left as it is") || strings.Contains(again, "written") || strings.Contains(again, "made") {
		t.Errorf("%v:\n%s", err, again)
	}
	if m, _, err := i.Registry.Machine("press-07"); err != nil || len(m.Keys) != 1 {
		t.Errorf("%v: %+v", err, m)
	}
	// Labels that others gave it stay; one that is given now is added.
	if _, err := s.register(t.Context(), "press-07", map[string]string{"line": "2"}, ""); err != nil {
		t.Fatal(err)
	}
	if d := device(t, s, "press-07"); d.Labels["site"] != "lyon" || d.Labels["line"] != "2" {
		t.Errorf("%v", d.Labels)
	}
}

func TestAnEnrolmentThatWasCutOffIsDoneAgain(t *testing.T) {
	s, i := admitting(t)
	dir := t.TempDir()
	reach := s.issuer
	s.issuer = func(ctx context.Context) (admin.Client, error) {
		c, err := reach(ctx)
		c.URL = "http://127.0.0.1:1"
		return c, err
	}
	_, err := enrols(t, s, dir, nil)
	is(t, err, diag.IssuerRefuses, "connection refused")
	device(t, s, "press-07")
	if _, err := os.Stat(filepath.Join(dir, folder.ConfigFile)); err == nil {
		t.Error("a configuration was written for a device that the issuer does not know")
	}
	s.issuer = reach
	said, err := enrols(t, s, dir, nil)
	if err != nil || !strings.Contains(said, "Device/press-07 left as it is") {
		t.Fatalf("%v:\n%s", err, said)
	}
	if m, _, err := i.Registry.Machine("press-07"); err != nil || len(m.Keys) != 1 {
		t.Errorf("%v: %+v", err, m)
	}
}

func TestWhatIsAnotherDevicesIsNotWrittenOver(t *testing.T) {
	s, _ := admitting(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, folder.ConfigFile), []byte("device = \"press-01\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := enrols(t, s, dir, nil)
	is(t, err, diag.FolderUnusable, `it holds the files of "press-01"`)
	other := &v1alpha1.Device{ObjectMeta: metav1.ObjectMeta{Name: "press-07"}, Spec: v1alpha1.DeviceSpec{Fleet: "elsewhere"}}
	if err := s.objects.Create(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	_, err = enrols(t, s, t.TempDir(), nil)
	is(t, err, diag.DeviceNotMade, "it belongs to fleet elsewhere")
	// A configuration that somebody has completed stays.
	s, _ = admitting(t)
	dir = t.TempDir()
	const own = "device = \"press-07\"\n# mine\n"
	if err := os.WriteFile(filepath.Join(dir, folder.ConfigFile), []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := enrols(t, s, dir, nil)
	text, read := os.ReadFile(filepath.Join(dir, folder.ConfigFile))
	if err != nil || read != nil || string(text) != own || !strings.Contains(said, "which is not what the fleet says") {
		t.Errorf("%v, %v:\n%s\n%s", err, read, said, text)
	}
}

func TestAPublicKeyIsEnoughAndAnotherKeyIsTakenAwayOnRequest(t *testing.T) {
	s, i := admitting(t)
	dir := t.TempDir()
	key, private, err := assertion.New()
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, text []byte) string {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	press, err := contract.ParseDeviceID("press-07")
	if err != nil {
		t.Fatal(err)
	}
	public, err := given(write("press-07.pub", key.Public()), press)
	if err != nil || string(public) != string(key.Public()) {
		t.Fatalf("%v: %s", err, public)
	}
	if _, err := enrols(t, s, dir, func(e *enrolling) { e.given = public }); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, folder.KeyFile)); err == nil {
		t.Error("a private key was written")
	}
	i.Token("press-07", key)
	_, err = given(write("press-07.pem", private), press)
	is(t, err, diag.BadFlag, `no PEM block "PUBLIC KEY"`)
	// A device that was made anew.
	said, err := enrols(t, s, t.TempDir(), nil)
	if err != nil || !strings.Contains(said, "it has the key "+key.ID+", too") {
		t.Fatalf("%v:\n%s", err, said)
	}
	if taken := device(t, s, "press-07").Annotations[v1alpha1.KeysTaken]; taken != "" {
		t.Errorf("keys were taken from it at %s", taken)
	}
	anew := t.TempDir()
	for before := ""; ; { // twice, as of somebody who was cut off after the keys were taken
		if _, err := enrols(t, s, anew, func(e *enrolling) { e.replace = true }); err != nil {
			t.Fatal(err)
		}
		taken := device(t, s, "press-07").Annotations[v1alpha1.KeysTaken]
		if _, err := time.Parse(time.RFC3339, taken); err != nil || taken == before {
			t.Errorf("keys were taken from it at %q: %v", taken, err)
		}
		if before != "" {
			break
		}
		before = taken
	}
	if m, _, err := i.Registry.Machine("press-07"); err != nil || len(m.Keys) != 1 || m.Keys[0].ID == key.ID {
		t.Errorf("%v: %+v", err, m)
	}
	_, err = enrols(t, s, anew, func(e *enrolling) { e.given = public })
	is(t, err, diag.FolderUnusable, "another than that of --key")
}

func TestAFleetThatDoesNotSayWhereDevicesConnect(t *testing.T) {
	for name, change := range map[string]func(*corev1.ConfigMap){
		"no key issuer-url": func(m *corev1.ConfigMap) { delete(m.Data, "issuer-url") },
		"nats has 1 to":     func(m *corev1.ConfigMap) { m.Data["nats-urls"] = " , " },
	} {
		s, _ := admitting(t)
		var m corev1.ConfigMap
		if err := s.objects.Get(t.Context(), types.NamespacedName{Namespace: "fleet", Name: accessName}, &m); err != nil {
			t.Fatal(err)
		}
		change(&m)
		if err := s.objects.Update(t.Context(), &m); err != nil {
			t.Fatal(err)
		}
		_, err := enrols(t, s, t.TempDir(), nil)
		is(t, err, diag.AccessUnknown, name)
	}
	s, _ := admitting(t)
	if err := s.objects.Delete(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "fleet", Name: accessName}}); err != nil {
		t.Fatal(err)
	}
	_, err := s.entrance(t.Context())
	is(t, err, diag.AccessUnknown, "there is no ConfigMap/harmony-fleet-access")
}

func TestAProviderMayHaveOtherAuthoritiesThanNATS(t *testing.T) {
	for others, hint := range map[string]string{"": "", "-----BEGIN CERTIFICATE-----\nof others\n": `{.data.issuer-ca\.pem}`} {
		s, _ := admitting(t)
		var m corev1.ConfigMap
		if err := s.objects.Get(t.Context(), types.NamespacedName{Namespace: "fleet", Name: accessName}, &m); err != nil {
			t.Fatal(err)
		}
		m.Data[issuerAuthoritiesKey] = others
		if err := s.objects.Update(t.Context(), &m); err != nil {
			t.Fatal(err)
		}
		way, err := s.entrance(t.Context())
		if err != nil || way.OfIssuer() != others || way.Authorities == "" {
			t.Errorf("%v: %+v", err, way)
		}
		var said strings.Builder
		if err := s.makeToken(t.Context(), admin.JoinToken{Left: 1, Until: time.Now().Add(time.Hour)}, io.Discard, &said); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(said.String(), hint) || strings.Contains(said.String(), "--ca-file") != (hint != "") {
			t.Errorf("with %q it says\n%s", others, &said)
		}
	}
}

func TestAnIssuerThatCannotBeReached(t *testing.T) {
	s := &session{options: options{fleet: "fleet"}}
	token := map[string]secret.Value{issuerTokenKey: secret.Random()}
	pod := func(name string, phase corev1.PodPhase) corev1.Pod {
		return corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.PodStatus{Phase: phase}}
	}
	going := pod("going", corev1.PodRunning)
	going.DeletionTimestamp = new(metav1.Now())
	_, err := s.issuerPod(nil, []corev1.Pod{pod("up", corev1.PodRunning)})
	is(t, err, diag.IssuerMissing, "no Secret/issuer-admin with a key token")
	_, err = s.issuerPod(token, nil)
	is(t, err, diag.IssuerMissing, "no Pod has the label")
	_, err = s.issuerPod(token, []corev1.Pod{pod("new", corev1.PodPending)})
	is(t, err, diag.IssuerMissing, "Pod/new is Pending")
	_, err = s.issuerPod(token, []corev1.Pod{going})
	is(t, err, diag.IssuerMissing, "being deleted")
	if name, err := s.issuerPod(token, []corev1.Pod{going, pod("up", corev1.PodRunning)}); err != nil || name != "up" {
		t.Errorf("%q, %v", name, err)
	}
}
