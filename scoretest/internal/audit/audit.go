// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package audit reads what an API server wrote of the requests that it served: the witness of what was written to a
// cluster, whoever says that nothing was.
package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Log is the path of an API server's audit log, as localkube tells it. Older files lie beside it.
type Log string

// An Entry is one request that is over.
type Entry struct {
	Time     time.Time // when it came
	Over     time.Time // when it was over, by which the log is sorted: one that watched can be long
	User     string    // who it was for, when somebody impersonated him
	Verb     string    // get, list, watch, create, update, patch, delete, deletecollection, or one of its own
	Resource string    // such as configmaps or pods/exec; empty when the request was for no object
	URI      string    // with its query
	Code     int       // of the answer
}

// String is the entry on one line.
func (e Entry) String() string { return fmt.Sprintf("%s: %s %s: %d", e.User, e.Verb, e.URI, e.Code) }

// Dry tells whether the request asked for a dry run in its query. A deletion can also ask for it in its body, of
// which the log has nothing: that one is not known to be dry.
func (e Entry) Dry() bool {
	uri, err := url.ParseRequestURI(e.URI)
	return err == nil && slices.Equal(uri.Query()["dryRun"], []string{"All"})
}

// Writes tells whether the request was for a change of what is stored, whether it succeeded or not.
func (e Entry) Writes() bool {
	return !slices.Contains([]string{"get", "list", "watch"}, e.Verb) && !e.Dry()
}

// Writes are the user's requests since then that were neither reads nor dry runs, those that failed among them.
func (l Log) Writes(user string, since time.Time) ([]Entry, error) {
	all, err := l.Entries(user, since)
	return slices.DeleteFunc(all, func(e Entry) bool { return !e.Writes() }), err
}

// Entries are all requests of the user that came since then and are over. The error is a *ForgottenError when the log
// no longer reaches back so far.
func (l Log) Entries(user string, since time.Time) ([]Entry, error) {
	older, err := filepath.Glob(strings.TrimSuffix(string(l), ".log") + "-*.log") // by the time in their names
	if err != nil {
		return nil, fmt.Errorf("look for older files of %s: %w", l, err)
	}
	var found []Entry
	first := true
	for _, file := range append(older, string(l)) {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the audit log: %w", err)
		}
		for line := range bytes.Lines(content) {
			if !bytes.HasSuffix(line, []byte("\n")) {
				continue // it is just being written
			}
			e, err := decode(line)
			if err != nil {
				return nil, fmt.Errorf("read a line of %s: %w", file, err)
			}
			if first && len(older) > 0 && e.Over.After(since) {
				return nil, &ForgottenError{Since: since, Oldest: e.Over}
			}
			first = false
			if e.User == user && !e.Time.Before(since) {
				found = append(found, e)
			}
		}
	}
	return found, nil
}

// A ForgottenError says that files of the log were deleted that may have told more.
type ForgottenError struct{ Since, Oldest time.Time }

func (e *ForgottenError) Error() string {
	return fmt.Sprintf("the audit log begins at %s and does not reach back to %s", e.Oldest.Format(time.RFC3339), e.Since.Format(time.RFC3339))
}

// who is somebody as the log names him.
type who struct {
	Username string `json:"username"`
}

func decode(line []byte) (Entry, error) {
	var event struct {
		Verb         string    `json:"verb"`
		RequestURI   string    `json:"requestURI"`
		Received     time.Time `json:"requestReceivedTimestamp"`
		Stage        time.Time `json:"stageTimestamp"`
		User         who       `json:"user"`
		Impersonated *who      `json:"impersonatedUser"`
		Object       struct {
			Resource    string `json:"resource"`
			Subresource string `json:"subresource"`
		} `json:"objectRef"`
		Response struct {
			Code int `json:"code"`
		} `json:"responseStatus"`
	}
	if err := json.Unmarshal(line, &event); err != nil {
		return Entry{}, fmt.Errorf("no event: %w", err)
	}
	if event.Impersonated != nil {
		event.User = *event.Impersonated
	}
	resource := event.Object.Resource
	if event.Object.Subresource != "" {
		resource += "/" + event.Object.Subresource
	}
	return Entry{event.Received, event.Stage, event.User.Username, event.Verb, resource, event.RequestURI, event.Response.Code}, nil
}
