// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/issuer/admin"
)

func (r request) administrate(ctx context.Context) error {
	c, err := r.client()
	if err != nil {
		return err
	}
	switch r.command {
	case "enrol":
		return r.enrol(ctx, c)
	case "revoke":
		return c.Revoke(ctx, r.args[0])
	case "retire":
		return c.Retire(ctx, r.args[0], r.args[1])
	case "person":
		password, err := readSecret(r.passwordFile)
		if err != nil {
			return err
		}
		return c.SetPerson(ctx, r.args[0], r.roles, password)
	case "dismiss":
		return c.RemovePerson(ctx, r.args[0])
	case "rotate":
		return c.Rotate(ctx)
	case "backup":
		return r.backup(ctx, c)
	}
	everybody, err := c.List(ctx)
	if err != nil {
		return err
	}
	return show(everybody)
}

func (r request) client() (admin.Client, error) {
	token, err := readSecret(r.tokenFile)
	if err != nil {
		return admin.Client{}, err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	if r.caFile != "" {
		text, err := os.ReadFile(r.caFile)
		if err != nil {
			return admin.Client{}, diag.New(diag.IssuerUnusable, r.caFile).Because(err)
		}
		authorities := x509.NewCertPool()
		if !authorities.AppendCertsFromPEM(text) {
			return admin.Client{}, diag.New(diag.IssuerUnusable, r.caFile).Saw("it holds no certificate")
		}
		transport.TLSClientConfig.RootCAs = authorities
	}
	return admin.Client{URL: strings.TrimSuffix(r.adminURL, "/"), Token: token, HTTP: admin.NewHTTP(transport)}, nil
}

func (r request) enrol(ctx context.Context, c admin.Client) error {
	e := admin.Enrolment{Roles: r.roles}
	if r.keyFile != "" {
		text, err := os.ReadFile(r.keyFile)
		if err != nil {
			return diag.New(diag.EnrolmentRefused, r.keyFile).Because(err)
		}
		e.Key = string(text)
	}
	m, err := c.Enrol(ctx, r.args[0], e)
	if err != nil {
		return err
	}
	if r.secretFile != "" {
		if err := r.writeSecret(ctx, c); err != nil {
			return err
		}
		m.HasSecret = true
	}
	return show(m)
}

// writeSecret makes the file first: a secret that cannot be kept is not made.
func (r request) writeSecret(ctx context.Context, c admin.Client) error {
	return newFile(r.secretFile, func(out *os.File) error {
		made, err := c.NewSecret(ctx, r.args[0])
		if err == nil {
			_, err = out.WriteString(made.Reveal() + "\n")
		}
		return err
	})
}

func (r request) backup(ctx context.Context, c admin.Client) error {
	return newFile(r.args[0], func(out *os.File) error { return c.Backup(ctx, out) })
}

// newFile makes a file for its owner alone, whole or not at all.
func newFile(name string, write func(*os.File) error) error {
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return diag.New(diag.IssuerUnusable, name).Because(err)
	}
	err = write(out)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

func show(v any) error {
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(v)
}
