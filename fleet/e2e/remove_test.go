// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/deploy"
)

func TestRemoveKeepsDataAndPurgeLeavesNothingButStrangers(t *testing.T) {
	first := up(t)
	s := *first
	s.fleet.NATS.Namespace = namespace()
	before := s.everything(t)
	s.mend(t)
	s.kubectl(t, "create", "configmap", "stranger", "--from-literal=whose=theirs")

	report, err := harmony.Remove(t.Context(), s.placement())
	if err != nil {
		t.Fatal(err)
	}
	kept := result(t, report, "nats").Kept
	if !slices.Contains(kept, "PersistentVolumeClaim/data-nats-0") || !slices.Contains(kept, "Secret/nats-user-administrator") {
		t.Errorf("data is not kept, or not listed: %v", kept)
	}
	credential := func() string {
		return s.kubectl(t, "get", "secret", "nats-user-administrator", "--output=jsonpath={.data.password}")
	}
	old := credential()
	s.mend(t)
	if credential() != old {
		t.Error("the credentials did not survive")
	}

	if _, err := (harmony.Run{Purge: true}).Remove(t.Context(), s.placement()); err != nil {
		t.Fatal(err)
	}
	ns := s.fleet.NATS.Namespace
	left := slices.DeleteFunc(s.everything(t), func(object string) bool { return slices.Contains(before, object) })
	want := []string{"ConfigMap " + ns + "/kube-root-ca.crt", "ConfigMap " + ns + "/stranger", "Namespace /" + ns, "ServiceAccount " + ns + "/default"}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("what is left (-want +got)\n%s", diff)
	}
	s.kubectl(t, "delete", "namespace", ns)
}

// everything lists every object of every kind that discovery lists, besides what the cluster renews by itself and
// what other tests hold meanwhile in namespaces of theirs.
func (s *stack) everything(t *testing.T) (objects []string) {
	t.Helper()
	kinds := strings.Fields(s.kubectl(t, "api-resources", "--verbs=list", "--output=name"))
	kinds = slices.DeleteFunc(kinds, func(kind string) bool {
		return strings.HasPrefix(kind, "events") || strings.HasPrefix(kind, "leases.") || strings.HasPrefix(kind, "componentstatuses")
	})
	list := s.kubectl(t, "get", strings.Join(kinds, ","), "--all-namespaces", "--output=jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{'\\n'}{end}")
	for line := range strings.Lines(list) {
		object := strings.TrimSpace(line)
		_, name, _ := strings.Cut(object, " ")
		namespace, _, _ := strings.Cut(name, "/")
		if namespace == s.fleet.NATS.Namespace || namespace == "" && !strings.HasPrefix(name, "/e2e-") || name == "/"+s.fleet.NATS.Namespace {
			objects = append(objects, object)
		}
	}
	slices.Sort(objects)
	return objects
}

func (s *stack) agent() deploy.AgentPod {
	return deploy.AgentPod{Namespace: s.fleet.NATS.Namespace, Device: s.fleet.Device, NATS: s.fleet.NATS.Ref()}
}

func id(t *testing.T, name string) contract.DeviceID {
	t.Helper()
	id, err := contract.ParseDeviceID(name)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
