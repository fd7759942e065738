// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

const rounds = 5

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log.SetLogger(logr.Discard()) // the plain client's; it complains on standard error when it has none
	if err := measure(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, args []string) (err error) {
	b := &bench{cluster: "harmony-bench"}
	figures := map[string][]func(context.Context) error{
		"first":    {b.localkubeUp, b.deploys, b.agent},
		"plan":     {b.plans},
		"fleet":    {b.fleets},
		"identity": {b.identities},
	}
	flags := []string{"fleet", "identity"}
	if len(args) == 0 || figures[args[0]] == nil || len(args) > 1 && !slices.Contains(flags, args[0]) {
		return fmt.Errorf("name what is to be measured: %s: %w", strings.Join(slices.Sorted(maps.Keys(figures)), " or "), os.ErrInvalid)
	}
	b.args = args[1:]
	if args[0] != "identity" { // which takes down its own, if it has one
		defer func() { err = errors.Join(err, b.down(context.WithoutCancel(ctx))) }()
	}
	for _, figure := range figures[args[0]] {
		if err := figure(ctx); err != nil {
			return err
		}
	}
	return nil
}

// A series is the measurements of one figure, over the rounds.
type series []float64

func (s series) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	return sorted[len(sorted)/2]
}

// spread is the distance of the extremes as a share of the median.
func (s series) spread() float64 { return (slices.Max(s) - slices.Min(s)) / s.median() }

// against gives the median of the ratios to a baseline, round by round, so that a machine that drifts matters less.
func (s series) against(baseline series) float64 {
	ratios := make(series, len(s))
	for i := range s {
		ratios[i] = s[i] / baseline[i]
	}
	return ratios.median()
}

func (s series) print(name, unit string) {
	fmt.Printf("FIGURE name=%s value=%.3g unit=%s rounds=%d spread=%.2f\n", name, s.median(), unit, len(s), s.spread())
}

func (s series) printAgainst(name, unit, baselineName string, baseline series) {
	fmt.Printf("FIGURE name=%s value=%.3g unit=%s ratio=%.2f baseline=%s baseline_value=%.3g rounds=%d spread=%.2f\n",
		name, s.median(), unit, s.against(baseline), baselineName, baseline.median(), len(s), s.spread())
}
