// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"os"
	"strings"

	"github.com/nats-io/nkeys"

	"nationtech.io/harmony/diag"
)

// Keys are what answers are signed with and questions are sealed for. While keys rotate there are old and new ones: the
// question names which one its server trusts.
type Keys struct {
	signing map[string]signer // by public key
	sealing []*sealer
}

// ReadKeys reads seeds from files, one a line: of accounts, which sign, and of curve keys, which seal. There must be one
// of each at least. Its error is a Diagnostic with the code CalloutUnusable, and shows no seed.
func ReadKeys(files ...string) (Keys, error) {
	k := Keys{signing: map[string]signer{}}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return Keys{}, unusable(file).Because(err)
		}
		for line := range strings.Lines(string(data)) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if !k.add(line) {
				return Keys{}, unusable(file).Saw("a line of it is neither the seed of an account (SA…) nor that of a curve key (SX…)")
			}
		}
	}
	if len(k.signing) == 0 || len(k.sealing) == 0 {
		return Keys{}, unusable(strings.Join(files, ", ")).Saw("a seed of an account (SA…) and one of a curve key (SX…) are needed")
	}
	return k, nil
}

func unusable(what string) *diag.Diagnostic { return diag.New(diag.CalloutUnusable, what) }

func (k *Keys) add(seed string) bool {
	prefix, _, err := nkeys.DecodeSeed([]byte(seed))
	if err != nil {
		return false
	}
	switch prefix {
	case nkeys.PrefixByteAccount:
		pair, err := newSigner(seed)
		if err != nil {
			return false
		}
		k.signing[pair.public] = pair
	case nkeys.PrefixByteCurve:
		pair, err := newSealer(seed)
		if err != nil {
			return false
		}
		k.sealing = append(k.sealing, pair)
	default:
		return false
	}
	return true
}
