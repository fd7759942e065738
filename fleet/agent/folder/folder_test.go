// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package folder_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/agent/folder"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
)

func told(t *testing.T, issuer string, nats ...string) folder.Told {
	t.Helper()
	id, err := contract.ParseDeviceID("press-07")
	if err != nil {
		t.Fatal(err)
	}
	return folder.Told{
		Device: id, Plane: contract.NewPlaneID(), Issuer: issuer, Access: contract.Access{NATS: nats, Authorities: "-----BEGIN CERTIFICATE-----\n"},
		Machine: "22334455", Scope: `openid "roles"`,
	}
}

// written writes a folder, and reads it as the agent does.
func written(t *testing.T, of folder.Told) config.Config {
	t.Helper()
	dir := filepath.Join(t.TempDir(), `a "folder"`)
	f := folder.Folder{Dir: dir, At: dir}
	if err := f.Claim(of.Device); err != nil {
		t.Fatal(err)
	}
	if _, made, err := f.Key(assertion.New); err != nil || !made {
		t.Fatal(made, err)
	}
	if _, err := f.Write(of); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(filepath.Join(dir, folder.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAuthoritiesAreNamedWhereAConnectionHasTLS(t *testing.T) {
	of := told(t, "https://issuer.example.com", "tls://nats.example.com:4222")
	c := written(t, of)
	if c.Plane != of.Plane || c.Profile.Machine != "22334455" || c.Profile.Scope != `openid "roles"` || c.Profile.CAFile == "" || c.NATS.CAFile != c.Profile.CAFile {
		t.Errorf("%+v %+v", c, c.Profile)
	}
	c = written(t, told(t, "http://issuer.example.com", "nats://nats.example.com:4222"))
	if c.Profile.CAFile != "" || c.NATS.CAFile != "" {
		t.Errorf("%+v %+v", c, c.Profile)
	}
}

// NATS has an authority of the fleet's own, and the provider is one that somebody else runs.
func TestTheProviderMayHaveOtherAuthoritiesThanNATS(t *testing.T) {
	of := told(t, "https://login.example.com", "tls://nats.example.com:4222")
	of.Access.IssuerAuthorities = new(string)
	if c := written(t, of); filepath.Base(c.NATS.CAFile) != folder.AuthoritiesFile || c.Profile.CAFile != "" {
		t.Errorf("those of the system: %q, %q", c.NATS.CAFile, c.Profile.CAFile)
	}
	of.Access.IssuerAuthorities = new("-----BEGIN CERTIFICATE-----\nof others\n")
	c := written(t, of)
	if text, err := os.ReadFile(c.Profile.CAFile); err != nil || string(text) != of.Access.OfIssuer() || c.NATS.CAFile == c.Profile.CAFile {
		t.Errorf("%v: %q, %q", err, c.NATS.CAFile, c.Profile.CAFile)
	}
	of.Access.Authorities = ""
	if c := written(t, of); c.NATS.CAFile != "" || filepath.Base(c.Profile.CAFile) != folder.IssuerAuthoritiesFile {
		t.Errorf("NATS by those of the system: %q, %q", c.NATS.CAFile, c.Profile.CAFile)
	}
}

func TestFoldersThatCannotBeUsed(t *testing.T) {
	of := told(t, "https://issuer.example.com", "tls://nats.example.com:4222")
	for name, text := range map[string]string{"no configuration": "[", "nobody's": ""} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, folder.ConfigFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		unusable(t, name, folder.Folder{Dir: dir, At: dir}.Claim(of.Device))
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, folder.KeyFile), []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := folder.Folder{Dir: dir, At: dir}.Key(assertion.New)
	unusable(t, "no key", err)
	unusable(t, "below a file", folder.Folder{Dir: filepath.Join(dir, folder.KeyFile, "below")}.Claim(of.Device))
}

func unusable(t *testing.T, name string, err error) {
	t.Helper()
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Code != diag.FolderUnusable || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%s: %v", name, err)
	}
}
