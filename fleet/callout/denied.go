// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"fmt"
	"os"
	"strings"
)

// maxDenied is how long a line may be.
const maxDenied = 200

// readDenied reads who is denied whatever token they show: one a line, the id of a device or the subject of a token. What
// follows a # is for people.
func readDenied(file string) (map[string]bool, error) {
	denied := map[string]bool{}
	if file == "" {
		return denied, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, unusable(file).Because(err)
	}
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		line, _, _ = strings.Cut(line, "#")
		switch line = strings.TrimSpace(line); {
		case line == "":
		case len(line) > maxDenied || strings.ContainsAny(line, " \t"):
			return nil, unusable(file).Saw(fmt.Sprintf("line %d names no device and no subject", number))
		default:
			denied[line] = true
		}
	}
	return denied, nil
}
