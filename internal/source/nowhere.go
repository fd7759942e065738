// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"path/filepath"

	"golang.org/x/mod/modfile"

	"nationtech.io/harmony/diag"
)

// nowhere says where the sources of a module were looked for, and why no version of it can be fetched.
func (s Search) nowhere(module string) error {
	d := diag.New(diag.NoSources, module).
		Saw("no checkout of " + module + " at or above " + s.WorkDir).
		Saw("none at or above " + filepath.Dir(s.Executable))
	own := s.own()
	switch m := s.built(module); {
	case m == nil && own != "":
		d.Note("this program is of " + own + ", which does not require " + module).
			Try("name in the image's Module the module that it is part of, which is the program's own or one that it requires")
	case m != nil && m.Replace != nil && modfile.IsDirectoryPath(m.Replace.Path):
		s.misled(d, m.Replace.Path)
	case m != nil && m.Replace != nil:
		d.Note("the go.mod of " + own + " replaces it by " + m.Replace.Path + ", which is not followed").
			Try("replace it by a directory, or not at all")
	default:
		d.Note("this program does not know a released version of " + module + " that it was built from")
		if module == Harmony {
			return d.Try("run it inside a checkout of Harmony, or install a released version:", "go install "+Harmony+"/cmd/harmony-fleet-deploy@latest")
		}
		d.Try("run it inside a checkout of " + module + ", or install a released version of it with go install")
	}
	return d
}

// misled says where the directory should be that a module is replaced by.
func (s Search) misled(d *diag.Diagnostic, to string) {
	if dir, ok := s.replacement(d.Path[0]); ok {
		d.Note("the go.mod of " + s.own() + " replaces it by " + to + ", and there is no such module in " + dir).
			Try("put the checkout there, or correct the replace of that go.mod")
		return
	}
	d.Note("the go.mod of " + s.own() + " replaces it by " + to + ", and nobody knows from where: no checkout of " + s.own() + " was found either").
		Try("run the program inside the checkout of " + s.own())
}
