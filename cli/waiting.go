// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"text/tabwriter"

	"nationtech.io/harmony/capability/kube"
)

// topicWaiting is what explain takes instead of a code, to show what a deploy waits for, and for how long.
const topicWaiting = "waiting"

// explainWaiting writes the table by which a deploy waits.
func explainWaiting(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "KIND\tSTATE\tIS\tENDS THE DEPLOY AFTER\tCODE")
	for _, r := range kube.Waiting() {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.Kind, r.State, r.Judged, orDash(r.After()), orDash(string(r.Code)))
	}
	return t.Flush()
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
