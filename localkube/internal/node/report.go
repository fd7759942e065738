// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

// Report is something that happened to a component.
type Report struct {
	Component string    `json:"component"`
	PID       int       `json:"pid,omitempty"`  // as seen inside the node; it was started
	Exit      string    `json:"exit,omitempty"` // how it ended
	Time      time.Time `json:"time"`
}

// reporter writes reports, one a line. Who reads them may be gone: then they are lost.
type reporter struct {
	mu sync.Mutex
	to io.Writer
}

func (r *reporter) report(p Report) {
	p.Time = time.Now()
	line, err := json.Marshal(p)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, _ = r.to.Write(append(line, '\n'))
}
