// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/operator/rollout"
	"nationtech.io/harmony/fleet/people"
)

func TestWhatTheOperatorHasNotTakenYetIsSaid(t *testing.T) {
	s := served(t, "get deployments")
	for name, want := range map[string][2]int64{"web": {1, 2}, "new": {0, 1}} {
		var d people.Deployment
		ask(t, s, http.MethodGet, people.DeploymentsPath+"/fleet/"+name, "", http.StatusOK, &d)
		if got := [2]int64{d.Generation, d.Latest}; got != want || d.Name != name {
			t.Errorf("%s: generation and latest are %v, not %v", name, got, want)
		}
	}
}

func TestNobodyIsAnsweredWhomKubernetesDoesNotKnow(t *testing.T) {
	s := served(t, "list devices")
	for name, header := range map[string][2]string{
		"nothing": {"Accept", "*/*"}, "a wrong token": {"Authorization", "Bearer bob"}, "a password": {"Authorization", "Basic YWRhOg=="},
		"someone else's name": {"Impersonate-User", "ada"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, people.DevicesPath, nil)
		r.Header.Set(header[0], header[1])
		if name == "someone else's name" {
			r.Header.Set("Authorization", "Bearer ada")
		}
		var p people.Problem
		if answer(t, s, r, http.StatusUnauthorized, &p); p.Code != string(diag.CredentialsRefused) {
			t.Errorf("with %s: %+v", name, p)
		}
	}
}

func TestDevicesAreShownWithWhatKeepsThemFromFollowing(t *testing.T) {
	var list people.DeviceList
	ask(t, served(t, "list devices"), http.MethodGet, people.DevicesPath+"?selector=kind%3Dpress", "", http.StatusOK, &list)
	if len(list.Devices) != 2 || list.Leader != "operator-1" || !list.Converged {
		t.Fatalf("%+v", list)
	}
	well, silent := list.Devices[0], list.Devices[1]
	if !well.Online || well.Agent != "v1 of press-1" || len(well.Findings) != 0 || well.Workloads[0].Standing != "Ready" || well.Workloads[0].Reason != nil {
		t.Errorf("%+v", well)
	}
	if silent.Online || silent.Findings[0].Code != "Offline" || silent.Workloads[0].Standing != "Offline" || silent.Workloads[0].Reason.Code != "Offline" || silent.Workloads[0].Reason.Next == "" {
		t.Errorf("%+v", silent)
	}
	var one people.Device
	if ask(t, served(t, "get devices   oven-1"), http.MethodGet, people.DevicesPath+"/oven-1", "", http.StatusOK, &one); one.Name != "oven-1" || one.Hostname != "host of oven-1" {
		t.Errorf("%+v", one)
	}
}

func TestWhatIsNotAllowedIsNamed(t *testing.T) {
	s := served(t, "get devices   oven-1")
	fails(t, s, http.MethodGet, people.DevicesPath, "", http.StatusForbidden, diag.RightMissing, "user ada may not list devices.fleet.nationtech.io")
	fails(t, s, http.MethodGet, people.DevicesPath+"/press-1", "", http.StatusForbidden, diag.RightMissing, "get devices.fleet.nationtech.io press-1")
	fails(t, s, http.MethodGet, people.DeploymentsPath, "", http.StatusForbidden, diag.RightMissing, "in namespace shop")
	fails(t, s, http.MethodGet, "/v2/devices", "", http.StatusBadRequest, diag.QuestionRefused, "/v2/devices is not known")
}

func TestDeploymentsAreThoseOfNamespacesThatThePersonMaySee(t *testing.T) {
	var list people.DeploymentList
	ask(t, served(t, "list deployments  shop"), http.MethodGet, people.DeploymentsPath, "", http.StatusOK, &list)
	if len(list.Deployments) != 1 || list.Deployments[0].Name != "db" || list.Deployments[0].Offline != 1 {
		t.Errorf("%+v", list)
	}
	var one people.Deployment
	ask(t, served(t, "get deployments"), http.MethodGet, people.DeploymentsPath+"/fleet/web", "", http.StatusOK, &one)
	if one.Matched != 2 || one.Ready != 1 || len(one.Devices) != 1 || one.Devices[0].Device != "press-2" {
		t.Errorf("%+v", one)
	}
	fails(t, served(t, "get deployments"), http.MethodGet, people.DeploymentsPath+"/fleet/nothing", "", http.StatusNotFound, diag.NotInFleet, "no Deployment nothing")
	fails(t, served(t, "get deployments"), http.MethodGet, people.DeploymentsPath+"/other/web", "", http.StatusNotFound, diag.NotInFleet, "does not look at namespace other")
}

