// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command testreport runs the tests of the modules in the given directories and tells how they went:
// a line for each package, the whole output of what failed, what was skipped and why,
// and a closing line that counts them all.
//
//	go run ./internal/testreport [-race] [-timeout D] DIR…
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// event is a line of go test -json; see go doc cmd/test2json.
type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

type tally struct {
	passed, failed int
	skipped        []string
	output         map[string]*strings.Builder
	broken         bool
}

func main() {
	race := flag.Bool("race", false, "with the race detector")
	timeout := flag.String("timeout", "30m", "limit of each package's tests")
	flag.Parse()
	t := &tally{output: map[string]*strings.Builder{}}
	for _, dir := range flag.Args() {
		args := []string{"test", "-json", "-timeout", *timeout}
		if *race {
			args = append(args, "-race")
		}
		if err := t.run(dir, append(args, "./...")); err != nil {
			fmt.Printf("FAIL  %s: %v\n", dir, err)
			t.broken = true
		}
	}
	os.Exit(t.close())
}

// run runs go test in a module and reads what it says.
func (t *tally) run(dir string, args []string) error {
	cmd := exec.Command("go", args...) //nolint:noctx // an interrupt reaches it as it reaches us
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Println(lines.Text())
			continue
		}
		t.take(e)
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("go test: %w", err)
	}
	return lines.Err()
}

func (t *tally) take(e event) {
	key := e.Package + e.ImportPath + "\x00" + e.Test
	switch e.Action {
	case "output", "build-output":
		if t.output[key] == nil {
			t.output[key] = &strings.Builder{}
		}
		t.output[key].WriteString(e.Output)
	case "build-fail":
		fmt.Print(t.output[key].String())
	case "pass", "skip", "fail":
		t.ended(e, key)
	}
}

func (t *tally) ended(e event, key string) {
	said := ""
	if b := t.output[key]; b != nil {
		said = b.String()
	}
	delete(t.output, key)
	if e.Test == "" {
		if e.Action == "fail" {
			fmt.Print(said)
			t.unended(e.Package)
		}
		if e.Action != "skip" {
			fmt.Printf("%-5s %7.1f s  %s\n", e.Action, e.Elapsed, e.Package)
		}
		return
	}
	switch e.Action {
	case "pass":
		t.passed++
	case "fail":
		t.failed++
		fmt.Printf("FAIL  %s %s\n%s", e.Package, e.Test, said)
	case "skip":
		t.skipped = append(t.skipped, fmt.Sprintf("%s %s: %s", e.Package, e.Test, reason(said)))
	}
}

// unended prints what the tests of a package said that never ended:
// the one that ran into the limit of its package holds the stacks of all.
func (t *tally) unended(pkg string) {
	for _, key := range slices.Sorted(maps.Keys(t.output)) {
		test, of := strings.CutPrefix(key, pkg+"\x00")
		if !of {
			continue
		}
		fmt.Printf("FAIL  %s %s: did not end\n%s", pkg, test, t.output[key])
		delete(t.output, key)
		t.failed++
	}
}

// reason is what a test said when it skipped itself.
func reason(said string) string {
	for _, line := range strings.Split(said, "\n") {
		if _, after, ok := strings.Cut(line, ".go:"); ok {
			if _, text, ok := strings.Cut(after, ": "); ok {
				return text
			}
		}
	}
	return "no reason given"
}

func (t *tally) close() int {
	for _, s := range t.skipped {
		fmt.Println("SKIP ", s)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", t.passed, t.failed, len(t.skipped))
	switch {
	case t.failed > 0 || t.broken:
		return 1
	case len(t.skipped) > 0 && os.Getenv("HARMONY_NEEDS") == "all":
		fmt.Println("tests were skipped where HARMONY_NEEDS=all forbids it")
		return 1
	}
	return 0
}
