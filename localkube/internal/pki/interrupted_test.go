// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"strings"
	"testing"

	"nationtech.io/harmony/localkube/internal/state"
)

// An `up` may be killed after it wrote a key and before it wrote what belongs to it.
func TestWhatWasCutShortIsMadeAnewAsAPair(t *testing.T) {
	for _, public := range []string{"apiserver.crt", "kubelet-serving.crt", "front-proxy-client.crt", "service-accounts.pub"} {
		t.Run(public, func(t *testing.T) {
			c := state.Root(t.TempDir()).Cluster("c")
			ensure(t, c, "c")
			file := c.Node("c", "pki", public)
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			ensure(t, c, "c")
			key := strings.TrimSuffix(strings.TrimSuffix(file, ".crt"), ".pub") + ".key"
			if strings.HasSuffix(file, ".crt") {
				if _, err := tls.LoadX509KeyPair(file, key); err != nil {
					t.Error(err)
				}
				return
			}
			private, err := x509.ParseECPrivateKey(block(t, key))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := x509.ParsePKIXPublicKey(block(t, file)); err != nil || !private.PublicKey.Equal(got) {
				t.Errorf("%s is not the public key of %s: %v", file, key, err)
			}
		})
	}
}

func block(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := pem.Decode(content)
	if b == nil {
		t.Fatalf("%s holds no PEM", file)
	}
	return b.Bytes
}
