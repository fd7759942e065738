// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/e2e/faults/internal/victim"
)

const (
	defaultLimit = 3 * time.Minute
	tidyLimit    = 2 * time.Minute
	// Tardy is how much longer than its grace a bad state may last before it is told of.
	Tardy = 2 * time.Second
	hex   = 8
)

// A Verdict is what came of a fault.
type Verdict struct {
	Fault   Fault
	Took    time.Duration // of the deploy
	Code    diag.Code     // what was diagnosed first; empty when the deploy ended well
	Text    string        // all that was said, as people see it
	Problem error         // why it is not as it must be; nil when it is
}

// Line is the verdict as a line of a report.
func (v Verdict) Line() string {
	word := "pass"
	if v.Problem != nil {
		word = "fail"
	}
	code := v.Code
	if code == "" {
		code = "healed"
	}
	return fmt.Sprintf("CASE name=%s code=%s seconds=%.1f verdict=%s", v.Fault.Name, code, v.Took.Seconds(), word)
}

// Try makes the fault happen while Harmony deploys, on a stage whose namespace is free, and takes everything away again.
func (f Fault) Try(ctx context.Context, s Stage) (v Verdict) {
	v = Verdict{Fault: f}
	var failed error
	deployed := false
	took, broke, err := f.Happen(ctx, s, func(ctx context.Context, s *Stage) { failed, deployed = f.deploy(ctx, s), true })
	v.Took = took
	if deployed {
		v.judge(failed, broke)
	}
	v.Problem = errors.Join(v.Problem, err)
	return v
}

// Happen makes the fault happen while someone deploys its objects, whoever it is, on a stage whose namespace is free, and
// takes everything away again. It tells how long that took, and what While ended with. An error says that the stage
// could not be prepared, or not be tidied up.
func (f Fault) Happen(ctx context.Context, s Stage, deploy func(context.Context, *Stage)) (took time.Duration, broke, err error) {
	s.Namespace = "faults-" + strings.ToLower(rand.Text()[:hex])
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() { err = errors.Join(err, f.tidy(context.WithoutCancel(ctx), &s)) }()
	if f.Before != nil {
		if err := f.Before(ctx, &s); err != nil {
			return 0, nil, err
		}
	}
	if s.Record != "" {
		stop, failed := f.record(ctx, &s, s.Record)
		if failed != nil {
			return 0, nil, failed
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	ended := make(chan error, 1)
	during, over := context.WithCancel(ctx)
	go func() {
		if f.While == nil {
			ended <- nil
			return
		}
		ended <- f.While(during, &s)
	}()
	start := time.Now()
	deploy(ctx, &s)
	took = time.Since(start)
	over()
	return took, <-ended, nil
}

func (f Fault) deploy(ctx context.Context, s *Stage) error {
	var place victim.Place = s.Place
	if f.Place != nil {
		var err error
		if place, err = f.Place(ctx, s); err != nil {
			return err
		}
	}
	limit := f.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	_, err := harmony.Run{Limit: limit}.Deploy(ctx, harmony.Place(f.score(s)).On(place))
	return err
}

// tidy takes away what the fault has left, and waits for nothing that may take long.
func (f Fault) tidy(ctx context.Context, s *Stage) error {
	ctx, cancel := context.WithTimeout(ctx, tidyLimit)
	defer cancel()
	var errs []error
	if f.After != nil {
		errs = append(errs, f.After(ctx, s))
	}
	errs = append(errs, s.kubectl(ctx, "delete", "namespace", s.Namespace, "--ignore-not-found", "--wait=false"))
	if f.Score != nil && f.score(s).Definition != "" {
		errs = append(errs, s.kubectl(ctx, "delete", "crd", "victims."+f.score(s).Definition, "--ignore-not-found", "--wait=false"))
	}
	return errors.Join(errs...)
}

// judge holds what came to what must come.
func (v *Verdict) judge(err, broke error) {
	all := diag.All(err)
	var b strings.Builder
	for _, d := range all {
		_ = diag.Style{}.Write(&b, d) // a Builder takes everything
	}
	v.Text = b.String()
	if len(all) > 0 {
		v.Code = all[0].Code
	}
	v.Problem = v.Fault.problem(all, v.Text)
	if broke != nil && v.Fault.Heals() {
		v.Problem = errors.Join(v.Problem, broke)
	}
}

func (f Fault) problem(all []*diag.Diagnostic, text string) error {
	switch {
	case f.Heals() && len(all) > 0:
		return fmt.Errorf("it heals, and the deploy failed: %w", all[0])
	case f.Heals():
		return nil
	case len(all) != 1:
		return fmt.Errorf("one cause must be one error, and there are %d: %w", len(all), errWrong)
	case all[0].Code != f.Code:
		return fmt.Errorf("the code must be %s and is %s: %w", f.Code, all[0].Code, errWrong)
	case !strings.Contains(strings.Join(all[0].Path, " "), f.Path):
		return fmt.Errorf("the path %q must have %q: %w", all[0].Path, f.Path, errWrong)
	case len(all[0].Evidence) == 0 || !f.Cause.MatchString(text):
		return fmt.Errorf("the evidence must match %s: %w", f.Cause, errWrong)
	}
	return onTime(text)
}

var (
	errWrong = errors.New("the diagnosis is wrong")
	lasted   = regexp.MustCompile(`seen for (.+?), and it counts after ([0-9a-z. ]+)`)
	amount   = regexp.MustCompile(`([0-9.]+) (ms|s|min)`)
)

// onTime asks that a bad state was told of soon after its grace.
func onTime(text string) error {
	m := lasted.FindStringSubmatch(text)
	if m == nil || strings.Contains(text, "in the last") {
		return nil
	}
	if seen, grace := span(m[1]), span(m[2]); seen > grace+Tardy {
		return fmt.Errorf("it was told of after %s instead of %s: %w", seen, grace, errWrong)
	}
	return nil
}

// span reads a duration as people are told it.
func span(text string) (d time.Duration) {
	units := map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "min": time.Minute}
	for _, m := range amount.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.ParseFloat(m[1], 64) // the expression takes only numbers
		d += time.Duration(n * float64(units[m[2]]))
	}
	return d
}
