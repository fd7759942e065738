// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package podmantest gives tests a real podman, with a real registry that has one small image of many behaviours.
package podmantest

import (
	"archive/tar"
	"bytes"
	"crypto/rand"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"nationtech.io/harmony/internal/apart"
	"nationtech.io/harmony/internal/needs"
)

// A Machine is a podman and the registry that it pulls from, both in a network of their own.
type Machine struct {
	// Podman may be broken as those of real machines are.
	Podman *apart.Podman
	// Socket is podman's.
	Socket string
	// Image is a reference whose program is that in the folder service.
	Image string
	host  string
	image v1.Image
	away  *apart.Network
}

// Start starts both for the length of the test, which is skipped where there can be no podman.
func Start(t testing.TB) Machine {
	t.Helper()
	return start(t, needs.Podman)
}

// StartSmall starts both, podman with a disk for images and containers that has so many bytes.
func StartSmall(t testing.TB, size int) Machine {
	t.Helper()
	return start(t, func(t testing.TB, away *apart.Network, registries ...string) *apart.Podman {
		t.Helper()
		return needs.SmallPodman(t, away, size, registries...)
	})
}

// StartRootless starts both, podman as a user without rights.
func StartRootless(t testing.TB) Machine {
	t.Helper()
	return start(t, needs.RootlessPodman)
}

func start(t testing.TB, run func(testing.TB, *apart.Network, ...string) *apart.Podman) Machine {
	t.Helper()
	away := needs.Network(t)
	listener, err := away.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{
		Listener: listener,
		Config:   &http.Server{Handler: slowly(registry.New(registry.Logger(log.New(io.Discard, "", 0)))), ReadHeaderTimeout: time.Minute},
	}
	server.Start()
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	podman := run(t, away, host)
	m := Machine{Podman: podman, Socket: podman.Socket, host: host, image: build(t), away: away}
	m.Image = m.Push(t, "test/service:1")
	return m
}

// Push puts the image into the registry under another name, such as "test/other:1", and gives its reference.
func (m Machine) Push(t testing.TB, as string) (reference string) {
	t.Helper()
	return m.push(t, as, m.image)
}

// PushLarger puts the image into the registry under another name, and with a layer more that has so many bytes.
func (m Machine) PushLarger(t testing.TB, as string, by int) (reference string) {
	t.Helper()
	more := make([]byte, by)
	_, _ = rand.Read(more) // never fails
	image, err := mutate.AppendLayers(m.image, layer(t, as, more))
	if err != nil {
		t.Fatal(err)
	}
	return m.push(t, as, image)
}

func (m Machine) push(t testing.TB, as string, image v1.Image) (reference string) {
	t.Helper()
	reference = m.host + "/" + as
	to, err := name.ParseReference(reference, name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(to, image, remote.WithContext(t.Context()), remote.WithTransport(m.Transport(t))); err != nil {
		t.Fatal(err)
	}
	return reference
}

// Transport reaches the loopback of the machine, where the ports of workloads are.
func (m Machine) Transport(t testing.TB) *http.Transport {
	transport := &http.Transport{DialContext: m.away.Dial}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// Pinned is a reference to the image by its digest.
func (m Machine) Pinned(t testing.TB) string {
	t.Helper()
	digest, err := m.image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return m.host + "/test/service@" + digest.String()
}

// Missing is a reference to an image that the registry does not have.
func (m Machine) Missing() string { return m.host + "/test/missing:1" }

func build(t testing.TB) v1.Image {
	t.Helper()
	file := filepath.Join(t.TempDir(), "service")
	command := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, "nationtech.io/harmony/fleet/agent/podmantest/service")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	image, err := mutate.AppendLayers(empty.Image, layer(t, "service", program))
	if err == nil {
		image, err = mutate.Config(image, v1.Config{Entrypoint: []string{"/service"}})
	}
	if err == nil {
		image, err = mutate.ConfigFile(image, platform(t, image))
	}
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// layer has one file, at the root.
func layer(t testing.TB, file string, content []byte) v1.Layer {
	t.Helper()
	var files bytes.Buffer
	w := tar.NewWriter(&files)
	if err := w.WriteHeader(&tar.Header{Name: file, Mode: 0o755, Size: int64(len(content))}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	made, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files.Bytes())), nil })
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func platform(t testing.TB, image v1.Image) *v1.ConfigFile {
	t.Helper()
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", runtime.GOARCH
	return config
}
