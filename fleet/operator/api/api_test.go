// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/people"
)

const instance = "0123456789abcdef"

// reviewer answers reviews as an API server with one user, ada, whose token is her name, and whose rights are given.
func reviewer(t *testing.T, rights ...string) client.Client {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{authenticationv1.AddToScheme, authorizationv1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithInterceptorFuncs(interceptor.Funcs{
		Create: func(_ context.Context, _ client.WithWatch, o client.Object, _ ...client.CreateOption) error {
			switch r := o.(type) {
			case *authenticationv1.TokenReview:
				r.Status.Authenticated = r.Spec.Token == "ada"
				r.Status.User = authenticationv1.UserInfo{Username: r.Spec.Token, Groups: []string{"makers"}}
			case *authorizationv1.SubjectAccessReview:
				a := r.Spec.ResourceAttributes
				for _, right := range rights {
					asked := strings.Join([]string{a.Verb, a.Resource, a.Subresource, a.Namespace, a.Name}, " ")
					r.Status.Allowed = r.Status.Allowed || r.Spec.User == "ada" && strings.HasPrefix(asked, right)
				}
			default:
				t.Errorf("it creates %T", o)
			}
			return nil
		},
	}).Build()
}

func selector(t *testing.T, text string) labels.Selector {
	t.Helper()
	s, err := labels.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var uids = map[string]string{"web": "21674b09-51bb-4154-b1f5-4f60719dc76f", "db": "010d8108-6d7e-43db-ba58-1ef083285a29"}

// served gives a server of a fleet with two presses, of which press-1 is online and has what it shall, and an oven.
func served(t *testing.T, rights ...string) *Server {
	t.Helper()
	now := time.Now()
	state := plane.New()
	state.Lead(1, 1, "")
	state.SetGrants([]plane.Grant{{Namespace: "fleet", Devices: labels.Everything()}, {Namespace: "shop", Devices: labels.Everything()}})
	for id, kind := range map[string]string{"press-1": "press", "press-2": "press", "oven-1": "oven"} {
		state.SetDevice(id, labels.Set{"kind": kind}, now)
	}
	digest := contract.DigestOf([]byte("web")).String()
	state.SetDeployment(plane.Deployment{Namespace: "fleet", Name: "web", UID: uids["web"], Generation: 1, EntryGeneration: 1, Digest: digest, Selector: selector(t, "kind=press")})
	state.SetDeployment(plane.Deployment{Namespace: "shop", Name: "db", UID: uids["db"], Generation: 1, EntryGeneration: 1, Digest: digest, Selector: selector(t, "kind=oven")})
	state.Report("press-1", plane.Report{Instance: instance, Workloads: []plane.Workload{{UID: uids["web"], Generation: 1, Digest: digest, Phase: plane.Running}}}, now)
	reviews := reviewer(t, rights...)
	return &Server{
		Fleet: "fleet", Leader: "operator-1", Namespaces: []string{"fleet", "shop"}, State: state, Converged: func() bool { return true },
		Inventory: func(_ context.Context, device string, whole bool) (people.Inventory, error) {
			is := people.Inventory{Agent: "v1 of " + device}
			if whole {
				is.Hostname = "host of " + device
			}
			return is, nil
		},
		Services: func(string) []string { return []string{"main", "side"} },
		Latest: func(_ context.Context, _, name string) (int64, error) {
			return map[string]int64{"web": 2, "db": 1, "new": 1}[name], nil
		},
		Identities: &Identities{Reader: reviews, Client: reviews}, Access: Access{Client: reviews}, Log: slog.New(slog.DiscardHandler),
	}
}

// ask asks a server over HTTP, as ada, and reads what comes with that status.
func ask(t *testing.T, s *Server, method, path, body string, status int, into any) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer ada")
	answer(t, s, r, status, into)
}

func answer(t *testing.T, s *Server, r *http.Request, status int, into any) {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if w.Code != status {
		t.Fatalf("%s %s: %d, want %d: %s", r.Method, r.URL, w.Code, status, w.Body)
	}
	if err := json.NewDecoder(w.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// fails asks what is not answered, and asks for the code and a text of the reason.
func fails(t *testing.T, s *Server, method, path, body string, status int, code diag.Code, text string) {
	t.Helper()
	var p people.Problem
	ask(t, s, method, path, body, status, &p)
	if p.Code != string(code) || !strings.Contains(strings.Join(p.Saw, "\n"), text) {
		t.Errorf("%s %s %s: %+v, want %s with %q", method, path, body, p, code, text)
	}
}
