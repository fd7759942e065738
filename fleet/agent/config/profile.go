// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"cmp"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"nationtech.io/harmony/fleet/assertion"
)

// credentialsDirectory is where systemd puts what LoadCredential= names.
const credentialsDirectory = "CREDENTIALS_DIRECTORY"

// Profile are credentials of type "jwt-profile": a private key, for which an identity provider gives tokens.
type Profile struct {
	// Issuer is the provider's name, from which it is discovered.
	Issuer string
	// Machine is who the provider knows this device as; the device's id by default.
	Machine string
	// Scope is what the provider wants to be asked for; empty for nothing.
	Scope string
	// Audience is whom the provider wants assertions to be for; the Issuer when it is empty.
	Audience string
	// Client is the OAuth client without a secret as which the provider wants to be asked; empty for none.
	Client string
	// CAFile holds the authorities of the provider's certificate; empty for those of the system.
	CAFile string

	keyFile, keyID string
}

// Key reads the private key. It is read anew each time, so that it can be changed while the agent runs. Its error is a
// *FileError.
func (p Profile) Key() (assertion.Key, error) {
	if err := checkPrivate(p.keyFile); err != nil {
		return assertion.Key{}, err
	}
	text, err := os.ReadFile(p.keyFile)
	if err != nil {
		return assertion.Key{}, &FileError{p.keyFile, reason(err), err}
	}
	key, err := assertion.Parse(text, p.keyID)
	if err != nil {
		return assertion.Key{}, &FileError{p.keyFile, err.Error(), err}
	}
	return key, nil
}

// KeyFile is where the private key stands.
func (p Profile) KeyFile() string { return p.keyFile }

// KeyID is what the provider knows the key as; empty where that is computed from the key itself.
func (p Profile) KeyID() string { return p.keyID }

func (d *document) profile() *Profile {
	p := &Profile{CAFile: d.readable("credentials.ca_file")}
	var ok bool
	if p.Issuer, ok = d.text("credentials.issuer"); !ok || p.Issuer == "" {
		d.required("credentials.issuer", "the identity provider, such as \"https://issuer.example.com\"")
	} else if u, err := url.Parse(p.Issuer); err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" || strings.HasSuffix(p.Issuer, "/") {
		d.found("credentials.issuer", "credentials.issuer: an address such as \"https://issuer.example.com\", without credentials and without a / at its end")
	}
	device, _ := d.values["device"].(string)
	p.Machine, _ = d.text("credentials.machine")
	p.Machine = cmp.Or(p.Machine, device)
	p.Scope, _ = d.text("credentials.scope")
	p.Audience, _ = d.text("credentials.audience")
	p.Client, _ = d.text("credentials.client_id")
	p.keyID, _ = d.text("credentials.key_id")
	d.key(p)
	return p
}

// key finds the file of the key: one that is named, or a credential of systemd.
func (d *document) key(p *Profile) {
	file, _ := d.text("credentials.key_file")
	credential, _ := d.text("credentials.key_credential")
	name := "credentials.key_file"
	switch {
	case file != "" && credential != "":
		d.found(name, "credentials: give key_file or key_credential, not both")
		return
	case file != "":
		p.keyFile = file
	case credential != "":
		name = "credentials.key_credential"
		dir := os.Getenv(credentialsDirectory)
		if dir == "" || filepath.Base(credential) != credential {
			d.found(name, "credentials.key_credential = %q: systemd gives this process no such credential; LoadCredential= in its unit does", credential)
			return
		}
		p.keyFile = filepath.Join(dir, credential)
	default:
		d.required(name, "a file that holds the device's private key")
		return
	}
	if _, err := p.Key(); err != nil {
		d.found(name, "%s: %v", name, err)
	}
}
