// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"errors"
	"sync"
)

// side runs functions side by side and keeps all their errors.
type side struct {
	group sync.WaitGroup
	mu    sync.Mutex
	errs  []error
}

func (s *side) do(f func() error) {
	s.group.Go(func() {
		if err := f(); err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.errs = append(s.errs, err)
		}
	})
}

// wait returns the errors of all, joined.
func (s *side) wait() error {
	s.group.Wait()
	return errors.Join(s.errs...)
}
