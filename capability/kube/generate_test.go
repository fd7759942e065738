// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

func generate(t *testing.T, c *kube.Client, in kube.Inventory, keys ...string) (map[string]secret.Value, []harmony.Change) {
	t.Helper()
	values, outcome, err := c.Generate(t.Context(), in, "credentials", keys...)
	if err != nil {
		t.Fatalf("generate: %v", err)
	}
	return values, outcome.Changes
}

func TestGeneratedValuesStayAsTheyAre(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	first, changes := generate(t, c.Client, in, "admin")
	want := []harmony.Change{{Action: harmony.Created, Object: "Namespace/" + in.Namespace}, {Action: harmony.Created, Object: "Secret/credentials"}}
	if diff := cmp.Diff(want, changes); diff != "" || len(first["admin"].Reveal()) < 26 {
		t.Errorf("%s %d characters", diff, len(first["admin"].Reveal()))
	}
	second, changes := generate(t, c.Client, in, "admin", "user")
	want = []harmony.Change{{Action: harmony.Updated, Object: "Secret/credentials", Detail: "generated user"}}
	if diff := cmp.Diff(want, changes); diff != "" || !second["admin"].Equal(first["admin"]) || second["user"].IsZero() {
		t.Errorf("%s, admin the same: %v", diff, second["admin"].Equal(first["admin"]))
	}
	third, changes := generate(t, c.Client, in, "admin", "user")
	if len(changes) > 0 || !third["user"].Equal(second["user"]) {
		t.Errorf("changed %v", changes)
	}
	read, err := c.Secret(t.Context(), in.Namespace, "credentials")
	if err != nil || !read["user"].Equal(second["user"]) {
		t.Errorf("read %v, %v", read, err)
	}
	if none, err := c.Secret(t.Context(), in.Namespace, "other"); none != nil || err != nil {
		t.Errorf("a Secret that is not there: %v, %v", none, err)
	}
}

func TestRunsAtTheSameTimeGetTheSameValues(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	values := make([]map[string]secret.Value, 8)
	var all sync.WaitGroup
	for i := range values {
		all.Go(func() {
			var err error
			if values[i], _, err = c.Generate(t.Context(), in, "credentials", "admin"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, v := range values {
		if v["admin"].IsZero() || !v["admin"].Equal(values[0]["admin"]) {
			t.Fatal("two runs got two values")
		}
	}
}

func TestGeneratedValuesThatSomeoneDeletedAreReported(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	first, _ := generate(t, c.Client, in, "admin")
	apply(t, c.Client, in, settings("one", nil))
	fatal(t, c.stranger.CoreV1().Secrets(in.Namespace).Delete(t.Context(), "credentials", metav1.DeleteOptions{}))
	second, changes := generate(t, c.Client, in, "admin")
	want := []harmony.Change{{Action: harmony.Repaired, Object: "Secret/credentials", Detail: "it had been deleted; its values are new"}}
	if diff := cmp.Diff(want, changes); diff != "" || second["admin"].Equal(first["admin"]) {
		t.Error(diff)
	}
}

func TestGenerateDoesNotTakeSomeoneElsesSecret(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.strangersNamespace(t, in.Namespace)
	theirs := &corev1.Secret{ObjectMeta: named("credentials"), StringData: map[string]string{"admin": "theirs"}}
	_, err := c.stranger.CoreV1().Secrets(in.Namespace).Create(t.Context(), theirs, metav1.CreateOptions{})
	fatal(t, err)
	_, _, err = c.Generate(t.Context(), in, "credentials", "admin")
	if diff := cmp.Diff([]diag.Code{diag.NotOurs}, codes(err)); diff != "" {
		t.Errorf("%s\n%v", diff, err)
	}
}

func TestGenerateGivesUpWhenOthersWriteAgainAndAgain(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	generate(t, c.Client, in, "admin")
	rounds := 0
	client := c.with(t, func(r *http.Request) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/secrets/credentials") {
			rounds++
			touch := fmt.Appendf(nil, `{"metadata":{"annotations":{"example.com/round":"%d"}}}`, rounds)
			_, err := c.stranger.CoreV1().Secrets(in.Namespace).Patch(t.Context(), "credentials", types.MergePatchType, touch, metav1.PatchOptions{})
			if err != nil {
				t.Error(err)
			}
		}
	})
	_, _, err := client.Generate(t.Context(), in, "credentials", "admin", "user")
	if diff := cmp.Diff([]diag.Code{diag.ChangedMeanwhile}, codes(err)); diff != "" || rounds < 2 {
		t.Errorf("after %d rounds: %s\n%v", rounds, diff, err)
	}
}
