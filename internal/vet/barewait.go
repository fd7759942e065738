// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// BareWait keeps sleeps, polls and bare deadlines in the packages that are there to wait.
var BareWait = rule("barewait",
	"report sleeps, polling loops and errors that are a bare deadline, outside package wait",
	"a wait by hand forgets what it saw last, so whoever it fails is told that time was over and not what was wrong",
	checkBareWait)

var (
	sleeps = set{"time": {"Sleep", "Tick"}, "syscall": {"Nanosleep"}, "golang.org/x/sys/unix": {"Nanosleep", "ClockNanosleep"}}
	// pollers look again and again by themselves.
	pollers = set{
		"k8s.io/apimachinery/pkg/util/wait":   {"Poll*", "ExponentialBackoff*", "WaitFor*"},
		"k8s.io/client-go/util/retry":         {"OnError", "RetryOnConflict"},
		"github.com/stretchr/testify/assert":  {"Eventually*", "Never*"},
		"github.com/stretchr/testify/require": {"Eventually*", "Never*"},
		"github.com/onsi/gomega":              {"Eventually*", "Consistently*"},
		"github.com/cenkalti/backoff/v4":      {"Retry*"},
		"github.com/cenkalti/backoff/v5":      {"Retry*"},
		"github.com/avast/retry-go":           {"Do*"},
		"github.com/avast/retry-go/v4":        {"Do*"},
	}
)

const (
	waitIt  = "wait.Until(ctx, \"what\", wait.Pace{}, look) looks until it sees it, and gives back what it saw last; wait.Sleep(ctx, d) only pauses"
	untilIt = "wait.Until(ctx, \"what\", wait.Pace{}, look) gives back what it saw last; what beats on until it is told to stop, or fails, is no poll"
)

func checkBareWait(c *checker) error {
	for _, file := range c.Files {
		ast.PreorderStack(file, nil, func(n ast.Node, stack []ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				c.mention(n)
			case *ast.UnaryExpr:
				c.pause(n, stack)
			case *ast.FuncDecl:
				if n.Body != nil {
					c.loops(n.Body)
					c.jumps(n.Body)
				}
			case *ast.FuncLit:
				c.loops(n.Body)
				c.jumps(n.Body)
			}
			return true
		})
		if !isTest(c.Pass, file) {
			c.bareDeadlines(file)
		}
	}
	return nil
}

// mention looks at a name: sleeps and pollers are found wherever they are named, called or not.
func (c *checker) mention(name *ast.Ident) {
	f, ok := c.TypesInfo.Uses[name].(*types.Func)
	switch {
	case !ok:
	case sleeps.has(f):
		c.found(name, f.Pkg().Name()+"."+f.Name()+" pauses whatever happens", waitIt)
	case pollers.has(f):
		c.found(name, f.Pkg().Name()+"."+f.Name()+" polls", untilIt)
	}
}

// pause looks at a receive: one from a clock alone is a sleep by another name.
func (c *checker) pause(receive *ast.UnaryExpr, stack []ast.Node) {
	if receive.Op != token.ARROW || !c.isClock(receive.X) || c.lent(receive.X) {
		return
	}
	beats := inLoop(stack) // a loop that is no poll may beat, and one that is one is found as such
	if choice := selectOf(stack); choice != nil {
		if !beats && c.onlyPauses(choice) {
			c.found(receive, "a select of nothing but clocks and the end of a context is a sleep", waitIt)
		}
		return
	}
	if !beats || c.isAfter(receive.X) {
		c.found(receive, "a receive from a clock alone is a sleep", waitIt)
	}
}

func inLoop(stack []ast.Node) bool {
	for _, n := range slices.Backward(stack) {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return true
		case *ast.FuncLit:
			return false
		}
	}
	return false
}
