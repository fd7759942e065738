// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
)

// The exit codes. Scripts may trust them.
const (
	ExitDone        = 0
	ExitFailed      = 1
	ExitUsage       = 2  // wrong usage; nothing was changed
	ExitPreflight   = 3  // a finding before the first change; nothing was changed
	ExitSmoke       = 4  // deployed, but a smoke test failed
	ExitDiffers     = 10 // a plan would change something, or there is drift
	ExitInterrupted = 130
)

// ExitCode tells which exit code an error means of a command line that was understood.
func ExitCode(err error) int {
	var failure *harmony.Failure
	var found *diag.Diagnostic
	switch {
	case err == nil:
		return ExitDone
	case errors.Is(err, errDiffers) && len(diagnostics(err)) == 0:
		return ExitDiffers
	case interrupted(err):
		return ExitInterrupted
	case errors.As(err, &failure) && failure.Smoke():
		return ExitSmoke
	case errors.As(err, &failure) && failure.Preflight():
		return ExitPreflight
	case errors.As(err, &failure):
		return ExitFailed
	case errors.As(err, &found):
		return byCode(found.Code)
	}
	return ExitFailed
}

func interrupted(err error) bool {
	for _, d := range diag.All(err) {
		if d.Code == diag.Interrupted {
			return true
		}
	}
	return false
}

// byCode is for what is found before any placement is touched.
func byCode(code diag.Code) int {
	switch code {
	case diag.UnknownComponent, diag.UnknownTopology, diag.BadFlag, diag.UnknownFlag, diag.LacksCapability, diag.UnknownCode, diag.UnknownCommand, diag.ObjectsRefused:
		return ExitUsage
	case diag.PlacedTwice, diag.Circle, diag.BadPlacement, diag.PlanOvertaken, diag.PlaceBusy, diag.VersionSkew, diag.LocalCannotRun, diag.BadKubeconfig, diag.APIUnreachable, diag.Forbidden,
		diag.FleetMissing, diag.NobodyLeads, diag.CredentialsRefused, diag.RightMissing, diag.AccessUnknown, diag.IssuerMissing, diag.ProviderCannot:
		return ExitPreflight
	default:
		return ExitFailed
	}
}
