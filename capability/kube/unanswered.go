// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"net"
	"strings"

	"nationtech.io/harmony/diag"
)

// Unanswered makes of what a smoke test got instead of an answer a Diagnostic that says why: SmokeTestRefused when nobody
// took the connection, SmokeTestTimedOut when somebody did and did not answer in time, NameNotResolved when the name of the
// other side is not known, and NobodyAnswered else. A Diagnostic of another kind stays what it is. nil stays nil.
func Unanswered(err error, path ...string) error {
	if err == nil {
		return nil
	}
	var known *diag.Diagnostic
	if errors.As(err, &known) && known.Code != diag.ConnectionRefused {
		return err
	}
	var name *net.DNSError
	code, help := diag.NobodyAnswered, ""
	switch {
	case known != nil:
		code, help = diag.SmokeTestRefused, "compare the target port of the Service with the port that the container listens on"
	case errors.As(err, &name):
		code, help = diag.NameNotResolved, "correct the name: a Service is SERVICE.NAMESPACE.svc in the whole cluster"
	case errors.Is(err, context.DeadlineExceeded):
		code, help = diag.SmokeTestTimedOut, "look at what the container does: kubectl logs"
	}
	d := diag.New(code, path...).Because(err)
	if known != nil {
		d.Evidence = known.Evidence
	}
	if len(d.Evidence) == 0 {
		d.Saw(strings.TrimSpace(err.Error()))
	}
	if help != "" {
		d.Try(help)
	}
	return d
}
