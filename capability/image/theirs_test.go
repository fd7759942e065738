// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image_test

import (
	"errors"
	"strings"
	"testing"

	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/diag"
)

const theirs = "example.com/theirs"

// thirdParty writes a module of someone else, which pins a program of another one, and goes there.
func thirdParty(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	write(t, "database/go.mod", "module example.com/database\n\ngo 1.26.0\n")
	write(t, "database/main.go", "package main\n\nfunc main() { println(`stored`) }\n")
	write(t, "theirs/go.mod", "module example.com/theirs\n\ngo 1.26.0\n\ntool example.com/database\n\n"+
		"require example.com/database v0.0.0\n\nreplace example.com/database => ../database\n")
	write(t, "theirs/server/main.go", "package main\n\nfunc main() { println(`served`) }\n")
	t.Chdir("theirs")
}

func TestAnImageOfAThirdPartyIsBuiltFromItsModule(t *testing.T) {
	for _, wanted := range []image.Image{
		{Name: "server", Module: theirs, Package: theirs + "/server"},
		{Name: "database", Module: theirs, Package: "example.com/database"},
	} {
		t.Run(wanted.Name, func(t *testing.T) {
			thirdParty(t)
			b := &image.Builder{Dir: t.TempDir()}
			first, err := b.Build(t.Context(), wanted, amd64)
			if err != nil {
				t.Fatal(err)
			}
			thirdParty(t) // the same again, elsewhere
			if again, err := (&image.Builder{Dir: t.TempDir()}).Build(t.Context(), wanted, amd64); err != nil || again.Digest != first.Digest {
				t.Errorf("%s here, %s there (%v)", first.Digest, again.Digest, err)
			}
			write(t, "server/main.go", "package main\n\nfunc main() { println(`more`) }\n")
			write(t, "../database/main.go", "package main\n\nfunc main() { println(`more`) }\n")
			if edited, err := b.Build(t.Context(), wanted, amd64); err != nil || edited.Digest == first.Digest {
				t.Errorf("an edited program is not built again: %v", err)
			}
		})
	}
}

func TestAProgramThatNoModuleHasIsExplained(t *testing.T) {
	for _, c := range []struct {
		name   string
		wanted image.Image
		says   string
	}{
		{"of a module that does not require it", image.Image{Name: "x", Module: theirs, Package: "example.com/other"}, "not of " + theirs},
		{"of a module that is nowhere", image.Image{Name: "x", Module: "example.com/other", Package: "example.com/other"}, "no checkout of example.com/other"},
	} {
		t.Run(c.name, func(t *testing.T) {
			thirdParty(t)
			_, err := (&image.Builder{Dir: t.TempDir()}).Build(t.Context(), c.wanted, amd64)
			var d *diag.Diagnostic
			if !errors.As(err, &d) || d.Code != diag.NoSources || len(d.Help) == 0 {
				t.Fatalf("got %v, want %s with help", err, diag.NoSources)
			}
			if text, err := d.MarshalJSON(); err != nil || !strings.Contains(string(text), c.says) {
				t.Errorf("%q is not in %s (%v)", c.says, text, err)
			}
		})
	}
}
