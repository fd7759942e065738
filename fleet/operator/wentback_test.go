// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"errors"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// revisions is an API server of which only the revision is asked.
type revisions struct {
	client.Reader
	is string
}

func (r *revisions) List(_ context.Context, all client.ObjectList, _ ...client.ListOption) error {
	all.SetResourceVersion(r.is)
	return nil
}

func TestALeaderEndsWhenTheAPIServerWentBack(t *testing.T) {
	l := leads(t)
	from := &revisions{}
	l.reader = from
	now := time.Now()
	for _, c := range []struct {
		is   string
		ends bool
	}{{"100", false}, {"140", false}, {"unknown", false}, {"140", false}, {"120", true}} {
		from.is = c.is
		now = now.Add(compareEvery)
		var back *wentBack
		if err := l.compare(t.Context(), now); errors.As(err, &back) != c.ends {
			t.Errorf("at revision %s: %v", c.is, err)
		}
	}
}
