// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
)

func TestWhatHasItsTurnComesAfterAllKindsOfAnEarlierOne(t *testing.T) {
	job := &batchv1.Job{ObjectMeta: object("job")}
	items := wanted(t, InTurn(configMap("late"), 2), InTurn(RunAgain(job), 1), configMap("early"), &corev1.Service{ObjectMeta: object("service")})
	var names []string
	for _, stage := range stages(items, item.stage) {
		for _, it := range stage {
			names = append(names, it.Name)
		}
	}
	if want := []string{"early", "service", "job", "late"}; !slices.Equal(names, want) {
		t.Errorf("the order is %v, want %v", names, want)
	}
}

func TestWhatIsSaidOfAnObjectIsKept(t *testing.T) {
	o := InTurn(RunAgain(WithReadiness(configMap("a"), func(Object) Readiness { return Readiness{Ready: true} })), 3)
	g := plainly(o.DeepCopyObject().(Object))
	if g.turn != 3 || !g.again || g.judge == nil || g.GetName() != "a" {
		t.Errorf("got %+v", g)
	}
}

// What is listed of a kind whose definition someone has deleted is gone with it, and must not keep the rest from being removed.
func TestAKindThatTheClusterDoesNotKnowIsNoReasonNotToRemove(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client, err := discovery.NewDiscoveryClientForConfig(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = (&kinds{discovery: client}).of(t.Context(), schema.GroupVersionKind{Group: "example.com", Version: "v1", Kind: "Thing"})
	if !noSuchKind(err) {
		t.Errorf("got %v", err)
	}
}
