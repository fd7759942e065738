// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/pflag"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

// A bench is a place for tests of whole commands: what is placed on it does what the test says.
type bench struct{}

type benches interface{ Bench() bench }

func (bench) Name() string   { return "bench" }
func (bench) Target() string { return "of this test" }
func (b bench) Bench() bench { return b }
func (bench) Close()         {}

func (bench) Components(context.Context, string) ([]kube.Standing, error) { return nil, nil }

// A piece is a component on a bench.
type piece struct {
	name  string
	make  func(context.Context) (harmony.Outcome, error)
	prove func(context.Context) error
}

func (p piece) Name() string { return p.name }

func (p piece) Interpret(ctx context.Context, _ benches) (harmony.Outcome, error) {
	if p.make == nil {
		return harmony.Outcome{}, nil
	}
	return p.make(ctx)
}

func (p piece) SmokeTest(ctx context.Context, _ benches) error {
	if p.prove == nil {
		return nil
	}
	return p.prove(ctx)
}

// appOf is a program with one component, and benches.
func appOf(p piece) App {
	return App{
		Name: "harmony-test", Short: "for tests", Namespace: "tests", Whole: p.name,
		Components: []Component{{Name: p.name, What: "for tests", Bind: func(*pflag.FlagSet) func(string) (harmony.Offer, error) {
			return func(string) (harmony.Offer, error) { return harmony.Place(harmony.Score[benches](p)), nil }
		}}},
		Topologies: []Topology{{Name: "bench", What: "for tests", Type: reflect.TypeFor[bench](), Flags: func(*pflag.FlagSet) func(context.Context) (Place, error) {
			return func(context.Context) (Place, error) { return bench{}, nil }
		}}},
	}
}

// run runs a command of the program and gives its exit code and all that it wrote.
func run(p piece, args ...string) (code int, out string) {
	var b bytes.Buffer
	code = appOf(p).Main(args, Streams{Out: &b, Err: &b})
	return code, b.String()
}

// interrupts sends this process what Ctrl-C sends.
func interrupts(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
		t.Error(err)
	}
}

func TestTheFirstInterruptLetsAStepEndAndStartsNoOther(t *testing.T) {
	ended, proved := false, false
	p := piece{name: "x", make: func(ctx context.Context) (harmony.Outcome, error) {
		interrupts(t)
		<-stop(ctx)
		ended = ctx.Err() == nil
		return harmony.Outcome{Changes: []harmony.Change{{Action: harmony.Created, Object: "thing"}}}, nil
	}, prove: func(context.Context) error { proved = true; return nil }}
	code, out := run(p, "x", "--topology", "bench")
	if code != ExitInterrupted || !ended || proved {
		t.Errorf("exit code %d, the step ended %t, the next began %t", code, ended, proved)
	}
	for _, want := range []string{"interrupt again to end it at once", "error[HRM0105]", "x: interpret is done, and smoke test was not started", "run the same again"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not said:\n%s", want, out)
		}
	}
}

func TestTheSecondInterruptEndsEverythingAtOnce(t *testing.T) {
	p := piece{name: "x", make: func(ctx context.Context) (harmony.Outcome, error) {
		interrupts(t)
		<-stop(ctx)
		interrupts(t)
		<-ctx.Done()
		return harmony.Outcome{}, ctx.Err()
	}}
	code, out := run(p, "x", "--topology", "bench")
	if code != ExitInterrupted || !strings.Contains(out, "what was applied stands; run the same again to go on") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

func TestTheFirstInterruptEndsWhatChangesNothing(t *testing.T) {
	p := piece{name: "x", prove: func(ctx context.Context) error {
		interrupts(t)
		<-ctx.Done()
		return ctx.Err()
	}}
	if code, out := run(p, "verify", "x", "--topology", "bench"); code != ExitInterrupted {
		t.Errorf("exit code %d\n%s", code, out)
	}
}
