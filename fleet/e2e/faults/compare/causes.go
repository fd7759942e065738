// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"nationtech.io/harmony/fleet/e2e/faults"
)

const (
	// helmsDefault is what "helm install --wait" waits when nobody says otherwise: helm 4.3.1, --timeout.
	helmsDefault = 300 * time.Second
	// rivalsWait is what the others are given here, which is longer than any grace of an image or a container.
	rivalsWait = 30 * time.Second
)

// A finding is what the three said of a fault.
type finding struct {
	name    string
	took    time.Duration // until Harmony had said its own
	ours    bool          // Harmony's output names the cause
	helms   bool
	kubectl bool
}

// causes makes each fault happen once under each program, and prints a line for each.
func (b *bench) causes(ctx context.Context, only string) error {
	var mu sync.Mutex
	var all []finding
	var failed []error
	var going sync.WaitGroup
	free := make(chan struct{}, b.abreast)
	for _, f := range faults.All() {
		if !comparable(f) || !strings.Contains(f.Name, only) {
			continue
		}
		free <- struct{}{}
		going.Go(func() {
			defer func() { <-free }()
			found, err := b.try(ctx, f)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = append(failed, fmt.Errorf("%s: %w", f.Name, err))
				return
			}
			all = append(all, found)
			fmt.Println(found)
		})
	}
	going.Wait()
	if len(failed) > 0 {
		return failed[0]
	}
	return figures(os.Stdout, all)
}

func (f finding) String() string {
	word := map[bool]string{true: "yes", false: "no"}
	return fmt.Sprintf("CAUSE name=%s seconds=%.1f harmony=%s helm=%s kubectl=%s ratio=%.3f",
		f.name, f.took.Seconds(), word[f.ours], word[f.helms], word[f.kubectl], f.took.Seconds()/helmsDefault.Seconds())
}

// comparable are faults that happen to anyone who applies the same objects to the same cluster: none of Harmony's smoke
// tests and kubeconfigs, none that takes a node, and none that heals.
func comparable(f faults.Fault) bool {
	return !f.Heals() && !f.Nodes && f.Place == nil && !strings.HasPrefix(f.Name, "smoke-")
}

func (b *bench) try(ctx context.Context, f faults.Fault) (found finding, err error) {
	v := f.Try(ctx, b.stage)
	found = finding{name: f.Name, took: v.Took, ours: v.Problem == nil && f.Cause.MatchString(v.Text)}
	for _, rival := range []struct {
		named  *bool
		deploy func(context.Context, *faults.Stage, faults.Fault) string
	}{{&found.helms, b.byHelm}, {&found.kubectl, b.byKubectl}} {
		var said string
		_, _, err := f.Happen(ctx, b.stage, func(ctx context.Context, s *faults.Stage) { said = rival.deploy(ctx, s, f) })
		if err != nil {
			return found, err
		}
		*rival.named = f.Cause.MatchString(said)
	}
	return found, nil
}

// figures writes the figures of all faults.
func figures(w io.Writer, all []finding) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "no fault of that name")
		return err
	}
	took := series{}
	var ours, helms, kubectls int
	for _, f := range all {
		took = append(took, f.took.Seconds())
		ours, helms, kubectls = ours+count(f.ours), helms+count(f.helms), kubectls+count(f.kubectl)
	}
	n := float64(len(all))
	fmt.Fprintf(w, "FIGURE name=root_cause_share value=%.3g unit=share helm=%.3g kubectl=%.3g faults=%d\n", float64(ours)/n, float64(helms)/n, float64(kubectls)/n, len(all))
	_, err := fmt.Fprintf(w, "FIGURE name=diagnosis value=%.3g unit=s ratio=%.3f baseline=helm_default_wait baseline_value=%.0f faults=%d worst=%.3g\n",
		took.median(), took.median()/helmsDefault.Seconds(), helmsDefault.Seconds(), len(all), slices.Max(took))
	return err
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
