// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"path"
	"strings"
)

// Decisions is the directory of the decision records; DecisionIndex is made from the others.
const (
	Decisions     = "docs/adr"
	DecisionIndex = Decisions + "/README.md"
)

const indexHead = `# Decisions

One file a decision: what it was about, what was decided, what follows, what else was considered.
A decision that no longer holds stays, with the status "superseded by" and the number of the one
that does.

This page is generated: ` + "`go run ./internal/house/generate`" + `.

| number | decision | status | date |
|---|---|---|---|
`

// Index gives the text of DecisionIndex.
func (t Tree) Index() (string, error) {
	files, err := t.Markdown()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(indexHead)
	for _, file := range files {
		if path.Dir(file) != Decisions || file == DecisionIndex {
			continue
		}
		text, err := t.Read(file)
		if err != nil {
			return "", err
		}
		title, _, _ := strings.Cut(strings.TrimPrefix(text, "# "), "\n")
		number, _, _ := strings.Cut(path.Base(file), "-")
		meta := metadata(text)
		fmt.Fprintf(&b, "| %s | [%s](%s) | %s | %s |\n", number, title, path.Base(file), meta["status"], meta["date"])
	}
	return b.String(), nil
}

// metadata is the table below a record's title.
func metadata(text string) map[string]string {
	found := map[string]string{}
	for _, row := range Rows(text, "") {
		if len(row) == 2 {
			found[row[0]] = row[1]
		}
	}
	return found
}

// staleIndex compares the index with the records.
func (t Tree) staleIndex() ([]string, error) {
	want, err := t.Index()
	if err != nil {
		return nil, err
	}
	return t.stale(DecisionIndex, want), nil
}
