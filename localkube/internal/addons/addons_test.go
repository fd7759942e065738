// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package addons

import (
	"net/netip"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

type manifest struct {
	APIVersion, Kind string
	Metadata         struct{ Name, Namespace string }
}

// path is where an object belongs by what it says of itself.
func (m manifest) path() string {
	prefix := "/apis/" + m.APIVersion
	if m.APIVersion == "v1" {
		prefix = "/api/v1"
	}
	if m.Metadata.Namespace != "" {
		prefix += "/namespaces/" + m.Metadata.Namespace
	}
	plural := strings.ToLower(m.Kind) + "s"
	if strings.HasSuffix(m.Kind, "Class") {
		plural = strings.ToLower(m.Kind) + "es"
	}
	return prefix + "/" + plural + "/" + m.Metadata.Name
}

func TestObjectsLieWhereTheySay(t *testing.T) {
	all, err := Base(Values{
		KubeletClient: "k", Provisioner: "p", VolumeProvisioner: "v/v", DNS: netip.MustParseAddr("10.151.0.10"),
		FirstNode: "one", CoreDNSImage: "localkube.internal/coredns:1",
	})
	if err != nil {
		t.Fatal(err)
	}
	probe, err := Probe("one-2", "localkube.internal/probe:1")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 10 {
		t.Errorf("%d objects, want 10", len(all))
	}
	for _, o := range append(all, probe) {
		var m manifest
		if err := yaml.Unmarshal(o.Manifest, &m); err != nil {
			t.Errorf("%s: %v", o.Path, err)
		}
		if m.path() != o.Path {
			t.Errorf("object lies at %s, want %s", o.Path, m.path())
		}
	}
}
