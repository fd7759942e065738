// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

const (
	// What the agent says when the issuer refuses it, and when a server of NATS has let it in.
	refusal = "invalid_grant"
	letIn   = `msg="connected to NATS"`
	// decided is how long it may take until it is either.
	decided = time.Minute
)

var (
	errLetIn     = errors.New("a device with a key that nobody has enrolled was let in")
	errUndecided = errors.New("a device with a key that nobody has enrolled was not refused")
)

// turnedAway shows an agent until it is known whether it is let in, and fails unless it was refused.
func turnedAway(ctx context.Context, line []string) error {
	ctx, off := context.WithTimeout(ctx, decided)
	defer off()
	said := &verdict{off: off}
	command := typed(ctx, line)
	command.Stdout, command.Stderr = said, said
	ended := command.Run()
	switch text := said.text.String(); {
	case strings.Contains(text, letIn):
		return errLetIn
	case !strings.Contains(text, refusal):
		return fmt.Errorf("%w: %w", errUndecided, errors.Join(ended, context.Cause(ctx)))
	}
	return nil
}

// A verdict passes on what an agent says, and ends it as soon as it says whether it was let in.
type verdict struct {
	text strings.Builder
	off  context.CancelFunc
}

func (v *verdict) Write(p []byte) (int, error) {
	v.text.Write(p)
	if text := v.text.String(); strings.Contains(text, letIn) || strings.Contains(text, refusal) {
		v.off()
	}
	return os.Stdout.Write(p)
}
