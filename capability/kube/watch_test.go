// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
)

// endsAtOnce is what a client sees behind something that lets no watch stand.
type endsAtOnce struct{ watch func() }

func (e endsAtOnce) RoundTrip(r *http.Request) (*http.Response, error) {
	body := `{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[]}`
	if r.URL.Query().Get("watch") != "" {
		e.watch()
		body = ""
	}
	return &http.Response{
		StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(strings.NewReader(body)),
		Header: http.Header{"Content-Type": {"application/json"}},
	}, nil
}

func TestAWatchThatEndsAtOnceIsNotBegunAgainWithoutPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		const enough = 50
		watches := 0
		c, err := Connect(Options{Config: &rest.Config{Host: "https://cluster.test", Transport: endsAtOnce{func() {
			if watches++; watches == enough {
				cancel()
			}
		}}}})
		if err != nil {
			t.Fatal(err)
		}
		s := source{resource: configMaps, kind: corev1.SchemeGroupVersion.WithKind("ConfigMap"), namespace: "web"}
		begin := time.Now()
		if err := c.follow(ctx, s, newMirror([]source{s})); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took < (enough-1)*firstPause {
			t.Errorf("%d watches within %s", watches, took)
		}
	})
}
