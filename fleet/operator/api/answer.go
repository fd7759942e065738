// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/people"
)

// statuses are how codes are said in HTTP; what is not among them is the operator's own failure.
var statuses = map[diag.Code]int{
	diag.CredentialsRefused: http.StatusUnauthorized,
	diag.RightMissing:       http.StatusForbidden,
	diag.NotInFleet:         http.StatusNotFound,
	diag.QuestionRefused:    http.StatusBadRequest,
	diag.OperatorBusy:       http.StatusTooManyRequests,
}

// problem says why a request is not answered.
func (s *Server) problem(w http.ResponseWriter, r *http.Request, err error) {
	var d *diag.Diagnostic
	if !errors.As(err, &d) {
		d = diag.New(diag.Unexplained).Because(err)
	}
	p := people.Problem{Code: string(d.Code), Saw: []string{}, Try: d.Help}
	for _, e := range d.Evidence {
		p.Saw = append(p.Saw, e.Text)
	}
	if d.Cause != nil {
		p.Saw = append(p.Saw, d.Cause.Error())
	}
	status, known := statuses[d.Code]
	if !known {
		status = http.StatusInternalServerError
	}
	s.Log.Info("a question was not answered", "method", r.Method, "path", r.URL.Path, "code", p.Code, "saw", p.Saw)
	s.write(w, status, p)
}

func (s *Server) answer(w http.ResponseWriter, v any) error {
	s.write(w, http.StatusOK, v)
	return nil
}

func (s *Server) write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.Log.Debug("an answer was not taken", "reason", err.Error())
	}
}

// read reads the body of a request, strictly: what is not understood is not passed over.
func read(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return diag.New(diag.QuestionRefused).Saw("the body of the request is not understood").Because(err).
			Try("use a harmony-fleet of the operator's release")
	}
	return nil
}
