// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"nationtech.io/harmony/event"
	"nationtech.io/harmony/internal/source/pulse"
)

// push writes the index and all that it holds and the registry lacks, and emits how far it is.
func push(ctx context.Context, tag name.Tag, index v1.ImageIndex, options ...remote.Option) error {
	total, err := size(index)
	if err != nil {
		return err
	}
	var sent atomic.Int64
	tell := func() {
		event.Emit(ctx, event.Progress{Text: "pushing " + tag.String() + " (kB)", Done: int(sent.Load() / 1000), Total: int(total / 1000)})
	}
	tell()
	defer pulse.Start(ctx, time.Second, tell)()
	// The client's own progress channel is closed under uploads that a failure leaves behind, which panics.
	return remote.WriteIndex(tag, index, append(options, remote.WithTransport(counter{remote.DefaultTransport, &sent}))...)
}

// size is the sum of the layers.
func size(index v1.ImageIndex) (total int64, err error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return 0, err
	}
	for _, m := range manifest.Manifests {
		image, err := index.Image(m.Digest)
		if err != nil {
			return 0, err
		}
		parts, err := image.Manifest()
		if err != nil {
			return 0, err
		}
		for _, layer := range parts.Layers {
			total += layer.Size
		}
	}
	return total, nil
}

// counter counts what is sent.
type counter struct {
	http.RoundTripper
	sent *atomic.Int64
}

func (c counter) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r = r.Clone(r.Context())
		r.Body = counted{r.Body, c.sent}
	}
	return c.RoundTripper.RoundTrip(r)
}

type counted struct {
	io.ReadCloser
	sent *atomic.Int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.sent.Add(int64(n))
	return n, err
}