func TestARolloutIsShownWithWhyItWaitsAndWhoWaitsForItsTurn(t *testing.T) {
	s := served(t, "get deployments")
	before, _ := s.State.Deployment(uids["web"])
	now := before
	now.Digest, now.Generation, now.EntryGeneration = contract.DigestOf([]byte("newer")).String(), 2, 2
	now.Rollout = &plane.Rollout{
		Spec: rollout.Spec{Paused: true}, Start: plane.Everyone(plane.Release{Digest: before.Digest, Generation: before.EntryGeneration}),
	}
	s.State.SetDeployment(now)
	for _, step := range s.State.Steps(time.Now()) {
		s.State.Take(step, time.Now())
	}
	var one people.Deployment
	ask(t, s, http.MethodGet, people.DeploymentsPath+"/fleet/web", "", http.StatusOK, &one)
	r := one.Rollout
	if r == nil || r.GoesOn() || r.Reason.Code != "Paused" || r.Reason.Next != "go on: harmony-fleet rollout resume web --namespace fleet" ||
		len(r.Releases) != 2 || r.Releases[1] != (people.RolloutRelease{Release: 1, Digest: before.Digest, Devices: 2}) {
		t.Errorf("%+v", r)
	}
	now.Generation, now.Rollout = 3, &plane.Rollout{}
	s.State.SetDeployment(now)
	var again people.Deployment
	ask(t, s, http.MethodGet, people.DeploymentsPath+"/fleet/web", "", http.StatusOK, &again)
	if again.Rollout == nil || again.Rollout.Reason.Code != people.RolloutBegins || !again.Rollout.GoesOn() {
		t.Errorf("it was resumed a moment ago: %+v", again.Rollout)
	}
	if one.Pending != 1 || one.Devices[0].Device != "press-1" || one.Devices[0].Reason.Code != "WaitsForItsTurn" || !strings.Contains(one.Devices[0].Reason.Why, "holds release 1") {
		t.Errorf("%+v", one)
	}
	for why, want := range map[rollout.Reason]string{
		rollout.Stopped: "rollout undo web", rollout.Reverted: "rollout resume web", rollout.WaitsForBatch: "goes on by itself", rollout.WaitsForRoom: "goes on by itself",
	} {
		if got := after(why, now); !strings.Contains(got, want) {
			t.Errorf("%s: %q", why, got)
		}
	}
	if got := after(rollout.Complete, now); got != "" {
		t.Errorf("when it is complete: %q", got)
	}
}

func TestADeviceOfAnotherControlPlaneIsShownWithWhatAdoptsIt(t *testing.T) {
	s := served(t, "get devices")
	s.State.Report("press-1", plane.Report{Instance: instance, Foreign: uids["db"], Order: plane.Order{Epoch: 3, Term: 1, Number: 1}}, time.Now())
	var one people.Device
	ask(t, s, http.MethodGet, people.DevicesPath+"/press-1", "", http.StatusOK, &one)
	want := `kubectl --namespace fleet patch fleetstate fleet --type merge --patch '{"spec": {"adopt": "` + uids["db"] + `", "epoch": 4}}'`
	if f := one.Findings; len(f) == 0 || f[0].Code != "UnknownControlPlane" || !strings.Contains(f[0].Next, "spec.epoch is above 3") || !strings.HasSuffix(f[0].Next, want) {
		t.Errorf("%+v", f)
	}
}

