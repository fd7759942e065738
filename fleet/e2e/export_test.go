// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/fleet/deploy"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/score/nats"
	"nationtech.io/harmony/scoretest"
	"nationtech.io/harmony/topology/export"
	"nationtech.io/harmony/topology/local"
)

// What a deploy makes in one namespace, an export makes in another: applied by kubectl, and installed by Helm. A deploy
// then takes what stands there for its own, and does the rest; and gives it back.
func TestAnExportMakesTheObjectsOfTheDeploy(t *testing.T) {
	topology := scoretest.Local(t)
	for name, fleet := range map[string]func(namespace string) deploy.All{
		"one server": func(namespace string) deploy.All {
			return deploy.All{NATS: deploy.NATS{Namespace: namespace}, Device: id(t, "e2e-1")}
		},
		"three servers": func(namespace string) deploy.All {
			return deploy.All{NATS: deploy.NATS{Namespace: namespace, Replicas: 3}, Device: id(t, "e2e-1")}
		},
	} {
		t.Run(name, func(t *testing.T) {
			deployed := fleet(scoretest.Namespace(t))
			t.Cleanup(func() { forgotten(t, deployed.NATS.Namespace) })
			if _, err := harmony.Deploy(t.Context(), harmony.Place(deployed).On(topology)); err != nil {
				t.Fatal(err)
			}
			want := stands(t, deployed.NATS.Namespace)
			if len(want) < 12 {
				t.Fatalf("only %d objects stand", len(want))
			}
			for format, how := range map[string]way{export.Manifests: kubectlApply, export.Chart: helmInstall} {
				t.Run(format, func(t *testing.T) {
					exported := fleet(scoretest.Namespace(t))
					namespace := exported.NATS.Namespace
					t.Cleanup(func() { forgotten(t, namespace) })
					dir := written(t, topology, exported, format)
					for _, flags := range [][]string{nil, {"--force-conflicts"}} {
						how.apply(t, dir, namespace, flags...)
						if diff := cmp.Diff(want, stands(t, namespace)); diff != "" {
							t.Errorf("-deployed +exported %v\n%s", flags, diff)
						}
						if flags == nil {
							takenOver(t, topology, exported, how.differs)
						}
					}
					for _, restarted := range []string{"statefulset/nats", "deployment/harmony-fleet-operator", "deployment/agent-e2e-1"} {
						needs.Kubectl(t, "--namespace", namespace, "rollout", "status", restarted, "--timeout", "2m")
					}
					if _, err := harmony.Verify(t.Context(), harmony.Place(exported).On(topology)); err != nil {
						t.Error(err)
					}
				})
			}
		})
	}
}

