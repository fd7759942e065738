// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/needs"
)

// TestMain lets more tests run at the same time than there are processors: they
// wait for the cluster most of the time.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// A cluster is the local cluster as a test sees it: through Harmony, and as a stranger.
type cluster struct {
	*kube.Client
	stranger kubernetes.Interface
}

// connect reaches the local cluster, side by side with other tests.
func connect(t *testing.T) cluster {
	t.Helper()
	t.Parallel()
	return connectAlone(t)
}

func connectAlone(t *testing.T) cluster {
	t.Helper()
	path := needs.Local(t)
	client, err := kube.Connect(kube.Options{Kubeconfig: path, Version: "v1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	config, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		t.Fatal(err)
	}
	config.QPS, config.Burst = 1000, 1000
	stranger, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	c := cluster{client, stranger}
	prune(t.Context(), c)
	return c
}

const prefix = "e2e-"

// prune takes away what killed tests left behind.
var pruned sync.Once

func prune(ctx context.Context, c cluster) {
	pruned.Do(func() {
		list, err := c.stranger.CoreV1().Namespaces().List(ctx, metav1.ListOptions{})
		if err != nil {
			return
		}
		for _, ns := range list.Items {
			if strings.HasPrefix(ns.Name, prefix) && time.Since(ns.CreationTimestamp.Time) > time.Hour {
				_ = c.stranger.CoreV1().Namespaces().Delete(ctx, ns.Name, metav1.DeleteOptions{})
			}
		}
	})
}

// component names a component in a namespace of its own, which goes with the test.
func (c cluster) component(t *testing.T) kube.Inventory {
	t.Helper()
	id := make([]byte, 4)
	_, _ = rand.Read(id)
	name := prefix + hex.EncodeToString(id)
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		_ = c.stranger.CoreV1().Namespaces().Delete(ctx, name, metav1.DeleteOptions{})
	})
	return kube.Inventory{Namespace: name, Name: "web"}
}

// subject gives the reference of the image that the tests' Pods run.
func subject(t *testing.T) string {
	t.Helper()
	reference, err := provide(t)
	if err != nil {
		t.Fatal(err)
	}
	return reference
}

const subjectPackage = "nationtech.io/harmony/capability/kube/internal/subject"

// delivered are the references of the images that are in the nodes. Who finds one missing loads it, and the others wait.
var delivered = struct {
	sync.Mutex
	references map[string]bool
}{references: map[string]bool{}}

func provide(t *testing.T) (string, error) {
	var b image.Builder
	built, err := b.Build(t.Context(), image.Image{Name: "kube-subject", Package: subjectPackage}, here())
	if err != nil {
		return "", err
	}
	reference := "harmony.local/kube-subject:" + built.Digest.Hex[:12]
	delivered.Lock()
	defer delivered.Unlock()
	if delivered.references[reference] {
		return reference, nil
	}
	archive := filepath.Join(t.TempDir(), "image.tar")
	file, err := os.Create(archive)
	if err != nil {
		return "", err
	}
	if err := errors.Join(built.WriteArchive(file, reference), file.Close()); err != nil {
		return "", err
	}
	needs.Load(t, archive)
	delivered.references[reference] = true
	return reference, nil
}

func here() image.Platform {
	i := slices.IndexFunc(image.Platforms(), func(p image.Platform) bool { return p.Arch == arch })
	return image.Platforms()[i]
}

func apply(t *testing.T, c *kube.Client, in kube.Inventory, objects ...kube.Object) []harmony.Change {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	outcome, err := c.Apply(ctx, in, objects...)
	if err != nil {
		t.Fatalf("apply: %v\n%s", err, text(err))
	}
	return outcome.Changes
}

// text is an error as people see it.
func text(err error) string {
	var b strings.Builder
	for _, d := range diag.All(err) {
		_ = diag.Style{}.Write(&b, d)
	}
	return b.String()
}

func codes(err error) (codes []diag.Code) {
	for _, d := range diag.All(err) {
		codes = append(codes, d.Code)
	}
	return codes
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
