// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/internal/needs"
)

// with is a client of its own that lets see what it sends.
func (c cluster) with(t *testing.T, see func(*http.Request)) *kube.Client {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", needs.Local(t))
	fatal(t, err)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return seeing{next, see}
	})
	return c.as(t, config)
}

func (c cluster) as(t *testing.T, config *rest.Config) *kube.Client {
	t.Helper()
	client, err := kube.Connect(kube.Options{Config: config, Version: "v1.2.3"})
	fatal(t, err)
	t.Cleanup(client.Close)
	return client
}

type seeing struct {
	next http.RoundTripper
	see  func(*http.Request)
}

func (s seeing) RoundTrip(r *http.Request) (*http.Response, error) {
	s.see(r)
	return s.next.RoundTrip(r)
}

func (s seeing) WrappedRoundTripper() http.RoundTripper { return s.next }

// strangersNamespace makes a namespace as someone else does.
func (c cluster) strangersNamespace(t *testing.T, name string) {
	t.Helper()
	_, err := c.stranger.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: named(name)}, metav1.CreateOptions{})
	fatal(t, err)
	// What every namespace has is made a moment later.
	core := c.stranger.CoreV1()
	for _, watch := range []func(context.Context, metav1.ListOptions) (watch.Interface, error){core.ConfigMaps(name).Watch, core.ServiceAccounts(name).Watch} {
		w, err := watch(t.Context(), metav1.ListOptions{})
		fatal(t, err)
		<-w.ResultChan()
		w.Stop()
	}
}

func TestAStrangersObjectThatAppearsAfterTheCheckIsNotTakenOver(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	theirs := &corev1.ConfigMap{ObjectMeta: named("late"), Data: map[string]string{"whose": "theirs"}}
	var once sync.Once
	client := c.with(t, func(r *http.Request) {
		if r.Method == http.MethodPatch && strings.HasSuffix(r.URL.Path, "/configmaps/late") && !r.URL.Query().Has("dryRun") {
			once.Do(func() {
				_, err := c.stranger.CoreV1().ConfigMaps(in.Namespace).Create(t.Context(), theirs, metav1.CreateOptions{})
				if err != nil {
					t.Error(err)
				}
			})
		}
	})
	ours := &corev1.ConfigMap{ObjectMeta: named("late"), Data: map[string]string{"whose": "ours"}}
	_, err := client.Apply(t.Context(), in, ours)
	if err == nil {
		t.Error("it was taken over without a word")
	}
	stands := must(c.stranger.CoreV1().ConfigMaps(in.Namespace).Get(t.Context(), "late", metav1.GetOptions{}))
	if stands.Data["whose"] != "theirs" {
		t.Errorf("the stranger's object was overwritten: %v", stands.Data)
	}
}
