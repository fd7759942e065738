// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nationtech.io/harmony/cli"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
)

func TestWhatTheIssuerKnowsIsKeptAndPutBack(t *testing.T) {
	s, i := admitting(t)
	i.Enrol("press-07", contract.RoleDevice)
	issuer, err := s.issuer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out, say bytes.Buffer
	p := &program{streams: cli.Streams{Out: &out, Err: &say}}
	file := filepath.Join(t.TempDir(), "backup")
	if err := p.writeBackup(t.Context(), issuer, file); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 || !strings.Contains(out.String(), "it holds private keys") {
		t.Errorf("%v, %v: %s", info, err, &out)
	}
	is(t, p.writeBackup(t.Context(), issuer, file), diag.BackupUnwritten, "file exists")
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	is(t, p.putBack(t.Context(), issuer, kept[:len(kept)/2], true), diag.IssuerRefuses, "it is no backup of an issuer, or was cut off")
	is(t, p.putBack(t.Context(), issuer, nil, true), diag.IssuerRefuses, "it has 0 bytes")
	if err := p.putBack(t.Context(), issuer, kept, true); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(say.String(), "the issuer knows 1 machines") || !strings.Contains(out.String(), "restored: the issuer starts anew with it") {
		t.Errorf("%s%s", &say, &out)
	}
	broken := issuer
	broken.URL = "http://127.0.0.1:1"
	other := filepath.Join(t.TempDir(), "other")
	is(t, p.writeBackup(t.Context(), broken, other), diag.IssuerRefuses, "connection refused")
	if _, err := os.Stat(other); err == nil {
		t.Error("half a backup was left")
	}
}
