// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony/internal/vet"
)

// exemptions are all that this repository has, in all of its modules. A new one is seen here by whoever reviews it.
var exemptions = []string{
	"capability/kube: kubeobjects: it applies and reads the objects of every Score, and makes inventories, namespaces and credentials for them",
	"fleet/agent/podman/internal/login: secretprint: it renders a header of podman's API as JSON, with the password of the registry's user",
	"fleet/api/v1alpha1: kubeobjects: it has the definitions of the kinds, which the Score of the operator applies",
	"fleet/bench: kubeobjects: its baseline is a plain client that watches Pods, and a fleet is measured beside a cluster, not deployed",
	"fleet/cli: kubeobjects: it applies what people wrote into files, and reads it as it is",
	"fleet/e2e/faults: kubeobjects: it records what a cluster says; it builds none",
	"fleet/operator: kubeobjects: it writes the status of what people made, and keeps the releases of their Deployments",
	"fleet/operator/api: kubeobjects: it asks the API server with reviews, which are stored nowhere",
	"internal/house: kubeobjects: it reads the definitions that are made of the fleet's kinds; it builds none",
	"localkube/cmd/engine/volume: kubeobjects: a volume provisioner is a part of the cluster, and describes each volume as an object",
	"localkube/dns/probe: barewait: its module has no package to wait with, and it gives the last error that it saw",
	"localkube/e2e: kubeobjects: it tests what makes the place that Scores are placed on, with a StatefulSet and its volume",
	"localkube/internal/addons: kubeobjects: what makes the place that Scores are placed on cannot place Scores",
	"localkube/internal/wait: barewait: it is what the rest of localkube waits with",
	"score/nats/internal/conf: secretprint: it renders the configuration of the servers as JSON, with the passwords of their users",
	"wait: barewait: it is what all others wait with",
}

func TestTheExemptionsOfTheRepositoryAreKnown(t *testing.T) {
	const root = "../.."
	var found []string
	err := filepath.WalkDir(root, func(dir string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		if name := e.Name(); dir != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin") {
			return fs.SkipDir
		}
		all, err := vet.Exemptions(dir)
		for _, exemption := range all {
			name, err := filepath.Rel(root, dir)
			if err != nil {
				return err
			}
			found = append(found, filepath.ToSlash(name)+": "+exemption.Rule+": "+exemption.Reason)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(exemptions, found); diff != "" {
		t.Errorf("(-known +found)\n%s", diff)
	}
}

// rules are the names of the analyzers: an exemption from anything else exempts from nothing.
func rules() (names []string) {
	for _, rule := range vet.Rules() {
		names = append(names, rule.Name)
	}
	return names
}

func TestExemptionsNameRulesThatThereAre(t *testing.T) {
	for _, exemption := range exemptions {
		if rule := strings.Split(exemption, ": ")[1]; !slices.Contains(rules(), rule) {
			t.Errorf("there is no rule %q: %s", rule, exemption)
		}
	}
}

func TestAnExemptionNeedsAReasonAndStandsInDocGo(t *testing.T) {
	const clause = "// Package p is one.\n//\n//harmony:exempt kubeobjects"
	for name, c := range map[string]struct {
		file, text string
		want       []vet.Exemption
		fails      bool
	}{
		"with a reason":    {"doc.go", clause + " it has to\npackage p\n", []vet.Exemption{{Rule: "kubeobjects", Reason: "it has to"}}, false},
		"without a reason": {"doc.go", clause + "\npackage p\n", nil, true},
		"with spaces":      {"doc.go", clause + "   \npackage p\n", nil, true},
		"elsewhere":        {"p.go", clause + " it has to\npackage p\n", nil, false},
		"in prose":         {"doc.go", "// Package p is one (//harmony:exempt kubeobjects it has to).\npackage p\n", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, c.file), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := vet.Exemptions(dir)
			var e *vet.ExemptionError
			if errors.As(err, &e) != c.fails || !c.fails && err != nil || !cmp.Equal(got, c.want) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
