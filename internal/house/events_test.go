// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nationtech.io/harmony/event"
	"nationtech.io/harmony/internal/house"
)

const eventsPage = "docs/guides/events.md"

func TestThePageOfEventsHasEveryKindAndField(t *testing.T) {
	if diff := cmp.Diff(eventsInCode(t), eventsOnPage(t)); diff != "" {
		t.Errorf("kinds and fields in event/event.go (-) and on the page (+):\n%s", diff)
	}
}

func TestThePageOfEventsShowsLinesOfItsSchema(t *testing.T) {
	common := []string{"version", "time", "kind", "path"}
	fields := eventsOnPage(t)
	shown := 0
	for _, block := range house.Blocks(eventsPage, read(t, eventsPage)) {
		if block.Language != "json" {
			continue
		}
		for _, line := range block.Lines {
			var e map[string]any
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			shown++
			kind := fmt.Sprint(e["kind"])
			for field := range e {
				if !slices.Contains(append(fields[kind], common...), field) {
					t.Errorf("%s: there is no field %s of %q", line, field, kind)
				}
			}
			if e["version"] != float64(event.Version) {
				t.Errorf("%s: the version is %d", line, event.Version)
			}
		}
	}
	if shown == 0 {
		t.Error("no line is shown")
	}
}

// eventsOnPage are the fields of each kind: the tables below headings such as ### `changed`.
func eventsOnPage(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, section := range strings.Split(read(t, eventsPage), "\n### ")[1:] {
		kind, text, _ := strings.Cut(section, "\n")
		fields := []string{}
		for _, row := range house.Rows(text, "field") {
			fields = append(fields, strings.Trim(row[0], "`"))
		}
		slices.Sort(fields)
		all[strings.Trim(kind, "`")] = fields
	}
	return all
}

// eventsInCode are the fields of each kind as event.go declares them. An error is written as "errors".
func eventsInCode(t *testing.T) map[string][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(tree.Root, "event/event.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	structs, kinds := map[string]*ast.StructType{}, map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			if s, ok := n.Type.(*ast.StructType); ok {
				structs[n.Name.Name] = s
			}
		case *ast.FuncDecl:
			if n.Name.Name == "kind" {
				result := n.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.BasicLit)
				kinds[n.Recv.List[0].Type.(*ast.Ident).Name] = unquoted(t, result.Value)
			}
		}
		return true
	})
	if len(kinds) < 5 || !slices.Equal(slices.Sorted(maps.Keys(structs)), slices.Sorted(maps.Keys(kinds))) {
		t.Fatalf("structs %v, kinds %v", slices.Sorted(maps.Keys(structs)), kinds)
	}
	all := map[string][]string{}
	for name, kind := range kinds {
		all[kind] = fieldsOf(t, structs[name])
	}
	return all
}

func fieldsOf(t *testing.T, s *ast.StructType) []string {
	t.Helper()
	fields := []string{}
	for _, f := range s.Fields.List {
		name, _, _ := strings.Cut(reflect.StructTag(unquoted(t, f.Tag.Value)).Get("json"), ",")
		if name == "-" {
			name = "errors"
		}
		fields = append(fields, name)
	}
	slices.Sort(fields)
	return fields
}

func unquoted(t *testing.T, literal string) string {
	t.Helper()
	text, err := strconv.Unquote(literal)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
