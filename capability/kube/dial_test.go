// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/needs"
)

func TestDialReachesThePodBehindAService(t *testing.T) {
	c := connectAlone(t)
	in := c.component(t)
	apply(t, c.Client, in, deployment("web", echo(subject(t))), service("byname", intstr.FromString("echo")), service("bynumber", intPort))
	before := goleak.IgnoreCurrent()
	for _, name := range []string{"byname", "bynumber"} {
		conn, err := c.Dial(t.Context(), kube.Service{Namespace: in.Namespace, Name: name, Port: 80})
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Repeat("harmony ", 50_000) // more than any buffer
		go func() { _, _ = io.WriteString(conn, want) }()
		got := make([]byte, len(want))
		if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
			t.Fatalf("%s: the echo is not what was sent: %v", name, err)
		}
		fatal(t, conn.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
		if _, err := conn.Read(got); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: a read past its deadline: %v", name, err)
		}
		fatal(t, conn.SetReadDeadline(time.Time{}))
		if _, err := io.WriteString(conn, "again"); err != nil {
			t.Errorf("%s: after a deadline: %v", name, err)
		}
		fatal(t, conn.Close())
		if _, err := conn.Read(got); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: reading what is closed: %v", name, err)
		}
	}
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("golang.org/x/net/http2.(*clientConnReadLoop).run"))
}

func TestDialSaysWhyItCannot(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	image := subject(t)
	idle := container(image, "idle")
	apply(t, c.Client, in, deployment("web", idle), service("closed", intPort))
	empty := service("empty", intPort)
	empty.Spec.Selector = map[string]string{"app": "none"}
	short, end := context.WithTimeout(t.Context(), 5*time.Second)
	defer end()
	_, _ = c.Apply(short, kube.Inventory{Namespace: in.Namespace, Name: "empty"}, empty)
	for name, want := range map[string]diag.Code{"none": diag.NoService, "empty": diag.NoEndpoint} {
		_, err := c.Dial(t.Context(), kube.Service{Namespace: in.Namespace, Name: name, Port: 80})
		if diff := cmp.Diff([]diag.Code{want}, codes(err)); diff != "" {
			t.Errorf("%s: %s\n%v", name, diff, err)
		}
	}
	_, err := c.Dial(t.Context(), kube.Service{Namespace: in.Namespace, Name: "closed", Port: 81})
	if diff := cmp.Diff([]diag.Code{diag.NoService}, codes(err)); diff != "" || !strings.Contains(err.Error(), "its ports: 80") {
		t.Errorf("another port: %s\n%v", diff, err)
	}
	conn, err := c.Dial(t.Context(), kube.Service{Namespace: in.Namespace, Name: "closed", Port: 80})
	fatal(t, err)
	defer conn.Close()
	_, err = conn.Read(make([]byte, 1))
	if diff := cmp.Diff([]diag.Code{diag.ConnectionRefused}, codes(err)); diff != "" || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("nobody listens: %s\n%v", diff, err)
	}
}

func TestDialWorksWhereNobodyKnowsWebSockets(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	apply(t, c.Client, in, deployment("web", echo(subject(t))), service("web", intPort))
	config, err := clientcmd.BuildConfigFromFlags("", needs.Local(t))
	fatal(t, err)
	transport, err := rest.TransportFor(config)
	fatal(t, err)
	to, err := url.Parse(config.Host)
	fatal(t, err)
	config.NextProtos = []string{"http/1.1"}
	upgrading, err := rest.TransportFor(config)
	fatal(t, err)
	var refused atomic.Int64
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport: chooser{plain: transport, upgrade: upgrading},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "websocket" {
			refused.Add(1)
			http.Error(w, "what is that?", http.StatusBadRequest)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	conn, err := c.as(t, &rest.Config{Host: server.URL}).Dial(t.Context(), kube.Service{Namespace: in.Namespace, Name: "web", Port: 80})
	fatal(t, err)
	defer conn.Close()
	go func() { _, _ = io.WriteString(conn, "hello") }()
	got := make([]byte, 5)
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != "hello" || refused.Load() != 1 {
		t.Errorf("got %q, %v; %d WebSockets refused", got, err, refused.Load())
	}
}

// chooser sends what is to be upgraded over HTTP/1.1.
type chooser struct{ plain, upgrade http.RoundTripper }

func (c chooser) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("Upgrade") != "" {
		return c.upgrade.RoundTrip(r)
	}
	return c.plain.RoundTrip(r)
}
