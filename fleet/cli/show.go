// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"nationtech.io/harmony/event"
)

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// table writes rows in columns.
func table(w io.Writer, rows ...[]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	return t.Flush()
}

// ago says how long something has lasted.
func ago(since *time.Time, now time.Time) string {
	if since == nil {
		return "-"
	}
	return event.Human(now.Sub(*since).Round(time.Second))
}

func pairs(of map[string]string) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		all = append(all, name+"="+of[name])
	}
	return orDash(strings.Join(all, ","))
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func some(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// number writes what is unknown when it is 0.
func number(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}

// size writes bytes, which are unknown when they are 0, in the unit that suits them.
func size(bytes int64) string {
	n, unit := float64(bytes), "MiB"
	if n /= 1 << 20; n >= 1024 {
		n, unit = n/1024, "GiB"
	}
	if bytes == 0 {
		return "-"
	}
	return strings.TrimSuffix(strconv.FormatFloat(n, 'f', 1, 64), ".0") + " " + unit
}
