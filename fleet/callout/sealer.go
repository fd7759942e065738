// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"bytes"
	"crypto/rand"
	"sync"

	"github.com/nats-io/nkeys"
	"golang.org/x/crypto/nacl/box"
)

const (
	keyLength, nonceLength = 32, 24
	// maxServers is for how many servers a sealer remembers the key that it shares with them.
	maxServers = 256
)

// sealer opens and seals as a curve key of nkeys does: its version, a nonce, and a box of NaCl. The key that it shares with a
// server is the same for all that the two say, and half the work: it is derived once.
type sealer struct {
	private [keyLength]byte

	mu     sync.Mutex
	shared map[string]*[keyLength]byte // by the server's public key
}

// newSealer reads the seed of a curve key.
func newSealer(seed string) (*sealer, error) {
	_, raw, err := nkeys.DecodeSeed([]byte(seed))
	if err != nil || len(raw) != keyLength {
		return nil, nkeys.ErrInvalidCurveSeed
	}
	return &sealer{private: [keyLength]byte(raw), shared: map[string]*[keyLength]byte{}}, nil
}

// open gives what a server sealed for this key.
func (s *sealer) open(data []byte, server string) ([]byte, error) {
	rest, ok := bytes.CutPrefix(data, []byte(nkeys.XKeyVersionV1))
	if !ok || len(rest) <= nonceLength {
		return nil, nkeys.ErrInvalidEncrypted
	}
	shared, known, err := s.with(server)
	if err != nil {
		return nil, err
	}
	nonce := [nonceLength]byte(rest[:nonceLength])
	opened, ok := box.OpenAfterPrecomputation(nil, rest[nonceLength:], &nonce, shared)
	if !ok {
		return nil, nkeys.ErrCouldNotDecrypt
	}
	if !known {
		s.remember(server, shared)
	}
	return opened, nil
}

// seal seals for a server.
func (s *sealer) seal(data []byte, server string) ([]byte, error) {
	shared, _, err := s.with(server)
	if err != nil {
		return nil, err
	}
	var nonce [nonceLength]byte
	rand.Read(nonce[:])
	out := append([]byte(nkeys.XKeyVersionV1), nonce[:]...)
	return box.SealAfterPrecomputation(out, data, &nonce, shared), nil
}

// with gives the key that is shared with a server, and whether it was known.
func (s *sealer) with(server string) (shared *[keyLength]byte, known bool, err error) {
	s.mu.Lock()
	shared = s.shared[server]
	s.mu.Unlock()
	if shared != nil {
		return shared, true, nil
	}
	raw, err := nkeys.Decode(nkeys.PrefixByteCurve, []byte(server))
	if err != nil || len(raw) != keyLength {
		return nil, false, nkeys.ErrInvalidRecipient
	}
	public := [keyLength]byte(raw)
	shared = new([keyLength]byte)
	box.Precompute(shared, &public, &s.private)
	return shared, false, nil
}

// remember keeps a key that was good for something. Whoever makes servers up costs no more than some work.
func (s *sealer) remember(server string, shared *[keyLength]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.shared) >= maxServers {
		clear(s.shared)
	}
	s.shared[server] = shared
}
