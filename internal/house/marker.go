// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

const docFile = "doc.go"

// marked tells whether the package in a directory is marked as runtime in its doc.go.
func marked(dir string) (bool, error) {
	text, err := os.ReadFile(filepath.Join(dir, docFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a marker: %w", err)
	}
	return hasMarker(string(text)), nil
}

func hasMarker(text string) bool { return strings.Contains("\n"+text, "\n"+Marker+"\n") }

// markedPackages are the directories of the packages that are marked.
func (t Tree) markedPackages() (dirs []string, err error) {
	files, err := t.files(func(name string) bool { return path.Base(name) == docFile })
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		yes, err := marked(t.path(path.Dir(name)))
		if err != nil {
			return nil, err
		}
		if yes {
			dirs = append(dirs, path.Dir(name))
		}
	}
	return dirs, nil
}

// misplacedMarkers lists markers where nobody looks for them.
func (t Tree) misplacedMarkers() (found []string, err error) {
	files, err := t.files(func(name string) bool { return path.Ext(name) == ".go" && path.Base(name) != docFile })
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		text, err := t.Read(name)
		if err != nil {
			return nil, err
		}
		if hasMarker(text) {
			found = append(found, name+": "+Marker+" is looked for in "+docFile)
		}
	}
	return found, nil
}
