// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/score/nats/internal/conf"
	"nationtech.io/harmony/secret"
)

// paper is a place that is written down.
type paper struct {
	*kube.Export
	messaging.Servers
}

func (p paper) Kubernetes() kube.Cluster     { return p.Cluster(nil) }
func (paper) Charts() chart.Store            { return chart.Fetcher{} }
func (p paper) Messaging() messaging.Servers { return p.Servers }

func charted(s Score) Chart {
	return Chart{Server: s, Chart: chart.Reference{Source: "testdata/nats", Name: "nats", Version: "0.0.1"}}
}

// drawn are the objects of a chart's NATS, with passwords that are the users' names.
func drawn(t *testing.T, c Chart) map[string]map[string]any {
	t.Helper()
	on := paper{Export: kube.NewExport(func(kube.Credential) secret.Value { return secret.Value{} })}
	config, err := c.Server.config(keep(t, c.Server))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.chart(config, kept{}).Interpret(t.Context(), on); err != nil {
		t.Fatal(err)
	}
	objects, err := on.Objects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]any{}
	for _, o := range objects {
		all[o.String()] = o.Content
	}
	return all
}

func typed[T any](t *testing.T, content map[string]any) (o T) {
	t.Helper()
	if content == nil {
		t.Fatal("there is no such object")
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(content, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// The chart's configuration includes the Score's, which decides.
func TestARealServerOfTheChartHasTheUsersOfTheScore(t *testing.T) {
	s := example()
	all := drawn(t, charted(s))
	dir := t.TempDir()
	for path, text := range map[string]string{
		"nats-config/nats.conf": typed[corev1.ConfigMap](t, all["ConfigMap/nats-config"]).Data["nats.conf"],
		"nats-server/nats.conf": string(typed[corev1.Secret](t, all["Secret/nats-config"]).Data[configFile]),
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(path)), 0o700); err != nil {
			t.Fatal(err)
		}
		text = strings.NewReplacer(`"port": 4222`, `"host": "127.0.0.1", "port": -1`, `"http_port": 8222,`, "", `"/data"`, `"`+dir+`"`).Replace(text)
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv(conf.PodName, "nats-0")
	options, err := server.ProcessConfigFile(filepath.Join(dir, "nats-config", "nats.conf"))
	if err != nil {
		t.Fatalf("the server does not read its configuration: %v", err)
	}
	options.NoLog, options.NoSigs = true, true
	srv, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	for _, user := range s.users() {
		login(t, srv, s, user)
	}
	if _, err := nats.Connect(srv.ClientURL()); err == nil {
		t.Error("nobody in particular can log in")
	}
	on := socket{address: srv.Addr().String()}
	if err := charted(s).SmokeTest(t.Context(), chartSocket{on}); err != nil {
		t.Errorf("the smoke test fails on a good server: %v", err)
	}
}

type chartSocket struct{ socket }

func (chartSocket) Charts() chart.Store { return chart.Fetcher{} }

func TestNoPasswordIsInTheConfigMapOfTheChart(t *testing.T) {
	all := drawn(t, charted(example()))
	for _, user := range example().users() {
		if text := typed[corev1.ConfigMap](t, all["ConfigMap/nats-config"]).Data["nats.conf"]; strings.Contains(text, password(user).Reveal()) {
			t.Errorf("the password of %s is in it", user)
		}
	}
}

func TestThePodsOfTheChartAreThoseThatTheScoreWouldHave(t *testing.T) {
	s := example()
	s.Replicas, s.Store = 3, Storage{Bytes: 2 << 30, Class: "fast"}
	all := drawn(t, charted(s))
	set := typed[appsv1.StatefulSet](t, all["StatefulSet/nats"])
	spec := set.Spec.Template.Spec
	if *set.Spec.Replicas != 3 || set.Spec.ServiceName != s.headless() || *spec.AutomountServiceAccountToken || !*spec.SecurityContext.RunAsNonRoot ||
		spec.SecurityContext.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("got %+v", set.Spec)
	}
	c := spec.Containers[0]
	if *c.SecurityContext.AllowPrivilegeEscalation || !slices.Equal(c.SecurityContext.Capabilities.Drop, []corev1.Capability{"ALL"}) || c.Resources.Limits.Memory().String() != "512Mi" || c.StartupProbe.HTTPGet.Path != aliveAlone {
		t.Errorf("got %+v", c)
	}
	claim := set.Spec.VolumeClaimTemplates[0]
	if claim.Spec.Resources.Requests.Storage().String() != "2Gi" || *claim.Spec.StorageClassName != "fast" || claim.Labels[kube.DataLabel] != "true" {
		t.Errorf("got %+v", claim)
	}
	if port := typed[corev1.Service](t, all["Service/nats"]).Spec.Ports[0].Port; int(port) != s.Ref().Service().Port {
		t.Errorf("the Service has port %d", port)
	}
}

func TestAValueOfOnesOwnIsPutOverThePreset(t *testing.T) {
	c := charted(example())
	c.Values = values{"container": values{"image": "registry.example/nats:v1", "merge": values{"resources": values{"limits": values{"memory": "1Gi"}}}}}
	container := typed[appsv1.StatefulSet](t, drawn(t, c)["StatefulSet/nats"]).Spec.Template.Spec.Containers[0]
	if container.Image != "registry.example/nats:v1" || container.Resources.Limits.Memory().String() != "1Gi" || container.Resources.Limits.Cpu().String() != "1" {
		t.Errorf("got %+v", container)
	}
}

// ready are servers that have taken over every configuration.
type ready struct{ messaging.Servers }

func (ready) Reload(context.Context, messaging.Login, messaging.Configuration) error { return nil }

func TestThePasswordsOfAChartsNATSAreWhereItsClientsLook(t *testing.T) {
	on := paper{Export: kube.NewExport(func(kube.Credential) secret.Value { return secret.New("generated") }), Servers: ready{}}
	c := charted(example())
	if _, err := c.Interpret(t.Context(), on); err != nil {
		t.Fatal(err)
	}
	for _, user := range c.Server.users() {
		if values, err := on.Kubernetes().Secret(t.Context(), "demo", c.Ref().Credential(user).Secret); err != nil || values[PasswordKey].IsZero() {
			t.Errorf("%s has no password: %v", user, err)
		}
	}
}
