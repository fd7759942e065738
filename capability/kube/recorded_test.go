// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	apiwatch "k8s.io/apimachinery/pkg/watch"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/wait"
)

// A moment is a line of a recording, which is made by
//
//	go run ./fleet/e2e/faults/run -record capability/kube/testdata/recorded -run NAME
type moment struct {
	Seconds float64
	Type    apiwatch.EventType
	Object  *unstructured.Unstructured
}

// recordings say what must be made of each; an empty code is a deploy that must end well.
var recordings = map[string]diag.Code{
	"image-missing": diag.ImageMissing, "registry-unauthorised": diag.ImageNotAllowed, "command-not-found": diag.CommandNotRunnable,
	"crash-loop": diag.CrashLoop, "out-of-memory": diag.OutOfMemory, "liveness-kills-slow-start": diag.LivenessKills,
	"secret-missing": diag.ConfigurationMissing, "configmap-missing": diag.ConfigurationMissing,
	"claim-not-provisioned": diag.ClaimNotProvisioned, "no-node-cpu": diag.Unschedulable, "quota-exceeded": diag.QuotaExceeded,
	"webhook-down": diag.WebhookDown, "service-selects-nothing": diag.SelectsNothing,
	"image-appears": "", "secret-appears": "", "configmap-appears": "", "slow-start": "", "client-before-its-database": "",
}

func TestRecordedClustersAreJudgedAsTheyWere(t *testing.T) {
	for name, code := range recordings {
		t.Run(name, func(t *testing.T) {
			moments := recording(t, name)
			synctest.Test(t, func(t *testing.T) {
				j, err := replay(t, moments)
				switch {
				case code == "" && err != nil:
					t.Fatalf("it healed, and was given up: %v", said(j))
				case code != "" && !errors.Is(err, errLost):
					t.Fatalf("it was not given up but ended with %v: %v", err, said(j))
				case code == "":
					return
				}
				for ref, v := range j.verdicts {
					if j.counts(t.Context(), ref, v, time.Now()) && v.trouble.code != code {
						t.Errorf("%s is given the code %s: %s", ref, v.trouble.code, v.reason)
					}
				}
			})
		})
	}
}

// The kubelet tries every 10 to 15 s: what comes 15 s late may be tried 30 s after the first try only.
func TestASecretThatComesLateIsInTimeForASlowKubelet(t *testing.T) {
	const tried, later = 21.0, 23.0 // when the try that found it was recorded; how much later it may come
	moments := recording(t, "secret-appears")
	for i := range moments {
		if moments[i].Seconds > tried {
			moments[i].Seconds += later
		}
	}
	synctest.Test(t, func(t *testing.T) {
		if j, err := replay(t, moments); err != nil {
			t.Errorf("it was given up: %v: %v", err, said(j))
		}
	})
}

func TestEveryRecordingIsJudged(t *testing.T) {
	files, err := filepath.Glob("testdata/recorded/*.jsonl")
	if err != nil || len(files) != len(recordings) {
		t.Errorf("there are %d recordings, and %d are judged: %v", len(files), len(recordings), err)
	}
}

func recording(t *testing.T, name string) (all []moment) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "recorded", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m moment
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// replay waits as a deploy does while the recording happens.
func replay(t *testing.T, moments []moment) (j *judgement, err error) {
	t.Helper()
	all := source{kind: podKind}
	m := newMirror([]source{all})
	m.replace(all, nil)
	j = &judgement{items: appliedIn(moments), mirror: m, since: map[string]time.Time{}, from: time.Now()}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	go func() {
		start := time.Now()
		for _, moment := range moments {
			if wait.Sleep(ctx, time.Duration(moment.Seconds*float64(time.Second))-time.Since(start)) != nil {
				return
			}
			of := all
			of.kind = moment.Object.GroupVersionKind()
			o := decode(of.kind, moment.Object)
			m.change(all, func(r *reflection) {
				r.objects[o.GetUID()] = o
				if moment.Type == apiwatch.Deleted {
					delete(r.objects, o.GetUID())
				}
			})
		}
	}()
	return j, wait.Until(ctx, "objects to become ready", wait.Pace{Wake: m.wake}, j.look)
}

// appliedIn are the objects that the deploy itself applied.
func appliedIn(moments []moment) (items []item) {
	seen := map[reference]bool{}
	for _, m := range moments {
		u := m.Object.DeepCopy()
		ref := referenceTo(u)
		ours := u.GetLabels()[ComponentLabel] == "victim" && u.GetName() == "victim"
		if ours && !readyWhenStored[ref.GroupKind()] && !seen[ref.key()] && len(u.GetOwnerReferences()) == 0 {
			seen[ref.key()] = true
			items = append(items, item{reference: ref, object: u})
		}
	}
	return items
}

func said(j *judgement) (lines []string) {
	for ref, v := range j.verdicts {
		lines = append(lines, v.line(ref))
	}
	return lines
}
