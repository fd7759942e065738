// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callouttest

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/nats-io/nats-server/v2/server"

	"nationtech.io/harmony/fleet/agent/natstest"
)

// Certify gives the servers another certificate, which they use from their next reload on. CA names all that they ever had.
func (w *World) Certify() {
	w.t.Helper()
	w.certify()
	w.writeConfig()
}

func (w *World) certify() {
	w.t.Helper()
	w.certificates++
	if err := natstest.WriteCertificate(w.certificate(), w.key()); err != nil {
		w.t.Fatal(err)
	}
	all, err := os.ReadFile(w.CA())
	if err != nil && !os.IsNotExist(err) {
		w.t.Fatal(err)
	}
	made, err := os.ReadFile(w.certificate())
	if err != nil {
		w.t.Fatal(err)
	}
	w.Write(w.CA(), string(all)+string(made))
}

func (w *World) certificate() string {
	return filepath.Join(w.dir, fmt.Sprintf("server-%d.pem", w.certificates))
}

func (w *World) key() string { return w.certificate() + ".key" }

// CA is the file with the authorities of servers that speak TLS.
func (w *World) CA() string { return filepath.Join(w.dir, "ca.pem") }

// tls says in the configuration of a server what it shows; nothing where it speaks without.
func (w *World) tls() string {
	if !w.secured {
		return ""
	}
	return fmt.Sprintf("tls { cert_file: %q, key_file: %q }\n", w.certificate(), w.key())
}

// Reload lets the servers read their configuration anew.
func (w *World) Reload() {
	w.t.Helper()
	for _, n := range w.nodes {
		options, err := server.ProcessConfigFile(w.config(n))
		if err != nil {
			w.t.Fatal(err)
		}
		options.NoLog, options.NoSigs = true, true
		if err := n.server.ReloadOptions(options); err != nil {
			w.t.Fatal(err)
		}
	}
}
