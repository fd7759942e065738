// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	fuzzed = regexp.MustCompile(`\./\S+:Fuzz\w+`)
	target = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)
)

func TestMakeFuzzHasEveryTarget(t *testing.T) {
	listed := fuzzed.FindAllString(read(t, "Makefile"), -1)
	var want []string
	err := filepath.WalkDir(tree.Root, func(file string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && file != tree.Root && strings.HasPrefix(e.Name(), "."):
			return fs.SkipDir
		case !strings.HasSuffix(file, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(tree.Root, file)
		for _, found := range target.FindAllStringSubmatch(string(text), -1) {
			want = append(want, "./"+path.Dir(filepath.ToSlash(relative))+":"+found[1])
		}
		return err
	})
	if err != nil || len(want) == 0 {
		t.Fatalf("%d targets, %v", len(want), err)
	}
	slices.Sort(want)
	slices.Sort(listed)
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("FUZZ in the Makefile (-in the tree +listed)\n%s", diff)
	}
}
