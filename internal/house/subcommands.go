// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"os/exec"
	"path"
	"slices"
	"strings"
	"time"
)

// helpLimit is how long a program may take to say its help.
const helpLimit = 10 * time.Second

// subcommands lists where main packages that are marked as runtime deploy themselves: a subcommand in their
// source, and one in what they say to --help.
func (t Tree) subcommands() (found []string, err error) {
	packages, err := t.markedPackages()
	if err != nil {
		return nil, err
	}
	sources, err := t.sources()
	if err != nil {
		return nil, err
	}
	for _, dir := range packages {
		if dir == agentProgram {
			continue // a device is in no cluster, and no Score puts the agent on it
		}
		isMain := false
		for _, s := range sources {
			if path.Dir(s.name) == dir && s.syntax.Name.Name == "main" && !s.isTest() {
				isMain = true
				found = append(found, s.deploying()...)
			}
		}
		if !isMain {
			continue
		}
		help, err := t.help(dir)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(help) {
			if words := strings.Fields(line); deploys(words) || len(words) > 0 && words[0] == path.Base(dir) && deploys(words[1:]) {
				found = append(found, fmt.Sprintf("%s --help says %q", path.Base(dir), strings.TrimSpace(line)))
			}
		}
	}
	return found, nil
}

// deploying lists the string literals that are the name of such a subcommand, as in a switch, or begin with it, as
// the Use of a cobra command does.
func (s source) deploying() (found []string) {
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if isName(n.Key, "Use") && deploys(strings.Fields(literal(n.Value))) {
				found = append(found, fmt.Sprintf("%s:%d: %q", s.name, s.line(n.Pos()), literal(n.Value)))
				return false
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING && deploys([]string{literal(n)}) {
				found = append(found, fmt.Sprintf("%s:%d: %q", s.name, s.line(n.Pos()), literal(n)))
			}
		}
		return true
	})
	return found
}

func deploys(words []string) bool {
	return len(words) > 0 && slices.Contains([]string{"install", "uninstall", "chart"}, strings.Trim(words[0], "[]"))
}

// help is what a program says to --help, however it then ends.
func (t Tree) help(dir string) (string, error) {
	binary, done, err := t.build(dir)
	if err != nil {
		return "", err
	}
	defer done()
	ctx, cancel := context.WithTimeout(context.Background(), helpLimit)
	defer cancel()
	said, err := exec.CommandContext(ctx, binary, "--help").CombinedOutput()
	if len(said) == 0 {
		return "", fmt.Errorf("%s --help says nothing: %w", path.Base(dir), err)
	}
	return string(said), nil
}