// written exports a fleet with the images that the local cluster has.
func written(t *testing.T, topology *local.Topology, fleet deploy.All, format string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	o := export.Options{Format: format, Dir: dir, Namespace: fleet.NATS.Namespace, Version: "v0.0.1", Images: map[string]string{}}
	for _, i := range []image.Image{nats.ServerImage, deploy.AgentImage, deploy.OperatorImage} {
		reference, err := topology.Images().Provide(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		o.Images[i.Name] = reference
	}
	if _, _, err := export.Write(t.Context(), harmony.Run{}, harmony.Place(fleet), o); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A way is how an export is applied, and in which fields the deploy differs from what stands then.
type way struct {
	apply   func(t *testing.T, dir, namespace string, flags ...string)
	differs []string
}

var kubectlApply = way{apply: func(t *testing.T, dir, _ string, flags ...string) {
	t.Helper()
	needs.Kubectl(t, append([]string{"apply", "--server-side", "--filename", dir}, flags...)...)
}}

// Helm writes its own name on everything, and a chart cannot make the digests that the Score makes of credentials.
var helmInstall = way{apply: func(t *testing.T, dir, namespace string, flags ...string) {
	t.Helper()
	needs.Kubectl(t, "apply", "--server-side", "--filename", filepath.Join(dir, "namespace-"+namespace+".yaml"))
	said, err := needs.Helm(t, dir, append([]string{
		"upgrade", "--install", "all", "all", "--namespace", namespace, "--values", "values-secrets.yaml", "--kubeconfig", needs.Local(t),
	}, flags...)...)
	if err != nil || !strings.Contains(said, "the streams KV_desired-state and KV_releases at Service/nats") {
		t.Fatalf("%v\n%s", err, said)
	}
}, differs: []string{
	"metadata.labels[app.kubernetes.io/managed-by]", "data[nats.conf]",
	"spec.template.metadata.annotations[harmony.nationtech.io/restart]",
}}

// takenOver deploys what was exported: nothing but the fields that must differ is changed, and the smoke test passes.
func takenOver(t *testing.T, topology *local.Topology, fleet deploy.All, differs []string) {
	t.Helper()
	report, err := harmony.Deploy(t.Context(), harmony.Place(fleet).On(topology))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range report.Placements {
		for _, c := range p.Changes {
			for field := range strings.SplitSeq(c.Detail, ", ") {
				if !strings.HasPrefix(c.Object, "stream ") && !slices.Contains(differs, field) {
					t.Errorf("the deploy %s %s: %s", c.Action, c.Object, c.Detail)
				}
			}
		}
	}
}

// forgotten takes a namespace away, also after the test, when its own context has ended.
func forgotten(t *testing.T, namespace string) {
	t.Helper()
	gone := context.WithoutCancel(t.Context())
	needs.Kubectl(scope{t, gone}, "delete", "namespace", namespace, "--wait=false")
}

// A scope is a test whose context is another.
type scope struct {
	*testing.T
	ctx context.Context
}

func (s scope) Context() context.Context { return s.ctx }

// digests are made of credentials, which are generated, and of the namespace, as the id of the probe is.
var digests = regexp.MustCompile(`(config:|harmony\.nationtech\.io/(?:config|restart)":"|harmony-probe-)(?:[0-9a-f]{16}|[0-9a-f]{12})`)

// stands lists the objects of a namespace without what every object of every namespace has for itself: its identity, the
// name of the namespace, and the values that were generated.
func stands(t *testing.T, namespace string) map[string]any {
	t.Helper()
	const kinds = "serviceaccounts,configmaps,secrets,services,deployments,statefulsets,poddisruptionbudgets"
	all := map[string]any{}
	var generated []string
	for _, o := range append(list(t, kinds, "--namespace", namespace, "--selector", "harmony.nationtech.io/component,!harmony.nationtech.io/inventory"),
		list(t, "namespaces", "--field-selector", "metadata.name="+namespace)...) {
		metadata := o["metadata"].(map[string]any)
		labels, _ := metadata["labels"].(map[string]any)
		if data, is := o["data"].(map[string]any); is && o["kind"] == "Secret" {
			for key, value := range data {
				text, err := base64.StdEncoding.DecodeString(value.(string))
				if err != nil {
					t.Fatal(err)
				}
				data[key] = string(text)
				if labels["harmony.nationtech.io/data"] == "true" {
					generated = append(generated, string(text), "a credential of "+metadata["name"].(string))
				}
			}
		}
		bare(o)
		all[o["kind"].(string)+"/"+metadata["name"].(string)] = o
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.NewReplacer(append(generated, namespace, "the-namespace")...).Replace(string(text))
	plain = digests.ReplaceAllString(plain, "${1}a digest")
	all = map[string]any{}
	if err := json.Unmarshal([]byte(plain), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// bare takes from an object what the API server and its controllers write, and what Helm writes on everything.
func bare(o map[string]any) {
	metadata := o["metadata"].(map[string]any)
	for _, field := range []string{"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"} {
		delete(metadata, field)
	}
	delete(o, "status")
	if annotations, is := metadata["annotations"].(map[string]any); is {
		for _, name := range []string{"meta.helm.sh/release-name", "meta.helm.sh/release-namespace", "helm.sh/resource-policy", "harmony.nationtech.io/made"} {
			delete(annotations, name)
		}
		if len(annotations) == 0 {
			delete(metadata, "annotations")
		}
	}
	if labels := metadata["labels"].(map[string]any); labels["app.kubernetes.io/managed-by"] == "Helm" {
		labels["app.kubernetes.io/managed-by"] = "harmony" // Helm writes its own name over it
	}
	if spec, is := o["spec"].(map[string]any); is && o["kind"] == "Service" && spec["clusterIP"] != "None" {
		delete(spec, "clusterIP")
		delete(spec, "clusterIPs")
	}
}

func list(t *testing.T, kinds string, args ...string) (objects []map[string]any) {
	t.Helper()
	text := needs.Kubectl(t, append([]string{"get", kinds, "--output", "json"}, args...)...)
	var all struct{ Items []map[string]any }
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return all.Items
}
