// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command run makes all faults of the matrix happen, or those whose name matches -run, on clusters of its own, and prints a
// line for each. The last line is "N passed, N failed"; the exit code is 1 when one failed.
//
//	make faults
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strings"
	"sync"

	"nationtech.io/harmony/fleet/e2e/faults"
	"nationtech.io/harmony/topology/local"
)

func main() {
	o := options{}
	flag.StringVar(&o.localkube, "localkube", "bin/localkube", "path of the program that runs clusters")
	flag.StringVar(&o.name, "name", "harmony-faults", "name of the cluster of faults that do not disturb each other; that of the others ends with -nodes")
	flag.IntVar(&o.abreast, "abreast", 12, "how many faults happen at once")
	flag.BoolVar(&o.keep, "keep", false, "leave the clusters up")
	flag.BoolVar(&o.verbose, "v", false, "print what is said of each fault")
	flag.StringVar(&o.record, "record", "", "a directory for recordings of what the cluster says, a file for each fault")
	pattern := flag.String("run", "", "only faults whose name matches this expression")
	flag.Parse()
	o.only = regexp.MustCompile(*pattern)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	failed, err := o.all(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
	}
	if failed > 0 || err != nil {
		os.Exit(1)
	}
}

type options struct {
	localkube, name, record string
	abreast                 int
	keep, verbose           bool
	only                    *regexp.Regexp

	mu             sync.Mutex
	passed, failed int
}

func (o *options) all(ctx context.Context) (failed int, err error) {
	var beside, alone []faults.Fault
	for _, f := range faults.All() {
		switch {
		case !o.only.MatchString(f.Name):
		case f.Nodes:
			alone = append(alone, f)
		default:
			beside = append(beside, f)
		}
	}
	if err := o.on(ctx, o.name, 1, o.abreast, beside); err != nil {
		return o.failed, err
	}
	if err := o.on(ctx, o.name+"-nodes", 2, 1, alone); err != nil {
		return o.failed, err
	}
	fmt.Printf("%d passed, %d failed\n", o.passed, o.failed)
	return o.failed, nil
}

// on makes faults happen on a cluster of that many nodes, as many abreast.
func (o *options) on(ctx context.Context, name string, nodes, abreast int, all []faults.Fault) error {
	if len(all) == 0 {
		return nil
	}
	place, err := local.Open(ctx, local.Options{Name: name, Nodes: nodes})
	if err != nil {
		return err
	}
	defer o.down(name)
	defer place.Close()
	registries, err := faults.OpenRegistries(ctx, place, o.localkube)
	if err != nil {
		return err
	}
	defer registries.Close()
	stage := faults.Stage{Place: place, Localkube: o.localkube, Record: o.record, Registries: registries}
	if _, err := faults.Reference(ctx, &stage); err != nil {
		return err
	}
	free := make(chan struct{}, abreast)
	var going sync.WaitGroup
	for _, f := range all {
		free <- struct{}{}
		going.Go(func() {
			defer func() { <-free }()
			o.tell(f.Try(ctx, stage))
		})
	}
	going.Wait()
	return nil
}

func (o *options) down(name string) {
	if o.keep {
		return
	}
	if out, err := exec.Command(o.localkube, "down", "--name", name).CombinedOutput(); err != nil { //nolint:noctx // also after an interruption
		fmt.Fprintln(os.Stderr, string(out))
	}
}

func (o *options) tell(v faults.Verdict) {
	o.mu.Lock()
	defer o.mu.Unlock()
	fmt.Println(v.Line())
	if v.Problem == nil {
		o.passed++
	} else {
		o.failed++
		fmt.Println("    " + v.Problem.Error())
	}
	if v.Problem != nil || o.verbose {
		fmt.Println("    " + strings.ReplaceAll(strings.TrimSpace(v.Text), "\n", "\n    "))
	}
}
