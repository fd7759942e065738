// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"fmt"
	"slices"
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
	of map[string]named // by UID of the Deployment
	by map[string][]byte
}

// named are the contents of one Deployment: the one that it asks for, and those that its devices may be told beside.
type named struct {
	newest string
	beside []string
}

func newContents() *contents { return &contents{of: map[string]named{}, by: map[string][]byte{}} }

// set says what a Deployment asks for now. What it asked for before stays until keep.
func (c *contents) set(uid, digest string, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.of[uid]
	if n.newest != "" && n.newest != digest {
		n.beside = append(n.beside, n.newest)
	}
	n.newest = digest
	c.of[uid], c.by[digest] = n, body
}

// add adds a content that devices of a Deployment may be told beside that which it asks for.
func (c *contents) add(uid, digest string, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.of[uid]
	n.beside = append(n.beside, digest)
	c.of[uid], c.by[digest] = n, body
}

// keep lets go of what a Deployment has, but for what it asks for and these.
func (c *contents) keep(uid string, digests []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.of[uid]
	var kept, left []string
	for _, digest := range n.beside {
		if slices.Contains(digests, digest) && !slices.Contains(kept, digest) {
			kept = append(kept, digest)
		} else {
			left = append(left, digest)
		}
	}
	c.of[uid] = named{n.newest, kept}
	c.release(left...)
}

func (c *contents) drop(uid string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.of[uid]
	delete(c.of, uid)
	c.release(append(n.beside, n.newest)...)
}

// release forgets those bodies that no Deployment has.
func (c *contents) release(digests ...string) {
	for _, digest := range digests {
		used := false
		for _, n := range c.of {
			used = used || n.newest == digest || slices.Contains(n.beside, digest)
		}
		if !used {
			delete(c.by, digest)
		}
	}
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
	text := c.of[uid].newest
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
