// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package entry

// An Entry is what one visitor wrote. Its JSON is what the server takes, lists and publishes.
type Entry struct {
	ID   string `json:"id"` // the server's; in the order of time
	Name string `json:"name"`
	Text string `json:"text"`
}

const (
	// Path is where the server takes an entry (POST) and lists all (GET). Path/ID is where it deletes one (DELETE).
	Path = "/entries"
	// Subject is where NATS tells of each new entry.
	Subject = "guestbook.entries"
)
