// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command planproof shows promise by promise that plans, drift and exports keep what is said of them: it runs the tests
// that hold them to it, those on a real Kubernetes too, prints a line for each promise and closes with "N passed, N
// failed". The exit code is 1 when one failed. A test that was skipped proves nothing.
//
//	make plan-proof
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	failed := prove(ctx)
	stop()
	if failed > 0 {
		os.Exit(1)
	}
}

// prove runs the tests of each package at once, and tells of each promise when its package has ended.
func prove(ctx context.Context) (failed int) {
	passed := 0
	for _, pkg := range packages() {
		results, said := run(ctx, pkg)
		for _, p := range promises {
			if p.pkg != pkg {
				continue
			}
			r := results[p.test]
			if r.verdict == "pass" {
				passed++
			} else {
				failed++
			}
			fmt.Printf("CASE name=%s verdict=%s seconds=%.1f test=%s\n", p.name, r.word(), r.seconds, p.test)
			if r.verdict != "pass" {
				fmt.Println("    " + strings.ReplaceAll(strings.TrimSpace(r.said.String()+said), "\n", "\n    "))
			}
		}
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	return failed
}

// packages are those of the promises, in their order.
func packages() (all []string) {
	for _, p := range promises {
		if !slices.Contains(all, p.pkg) {
			all = append(all, p.pkg)
		}
	}
	return all
}

type result struct {
	verdict string // as go test has it: pass, fail, skip; empty when it did not run
	seconds float64
	said    strings.Builder
}

func (r *result) word() string {
	if r.verdict == "pass" {
		return "pass"
	}
	return "fail"
}

// run runs the tests of a package. said is what does not belong to any of them, as the words of a compiler.
func run(ctx context.Context, pkg string) (results map[string]*result, said string) {
	results = map[string]*result{}
	var names []string
	for _, p := range promises {
		if p.pkg == pkg {
			names, results[p.test] = append(names, p.test), &result{}
		}
	}
	pattern := "^(" + strings.Join(names, "|") + ")$"
	cmd := exec.CommandContext(ctx, "go", "test", "-json", "-count=1", "-timeout", "30m", "-run", pattern, "./"+pkg)
	cmd.Env = append(os.Environ(), "HARMONY_NEEDS=all")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return results, err.Error()
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e struct {
			Action, Test, Output string
			Elapsed              float64
		}
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		name, _, sub := strings.Cut(e.Test, "/")
		r := results[name]
		switch {
		case r == nil && e.Action == "build-output":
			said += e.Output
		case r == nil:
		case e.Action == "output":
			r.said.WriteString(e.Output)
		case !sub && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip"):
			r.verdict, r.seconds = e.Action, e.Elapsed
		}
	}
	_ = cmd.Wait() // the tests have told
	return results, said
}
