// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"fmt"
	"sync"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
)

// content gives a score as devices fetch it, and its digest: the same score always has the same one. What is not a score of a
// known type is refused, with what is wrong with it.
func content(score fleet.Score) (digest string, body []byte, err error) {
	release, err := contract.NewRelease(score.Type, score.Data.Raw)
	if err != nil {
		return "", nil, fmt.Errorf("read a score: %w", err)
	}
	body, of, err := release.Encode()
	if err != nil {
		return "", nil, fmt.Errorf("encode a score: %w", err)
	}
	return of.String(), body, nil
}

// contents are the bodies that may be asked for, by their digests.
type contents struct {
	mu sync.Mutex
	of map[string]string // digest by UID of the Deployment
	by map[string][]byte
}

func newContents() *contents { return &contents{of: map[string]string{}, by: map[string][]byte{}} }

// set says what a Deployment asks for now.
func (c *contents) set(uid, digest string, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.of[uid]
	c.of[uid], c.by[digest] = digest, body
	if before != digest {
		c.release(before)
	}
}

func (c *contents) drop(uid string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.of[uid]
	delete(c.of, uid)
	c.release(before)
}

func (c *contents) release(digest string) {
	for _, other := range c.of {
		if other == digest {
			return
		}
	}
	delete(c.by, digest)
}

func (c *contents) get(digest string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, ok := c.by[digest]
	return body, ok
}

// services names the services that a Deployment asks for.
func (c *contents) services(uid string) (names []string) {
	c.mu.Lock()
	text := c.of[uid]
	body := c.by[text]
	c.mu.Unlock()
	digest, err := contract.ParseDigest(text)
	if err != nil {
		return nil
	}
	release, err := contract.DecodeRelease(body, digest)
	if err != nil {
		return nil
	}
	for _, s := range release.Podman.Services {
		names = append(names, s.Name)
	}
	return names
}

// all gives every content.
func (c *contents) all() map[string][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make(map[string][]byte, len(c.by))
	for digest, body := range c.by {
		all[digest] = body
	}
	return all
}
