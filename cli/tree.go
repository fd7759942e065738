// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"nationtech.io/harmony"
	"nationtech.io/harmony/event"
)

// signs are how a plan marks what would be done, as diff and Terraform do.
var signs = map[harmony.Intent]string{
	harmony.Create: "+", harmony.Update: "~", harmony.Repair: "~", harmony.Replace: "-/+", harmony.Delete: "-", harmony.Keep: "=",
}

// tree writes a plan: placements, their objects that would change, and the fields of those.
func tree(w io.Writer, l look, report harmony.Report) {
	for _, r := range report.Placements {
		indent := strings.Repeat("  ", len(r.Path))
		fmt.Fprintf(w, "%s%s\n", indent, r.Path[len(r.Path)-1])
		kept, unsaid := 0, 0
		unsure := map[string]int{}
		for _, o := range r.Planned {
			if o.Intent == harmony.Keep && o.Detail == "" {
				kept++
				unsaid += o.Unsaid
				continue
			}
			planned(w, l, indent+"  ", o)
			if o.Unsure != "" {
				unsure[o.Unsure]++
			}
		}
		for _, what := range slices.Sorted(maps.Keys(unsure)) {
			fmt.Fprintf(w, "%s  ?   known after apply, of %d of these: %s\n", indent, unsure[what], what)
		}
		if kept > 0 && report.Verb == "plan" {
			fmt.Fprintf(w, "%s  =   %d as wanted%s\n", indent, kept, others(", besides", unsaid))
		}
		for _, what := range r.Later {
			fmt.Fprintf(w, "%s  ?   known after apply: %s\n", indent, what)
		}
	}
	fmt.Fprintln(w, tally(report))
}

func planned(w io.Writer, l look, indent string, o harmony.Planned) {
	text := fmt.Sprintf("%s%-3s %s", indent, signs[o.Intent], o.Object)
	switch {
	case o.Intent == harmony.Repair && len(o.Fields) > 0:
		text += "  (edited)"
	case o.Detail != "" && (len(o.Fields) == 0 || o.Intent == harmony.Replace):
		text += "  (" + o.Detail + ")"
	}
	fmt.Fprintln(w, text)
	for _, f := range o.Fields {
		fmt.Fprintf(w, "%s      %s%s\n", indent, f.Path, values(l, f))
	}
	if o.Loses != "" {
		fmt.Fprintf(w, "%s      with it goes: %s\n", indent, o.Loses)
	}
	if o.Unsaid > 0 {
		fmt.Fprintf(w, "%s      %s\n", indent, others("and", o.Unsaid))
	}
}

// others counts the fields that are left out; empty when there are none.
func others(word string, unsaid int) string {
	if unsaid == 0 {
		return ""
	}
	return fmt.Sprintf("%s %d fields that defaulting and webhooks decide", word, unsaid)
}

func values(l look, f harmony.Field) string {
	arrow := " → "
	if l.ascii {
		arrow = " -> "
	}
	after := value(f.After)
	if f.Later {
		after = "(known after apply)"
	}
	text := ": " + value(f.Before) + arrow + after
	if f.Hidden {
		text = ": (secret)"
	}
	if f.Owner != "" {
		text += ", written by " + f.Owner
	}
	if !f.Since.IsZero() {
		text += " " + event.Human(time.Since(f.Since).Truncate(time.Second)) + " ago"
	}
	return text
}

// widest is how much of a value is shown.
const widest = 60

// value writes what a field holds, shortened, on one line.
func value(v any) string {
	if v == nil {
		return "(none)"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if runes := []rune(string(text)); len(runes) > widest {
		return string(runes[:widest]) + "…"
	}
	return string(text)
}

// tally counts what a plan would do.
func tally(report harmony.Report) string {
	counts := map[harmony.Intent]int{}
	later, unknown := 0, 0
	for _, r := range report.Placements {
		if r.Standing != harmony.Done && r.Standing != harmony.Unchanged {
			unknown++
		}
		for _, o := range r.Planned {
			counts[o.Intent]++
		}
		later += len(r.Later)
	}
	took := event.Human(time.Duration(report.Took))
	var words []string
	for _, intent := range []harmony.Intent{harmony.Create, harmony.Update, harmony.Repair, harmony.Replace, harmony.Delete} {
		if n := counts[intent]; n > 0 {
			word := fmt.Sprintf("%d to %s", n, intent)
			if report.Verb == "drift" {
				word += " by the next deploy"
			}
			words = append(words, word)
		}
	}
	if unknown > 0 {
		words = append(words, fmt.Sprintf("%d not known to the end", unknown))
	}
	if report.Verb == "drift" {
		if len(words) == 0 {
			return "no drift, in " + took
		}
		return strings.Join(words, ", ") + ", in " + took
	}
	if len(words) == 0 {
		words = append(words, "nothing to change")
	}
	words = append(words, fmt.Sprintf("%d as wanted", counts[harmony.Keep]))
	if later > 0 {
		words = append(words, fmt.Sprintf("%d known after apply", later))
	}
	return strings.Join(words, ", ") + ", in " + took
}
