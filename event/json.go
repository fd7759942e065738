// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"sync"
	"time"

	"nationtech.io/harmony/diag"
)

// Version is the version of the JSON lines' schema. Fields may be added within
// a version; none is removed or changes its meaning.
const Version = 1

// JSONLines writes one JSON object a line: version, time (RFC 3339), kind, path,
// the event's own fields, and the errors' Diagnostics.
func JSONLines(w io.Writer) Sink {
	var mu sync.Mutex
	return SinkFunc(func(r Record) {
		line, err := encode(r)
		if err != nil {
			line, _ = json.Marshal(map[string]any{"version": Version, "kind": "unwritable", "text": err.Error()})
		}
		mu.Lock()
		defer mu.Unlock()
		// A reporter that cannot write must not end the run that it reports.
		_, _ = w.Write(append(line, '\n'))
	})
}

func encode(r Record) ([]byte, error) {
	head, err := json.Marshal(struct {
		Version int       `json:"version"`
		Time    time.Time `json:"time"`
		Kind    string    `json:"kind"`
		Path    []string  `json:"path,omitempty"`
	}{Version, r.At, r.Event.kind(), r.Path})
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(r.Event)
	if err != nil {
		return nil, err
	}
	line := join(head, body)
	if err := failure(r.Event); err != nil {
		errs, err := json.Marshal(map[string]any{"errors": diag.All(err)})
		if err != nil {
			return nil, err
		}
		line = join(line, errs)
	}
	return line, nil
}

// join makes one object of two.
func join(a, b []byte) []byte {
	if bytes.Equal(b, []byte("{}")) {
		return a
	}
	return append(append(bytes.TrimSuffix(a, []byte("}")), ','), bytes.TrimPrefix(b, []byte("{"))...)
}

func failure(e Event) error {
	switch e := e.(type) {
	case StepEnded:
		return e.Err
	case PlacementEnded:
		return e.Err
	case RunEnded:
		return e.Err
	}
	return nil
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Round(time.Millisecond).Seconds(), 'f', -1, 64)
}
