// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/identity"
	"nationtech.io/harmony/score/nats"
	"nationtech.io/harmony/score/zitadel"
	"nationtech.io/harmony/score/zitadelsetup"
	"nationtech.io/harmony/secret"
)

// site has what Setup has stored, and one Zitadel that answers; none when that is empty.
type site struct {
	kube.Cluster
	kept    map[string]map[string]secret.Value
	address string
}

func (s site) Secret(_ context.Context, _, name string) (map[string]secret.Value, error) {
	return s.kept[name], nil
}

func (s site) Dial(ctx context.Context, _ kube.Service) (net.Conn, error) {
	if s.address == "" {
		return nil, harmony.ErrAfterApply
	}
	return new(net.Dialer).DialContext(ctx, "tcp", s.address)
}

// zitadels is a Server whose devices Zitadel knows, and a place on which that has been set up.
func zitadels(t *testing.T) (Server, site) {
	t.Helper()
	s := identified(t)
	z := Zitadel{Namespace: "fleet", Zitadel: zitadel.Ref{Namespace: "zitadel", Name: "zitadel", Domain: "id.example.com"}, Devices: s.NATS.Devices, Authority: "pem"}
	s.Identity.Provider = z
	_, text, err := assertion.New()
	if err != nil {
		t.Fatal(err)
	}
	at, ref := site{kept: map[string]map[string]secret.Value{}}, z.Setup().Ref()
	at.kept[ref.FactsSecret()] = map[string]secret.Value{"project-id": secret.New("77")}
	for _, m := range z.Setup().Machines {
		at.kept[ref.MachineSecret(m.Name)] = map[string]secret.Value{zitadelsetup.KeyFile: secret.New(string(text)), zitadelsetup.KeyIDKey: secret.New("9")}
	}
	return s, at
}

func TestZitadelTakesThePlaceOfTheIssuer(t *testing.T) {
	s, at := zitadels(t)
	if names := len(s.Parts(nil)); names != 3 {
		t.Errorf("there are %d parts", names)
	}
	told, err := s.Provider().Facts(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	args := strings.Join(s.Callout().pod("image", told, trust{}).Containers[0].Args, " ")
	for _, want := range []string{
		"--issuer https://id.example.com", "--device-claim sub", "--roles-claim urn:zitadel:iam:org:project:77:roles", "--audience 77",
	} {
		if !strings.Contains(args, want) {
			t.Errorf("the callout is not told %q: %s", want, args)
		}
	}
	access := s.access(told, trust{nats: "pem"})
	for key, want := range map[string]string{
		"provider": "zitadel", "issuer-url": "https://id.example.com", "audience": "77", "scope": told.Scope, "enroller": "enroller-fleet",
		"enroller-secret": "zitadel-setup-machine-enroller-fleet",
	} {
		if access[key] != want {
			t.Errorf("who enrols devices is told %s %q, want %q", key, access[key], want)
		}
	}
	m, err := s.Provider().Machine(t.Context(), at, "demo-1")
	if err != nil {
		t.Fatal(err)
	}
	agent := AgentPod{Namespace: "fleet", Device: s.NATS.Devices[0], NATS: s.Stands().Ref(), Identity: s.Provider()}
	config, err := agent.config(profile{trust{provider: "pem"}, told, m})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"machine = 'demo-1'", "key_id = '9'", "issuer = 'https://id.example.com'", "urn:zitadel:iam:org:project:id:77:aud", "ca_file"} {
		if !strings.Contains(string(config), want) {
			t.Errorf("the agent is not told %q:\n%s", want, config)
		}
	}
	if objects := s.Callout().objects("image", nats.CalloutKeys{}, told, trust{}); len(objects) == 0 {
		t.Error("there is no callout")
	}
}

func TestSetupKnowsTheDevicesAndTheOneThatSmokeTestsAre(t *testing.T) {
	s, _ := zitadels(t)
	z, ok := s.Provider().(Zitadel)
	if !ok {
		t.Fatal("it is another provider")
	}
	z.Devices = append(z.Devices, z.Devices...)
	var names []string
	for _, m := range z.Setup().Machines {
		names = append(names, m.Name)
	}
	if want := []string{"demo-1", calloutProbe("fleet").String()}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	if identity.KeyFile != zitadelsetup.KeyFile {
		t.Error("a Secret of Setup has the key under another name than agents look for")
	}
}

func TestWhatZitadelHasNotGivenYetIsSaid(t *testing.T) {
	s, at := zitadels(t)
	clear(at.kept)
	if _, err := s.Provider().Facts(t.Context(), at); !errors.Is(err, harmony.ErrAfterApply) {
		t.Errorf("in a plan: %v", err)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	at.address = server.Listener.Addr().String()
	var d *diag.Diagnostic
	if _, err := s.Provider().Facts(t.Context(), at); !errors.As(err, &d) || d.Code != diag.ZitadelRefuses || !strings.Contains(strings.Join(d.Help, " "), "deploy zitadel-setup first") {
		t.Errorf("before it was set up: %v", err)
	}
	if _, err := s.Provider().Machine(t.Context(), at, "demo-1"); !errors.As(err, &d) || d.Code != diag.TokenNotGiven {
		t.Errorf("a machine without a key: %v", err)
	}
}

// What is at id.example.com answers over TLS; within the cluster Zitadel does not, and is told what it would have been.
func TestASmokeTestReachesZitadelBehindWhatEndsTLS(t *testing.T) {
	s, at := zitadels(t)
	var asserted, scope string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "id.example.com" || r.Header.Get("X-Forwarded-Proto") != "https" {
			http.Error(w, "Instance not found", http.StatusNotFound)
			return
		}
		if r.URL.Path == "/.well-known/openid-configuration" {
			_ = json.NewEncoder(w).Encode(map[string]string{"issuer": "https://id.example.com", "token_endpoint": "https://id.example.com/oauth/v2/token"})
			return
		}
		asserted, scope = r.FormValue("assertion"), r.FormValue("scope")
		_ = json.NewEncoder(w).Encode(map[string]string{"access_token": "given"})
	}))
	defer server.Close()
	at.address = server.Listener.Addr().String()
	token, err := shows(t.Context(), at, s.Provider(), "fleet", s.NATS.Devices[0])
	if err != nil || token.Reveal() != "given" {
		t.Fatalf("got %v, %v", token, err)
	}
	if asserted == "" || !strings.Contains(scope, "id:77:aud") {
		t.Errorf("it was asked with %q for %q", asserted, scope)
	}
}