func TestADeviceThatHoldsALaterStateIsShownWithTheCommandThatOverrulesIt(t *testing.T) {
	for name, c := range map[string]struct {
		held, fleet int64
		code, text  string
		want        string
	}{
		"a later generation":           {2, 2, string(diag.GenerationAhead), "", `--patch '{"spec": {"epoch": 3}}'`},
		"a later epoch":                {7, 2, "", "above 7", `--patch '{"spec": {"epoch": 8}}'`},
		"an epoch that cannot be true": {1 << 60, 2, "", "first find out what the device is", ""},
		"the last epoch that there is": {1<<63 - 1, 2, "", "first find out what the device is", ""},
	} {
		s := served(t, "get devices")
		s.State.Lead(c.fleet, 1, "")
		r := plane.Report{Instance: instance, Order: plane.Order{Epoch: c.held, Term: 1, Number: 1}}
		if c.code != "" {
			r.Workloads = []plane.Workload{{UID: uids["web"], Generation: 9, Digest: contract.DigestOf([]byte("later")).String(), Phase: plane.Ahead, Code: c.code}}
		}
		s.State.Report("press-1", r, time.Now())
		var one people.Device
		ask(t, s, http.MethodGet, people.DevicesPath+"/press-1", "", http.StatusOK, &one)
		if f := one.Findings; len(f) == 0 || f[0].Code != "Ahead" || !strings.Contains(f[0].Next, c.text) || !strings.HasSuffix(f[0].Next, c.want) || strings.Contains(f[0].Next, "kubectl") != (c.want != "") {
			t.Errorf("%s: %+v", name, f)
		}
		if w := one.Workloads; c.code != "" && (len(w) == 0 || w[0].Reason == nil || !strings.HasSuffix(w[0].Reason.Next, c.want)) {
			t.Errorf("%s: %+v", name, w)
		}
	}
}

// findingKinds are all that an agent may find, read from the contract.
func findingKinds(t *testing.T) (kinds []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../contract/state.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 {
			return true
		}
		if kind, ok := v.Type.(*ast.Ident); ok && kind.Name == "FindingKind" {
			if text, ok := v.Values[0].(*ast.BasicLit); ok {
				kinds = append(kinds, strings.Trim(text.Value, `"`))
			}
		}
		return true
	})
	return kinds
}

func TestWhateverADeviceFindsAmissIsShownWithANextStep(t *testing.T) {
	kinds := findingKinds(t)
	if len(kinds) < 8 {
		t.Fatalf("the contract has %v", kinds)
	}
	said := map[string]string{}
	for _, kind := range append(kinds, "OfALaterRelease") {
		s := served(t, "get devices")
		s.State.Report("press-1", plane.Report{Instance: instance, Findings: []plane.Finding{{Kind: kind, Code: "HRM0000", Message: "m"}}}, time.Now())
		var one people.Device
		ask(t, s, http.MethodGet, people.DevicesPath+"/press-1", "", http.StatusOK, &one)
		if f := one.Findings; len(f) != 1 || f[0].Code != "HRM0000" || f[0].Why != kind+": m" || f[0].Next == "" {
			t.Errorf("%s: %+v", kind, f)
			continue
		}
		if other := said[one.Findings[0].Next]; other != "" {
			t.Errorf("%s has the next step of %s", kind, other)
		}
		said[one.Findings[0].Next] = kind
	}
}

// stuck is an API server that does not answer.
type stuck struct{ client.Client }

func (stuck) Create(ctx context.Context, _ client.Object, _ ...client.CreateOption) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

func TestMoreRequestsThanThereMayBeAreRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := served(t)
		s.Identities.Client = stuck{}
		h := s.Handler()
		ctx, cancel := context.WithCancel(t.Context())
		asks := func() *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(ctx, http.MethodGet, people.DevicesPath, nil)
			r.Header.Set("Authorization", "Bearer ada")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		var all sync.WaitGroup
		for range maxRequests {
			all.Go(func() { asks() })
		}
		synctest.Wait()
		if w := asks(); w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), string(diag.OperatorBusy)) {
			t.Errorf("%d: %s", w.Code, w.Body)
		}
		cancel()
		all.Wait()
	})
}

func TestAClientCertificateOfAnotherAuthorityIsRefused(t *testing.T) {
	s := served(t, "list devices")
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	_, ours := certificate(t)
	theirs, _ := certificate(t)
	published := &corev1.ConfigMap{}
	published.Namespace, published.Name, published.Data = authoritiesName.Namespace, authoritiesName.Name, map[string]string{"client-ca-file": ours}
	s.Identities.Reader = fake.NewClientBuilder().WithScheme(scheme).WithObjects(published).Build()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, people.DevicesPath, nil)
	r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{theirs}}
	var p people.Problem
	if answer(t, s, r, http.StatusUnauthorized, &p); p.Code != string(diag.CredentialsRefused) || !strings.Contains(p.Saw[0], "is not one of this cluster") {
		t.Errorf("%+v", p)
	}
}

// certificate gives a certificate, as it is and in PEM.
func certificate(t *testing.T) (*x509.Certificate, string) {
	t.Helper()
	made, text, err := NewCertificate(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(made.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return parsed, text
}
