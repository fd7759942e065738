// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command proof shows that the rules of the house can fail: it injects one violation of each into a copy of this
// repository and asks the check to catch it, and each case must be fine before it is injected.
//
//	go run ./internal/lint/proof [-only CASE,…] [-keep]
//
// It prints a line for each case and closes with "N passed, N failed"; the exit code is 1 when one failed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"nationtech.io/harmony/diag"
)

func main() {
	only := flag.String("only", "", "names of cases, with commas between them; all when empty")
	keep := flag.Bool("keep", false, "leave the copy of the repository where it is, and say where")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	failed, err := prove(ctx, *only, *keep)
	if err != nil {
		fmt.Fprintln(os.Stderr, "proof:", err)
	}
	if err != nil || failed > 0 {
		stop()
		os.Exit(1)
	}
}

func prove(ctx context.Context, only string, keep bool) (failed int, err error) {
	cases, err := load("internal/lint/proof/cases")
	if err != nil {
		return 0, err
	}
	uncovered := missing(cases)
	if only != "" {
		names := strings.Split(only, ",")
		cases = slices.DeleteFunc(cases, func(c proofCase) bool { return !slices.Contains(names, c.name) })
		uncovered = nil
	}
	copied, err := copyRepository(ctx)
	if err != nil {
		return 0, err
	}
	defer func() {
		if keep {
			fmt.Println("the copy is", copied)
			return
		}
		_ = os.RemoveAll(copied) // it lies in the directory for temporary files
	}()
	bench, err := prepare(ctx, copied)
	if err != nil {
		return 0, err
	}
	passed := 0
	for _, c := range cases {
		start := time.Now()
		why := bench.prove(ctx, c)
		verdict := "pass"
		if why != "" {
			verdict, failed = "fail", failed+1
		} else {
			passed++
		}
		fmt.Printf("CASE name=%s check=%s verdict=%s seconds=%.1f\n", c.name, c.check[0], verdict, time.Since(start).Seconds())
		if why != "" {
			fmt.Println(indent(why))
		}
	}
	for _, rule := range uncovered {
		failed++
		fmt.Printf("CASE name=%s verdict=fail\n%s\n", rule, indent("no case in internal/lint/proof/cases injects a violation of it"))
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if ctx.Err() != nil {
		return failed, diag.Ended(ctx)
	}
	return failed, nil
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
}
