// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/identity"
	"nationtech.io/harmony/score/authority"
	"nationtech.io/harmony/score/nats"
	"nationtech.io/harmony/secret"
)

func identified(t *testing.T) Server {
	t.Helper()
	id, err := contract.ParseDeviceID("demo-1")
	if err != nil {
		t.Fatal(err)
	}
	return Server{NATS: NATS{Namespace: "fleet", Devices: []contract.DeviceID{id}}, Identity: &Identity{}}
}

// generating gives every key its own name as its value.
type generating struct{ kube.Applier }

func (generating) Generate(_ context.Context, _ kube.Inventory, name string, keys ...string) (map[string]secret.Value, harmony.Outcome, error) {
	all := map[string]secret.Value{}
	for _, key := range keys {
		all[key] = secret.New(name + "/" + key)
	}
	return all, harmony.Outcome{}, nil
}

// objects are those of issuer and callout.
func identityObjects(t *testing.T, s Server) []kube.Object {
	t.Helper()
	machines, _, err := s.Issuer().machines(t.Context(), generating{})
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := s.Issuer().objects("image", machines, authority.Pair{})
	if err != nil {
		t.Fatal(err)
	}
	return append(issuer, s.Callout().objects("image", nats.CalloutKeys{}, facts(t, s.Provider()), trust{nats: "a", provider: "b"})...)
}

func TestIssuerAndCalloutReadOneFleetStateAndDevicesAndNothingElse(t *testing.T) {
	for _, o := range identityObjects(t, identified(t)) {
		var rules []rbacv1.PolicyRule
		switch r := o.(type) {
		case *rbacv1.ClusterRole:
			rules = r.Rules
		case *rbacv1.Role:
			rules = r.Rules
		}
		for _, rule := range rules {
			may := fmt.Sprint(rule.Verbs, rule.Resources, rule.ResourceNames)
			if may != "[get] [fleetstates] [fleet]" && may != "[list watch] [devices] []" {
				t.Errorf("%s: may %s", o.GetName(), may)
			}
		}
	}
}

func TestThePodsOfIssuerAndCalloutAreRestrictedAndBounded(t *testing.T) {
	pods := 0
	for _, o := range identityObjects(t, identified(t)) {
		var spec corev1.PodSpec
		switch o := o.(type) {
		case *appsv1.StatefulSet:
			spec = o.Spec.Template.Spec
		case *appsv1.Deployment:
			spec = o.Spec.Template.Spec
		default:
			continue
		}
		pods++
		c := spec.Containers[0]
		if !*spec.SecurityContext.RunAsNonRoot || *c.SecurityContext.AllowPrivilegeEscalation || !*c.SecurityContext.ReadOnlyRootFilesystem {
			t.Errorf("%s: %+v", o.GetName(), spec)
		}
		if c.Resources.Limits.Memory().IsZero() || c.Resources.Limits.Cpu().IsZero() || c.ReadinessProbe == nil || c.LivenessProbe == nil {
			t.Errorf("%s: %+v", o.GetName(), c)
		}
	}
	if pods != 2 {
		t.Errorf("there are %d kinds of Pods", pods)
	}
}

func TestNoPrivateKeyStandsOutsideOfASecret(t *testing.T) {
	for _, o := range identityObjects(t, identified(t)) {
		if _, ok := o.(*corev1.Secret); ok {
			continue
		}
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "PRIVATE KEY") {
			t.Errorf("%T %s has one", o, o.GetName())
		}
	}
}

