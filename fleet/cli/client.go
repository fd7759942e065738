// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/people"
)

const maxProblem = 1 << 20

// get asks the leader a question.
func (s *session) get(ctx context.Context, path string, into any) error {
	return s.call(ctx, http.MethodGet, path, nil, into)
}

// call sends a request and reads the whole answer.
func (s *session) call(ctx context.Context, method, path string, body, into any) error {
	answer, err := s.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer answer.Close()
	if err := json.NewDecoder(answer).Decode(into); err != nil {
		return s.broken(ctx, err)
	}
	return nil
}

// send sends a request once, and gives what is answered. Nothing is sent again: a command must not be carried out twice.
func (s *session) send(ctx context.Context, method, path string, body any) (io.ReadCloser, error) {
	var text bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			return nil, diag.New(diag.QuestionRefused).Because(err)
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, "https://"+people.Name+path, &text)
	if err != nil {
		return nil, diag.New(diag.QuestionRefused).Because(err)
	}
	answer, err := s.http.Do(r)
	if err != nil {
		return nil, s.broken(ctx, err)
	}
	if answer.StatusCode == http.StatusOK {
		return answer.Body, nil
	}
	defer answer.Body.Close()
	return nil, s.problem(answer)
}

func (s *session) problem(answer *http.Response) error {
	var p people.Problem
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxProblem)).Decode(&p); err != nil || p.Code == "" {
		return diag.New(diag.NobodyLeads, "fleet "+s.fleet).Saw("the leader answers " + answer.Status)
	}
	d := diag.New(diag.Code(p.Code), "fleet "+s.fleet).Try(p.Try...)
	for _, saw := range p.Saw {
		d.Saw(saw)
	}
	return d
}

// broken says why there is no answer.
func (s *session) broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return diag.Ended(ctx)
	}
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		return d
	}
	return diag.New(diag.NobodyLeads, "fleet "+s.fleet).Saw("the connection to the leader broke before it had answered").Because(err).
		Try("ask again: whether a command was carried out is told by the device's own log")
}

// command has devices asked, and calls each with every event until the summary.
func (s *session) command(ctx context.Context, c people.Command, each func(people.Event) error) (people.Summary, error) {
	answer, err := s.send(ctx, http.MethodPost, people.CommandsPath, c)
	if err != nil {
		return people.Summary{}, err
	}
	defer answer.Close()
	for d := json.NewDecoder(answer); ; {
		var e people.Event
		if err := d.Decode(&e); err != nil {
			return people.Summary{}, s.broken(ctx, err)
		}
		if e.Summary != nil {
			return *e.Summary, nil
		}
		if err := each(e); err != nil {
			return people.Summary{}, err
		}
	}
}
