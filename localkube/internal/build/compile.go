// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"

	"nationtech.io/harmony/localkube/internal/fault"
)

// compile builds the programs of a piece into a directory.
func compile(ctx context.Context, p piece, dir, into string, progress func(Progress)) error {
	progress(Progress{What: p.name})
	total, err := count(ctx, p, dir)
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, "go", append([]string{
		"build", "-v", "-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags", p.ldflags, "-tags", p.tags, "-o", into + "/",
	}, p.packages...)...)
	command.Dir, command.Env = dir, environment(p.cgo)
	output, err := command.StderrPipe()
	if err != nil {
		return fault.Wrap(fault.Build, err, "build %s", p.name)
	}
	if err := command.Start(); err != nil {
		return fault.Wrap(fault.Build, err, "build %s", p.name)
	}
	var tail []string
	done := 0
	for lines := bufio.NewScanner(output); lines.Scan(); {
		// A line is a package that is being compiled, a download, or a complaint.
		line := lines.Text()
		if isPackage(line) {
			done++
			progress(Progress{What: p.name, Done: min(done, total), Total: total})
			continue
		}
		tail = append(tail, line)
		tail = tail[max(0, len(tail)-40):]
	}
	if err := command.Wait(); err != nil {
		f := fault.Wrap(fault.Build, err, "build %s in %s", p.name, dir)
		f.Log = tail
		return f
	}
	progress(Progress{What: p.name, Done: total, Total: total})
	return nil
}

func isPackage(line string) bool {
	return line != "" && !strings.ContainsAny(line, " \t#:")
}

// count counts the packages that a piece is made of; it downloads their modules.
func count(ctx context.Context, p piece, dir string) (int, error) {
	command := exec.CommandContext(ctx, "go", append([]string{"list", "-mod=readonly", "-deps", "-tags", p.tags}, p.packages...)...)
	command.Dir, command.Env = dir, environment(p.cgo)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	output, err := command.Output()
	if err != nil {
		f := fault.Wrap(fault.Build, err, "list the packages of %s in %s", p.name, dir)
		f.Log = lastLines(complaints.String(), 20)
		return 0, f
	}
	return bytes.Count(output, []byte("\n")), nil
}

// environment is the environment of the go command: ours, without what would
// make the result depend on the person who builds.
func environment(cgo bool) []string {
	environment := []string{"GOFLAGS=", "GOWORK=off", "CGO_ENABLED=0"}
	if cgo {
		environment[2] = "CGO_ENABLED=1"
	}
	for _, v := range os.Environ() {
		switch name, _, _ := strings.Cut(v, "="); name {
		case "GOFLAGS", "GOWORK", "CGO_ENABLED", "GOOS", "GOARCH":
		default:
			environment = append(environment, v)
		}
	}
	return environment
}