func TestADeclaredMachineShowsTheKeyThatTheIssuerKnows(t *testing.T) {
	s := identified(t)
	machines, _, err := s.Issuer().machines(t.Context(), generating{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := declared(machines)
	if err != nil {
		t.Fatal(err)
	}
	var entries []struct{ Name, Key string }
	if err := json.Unmarshal([]byte(list), &entries); err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 || entries[0].Name != "demo-1" || entries[1].Name != calloutProbe("fleet").String() {
		t.Fatalf("declared are %s", list)
	}
	for i, m := range machines {
		key, err := assertion.Parse([]byte(m.private.Reveal()), "")
		if err != nil || string(key.Public()) != entries[i].Key {
			t.Errorf("%s shows another key: %v", m.id, err)
		}
	}
}

func TestAServerWithAnIdentityHasNoPasswordsOfDevicesAndSpeaksTLS(t *testing.T) {
	n := identified(t).Stands()
	if n.TLS == nil || n.CalloutKeys != 1 || len(n.Devices) > 0 {
		t.Errorf("got %+v", n)
	}
	for _, a := range n.accounts() {
		for _, u := range a.Users {
			if a.Name == string(contract.AccountDevices) && u.Name != contract.DeviceUser(probeDevice("fleet")) {
				t.Errorf("%s has a password", u.Name)
			}
			if u.Name == calloutUser && (len(u.Publish) != 1 || len(u.Subscribe) != 1) {
				t.Errorf("the callout may %v and hear %v", u.Publish, u.Subscribe)
			}
		}
	}
	plain := identified(t)
	plain.Identity = nil
	if n := plain.Stands(); n.TLS != nil || n.CalloutKeys != 0 || len(n.Devices) != 1 || n.score().Callout != nil {
		t.Errorf("with passwords: %+v", n)
	}
}

func TestDevicesOutsideAreToldWhereTheFleetIs(t *testing.T) {
	s := identified(t)
	if got := s.access(facts(t, s.Provider()), trust{"pem", "pem"}); len(got) != 4 || got["provider"] != "harmony" || got["nats-urls"] != "tls://nats.fleet.svc:4222" || got["issuer-url"] != "https://harmony-fleet-issuer.fleet.svc:8088" || got["ca.pem"] != "pem" {
		t.Errorf("got %v", got)
	}
	s.DeviceHost, s.NATS.DevicePort, s.Identity.IssuerPort = "10.0.0.1", 30422, 30423
	if got := s.access(facts(t, s.Provider()), trust{"pem", "pem"}); got["nats-urls"] != "tls://10.0.0.1:30422" || got["issuer-url"] != "https://10.0.0.1:30423" {
		t.Errorf("got %v", got)
	}
	if !slices.Contains(s.Stands().Hosts, "10.0.0.1") || !slices.Contains(s.Issuer().hosts(), "10.0.0.1") {
		t.Error("the certificates do not have that address")
	}
	s.Identity.Provider = elsewhere{}
	if system, ok := s.access(facts(t, s.Provider()), trust{nats: "pem"})["issuer-ca.pem"]; !ok || system != "" {
		t.Errorf("a provider with a certificate of the system's authorities: %q, %v", system, ok)
	}
	if got := s.access(facts(t, s.Provider()), trust{}); got["provider"] != "other" || got["enroller"] != "" {
		t.Errorf("a provider at which nobody can be enrolled by a program: %v", got)
	}
}

// A callout reads its flags and the authorities that it trusts when it starts, and its keys again and again.
func TestCalloutsAreReplacedWhenWhatTheyReadAtTheStartIsAnother(t *testing.T) {
	template := func(facts identity.Facts, keys string, trusted trust) string {
		t.Helper()
		for _, o := range identified(t).Callout().objects("image", nats.CalloutKeys{Seeds: secret.New(keys)}, facts, trusted) {
			if d, ok := o.(*appsv1.Deployment); ok {
				text, err := json.Marshal(d.Spec.Template)
				if err != nil {
					t.Fatal(err)
				}
				return string(text)
			}
		}
		t.Fatal("there is no Deployment")
		return ""
	}
	known := identity.Facts{Issuer: "https://login.example.com", Audience: "project", RolesClaim: "urn:roles", DeviceClaim: "sub"}
	base := template(known, "seeds", trust{"a", "b"})
	for name, changed := range map[string]string{
		"the provider's authority": template(known, "seeds", trust{"a", "c"}), "that of NATS": template(known, "seeds", trust{"c", "b"}),
		"the two exchanged": template(known, "seeds", trust{"b", "a"}),
		"the audience":      template(identity.Facts{Issuer: known.Issuer, Audience: "other", RolesClaim: "urn:roles", DeviceClaim: "sub"}, "seeds", trust{"a", "b"}),
		"a claim":           template(identity.Facts{Issuer: known.Issuer, Audience: "project", RolesClaim: "urn:other", DeviceClaim: "sub"}, "seeds", trust{"a", "b"}),
	} {
		if changed == base {
			t.Errorf("%s is another, and its Pods stay", name)
		}
	}
	if template(known, "other seeds", trust{"a", "b"}) != base || template(known, "seeds", trust{"a", "b"}) != base {
		t.Error("its Pods are replaced for nothing")
	}
}

func TestAnotherProviderTakesThePlaceOfTheIssuer(t *testing.T) {
	s := identified(t)
	s.Identity.Provider = elsewhere{}
	if len(s.Parts(nil)) != 3 {
		t.Errorf("there are %d parts", len(s.Parts(nil)))
	}
	args := s.Callout().pod("image", facts(t, s.Provider()), trust{}).Containers[0].Args
	for _, want := range []string{"https://login.example.com", "urn:roles", "project"} {
		if !slices.Contains(args, want) {
			t.Errorf("the callout is not told %s: %v", want, args)
		}
	}
	agent := AgentPod{Namespace: "fleet", Device: s.NATS.Devices[0], NATS: s.Stands().Ref(), Identity: s.Provider()}
	config, err := agent.config(profile{trust{}, facts(t, s.Provider()), identity.Machine{Secret: "s", Name: "1234", KeyID: "9"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"'jwt-profile'", "'1234'", "'9'", "'https://login.example.com'", "'urn:tokens'", "'agents'"} {
		if !strings.Contains(string(config), want) {
			t.Errorf("the agent is not told %s:\n%s", want, config)
		}
	}
}

// elsewhere is a provider that someone else runs.
type elsewhere struct{ identity.Provider }

func (elsewhere) Facts(context.Context, kube.Cluster) (identity.Facts, error) {
	return identity.Facts{
		Issuer: "https://login.example.com", RolesClaim: "urn:roles", Audience: "project", AssertionAudience: "urn:tokens", Client: "agents",
	}, nil
}

func facts(t *testing.T, of identity.Provider) identity.Facts {
	t.Helper()
	known, err := of.Facts(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return known
}

func TestIssuersAndCalloutsThatCannotBe(t *testing.T) {
	s := identified(t)
	for name, err := range map[string]error{
		"an issuer elsewhere":         Issuer{Namespace: "other", NATS: s.Stands().Ref()}.check(),
		"an issuer that is no URL":    Issuer{Namespace: "fleet", NATS: s.Stands().Ref(), URL: "http://x"}.check(),
		"a callout without provider":  Callout{Namespace: "fleet", NATS: s.Stands().Ref()}.check(),
		"a NATS that asks no callout": Callout{Namespace: "fleet", NATS: NATS{Namespace: "fleet"}.Ref(), Identity: elsewhere{}}.check(),
	} {
		var d *diag.Diagnostic
		if !errors.As(err, &d) || d.Code != diag.BadPlacement {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := errors.Join(s.Issuer().check(), s.Callout().check()); err != nil {
		t.Error(err)
	}
}
