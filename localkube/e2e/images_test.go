// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"archive/tar"
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// writerImage builds the test program into an image.
func writerImage(t *testing.T) v1.Image {
	t.Helper()
	program := filepath.Join(t.TempDir(), "writer")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./testdata/writer")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	content, err := os.ReadFile(program)
	check(t, err)
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	check(t, w.WriteHeader(&tar.Header{Name: "writer", Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg}))
	_, err = w.Write(content)
	check(t, err)
	check(t, w.Close())
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil })
	check(t, err)
	image, err := mutate.AppendLayers(empty.Image, layer)
	check(t, err)
	config, err := image.ConfigFile()
	check(t, err)
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Config.Entrypoint = "linux", "amd64", []string{"/writer"}
	image, err = mutate.ConfigFile(image, config)
	check(t, err)
	return image
}

// dockerArchive writes an image as `docker save` does.
func dockerArchive(t *testing.T, image v1.Image, reference string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "docker.tar")
	tag, err := name.NewTag(reference)
	check(t, err)
	check(t, tarball.WriteToFile(file, tag, image))
	return file
}

// ociArchive writes an image as a tar of an OCI layout.
func ociArchive(t *testing.T, image v1.Image, reference string) string {
	t.Helper()
	dir := t.TempDir()
	path, err := layout.Write(dir, empty.Index)
	check(t, err)
	check(t, path.AppendImage(image, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": reference})))
	file, err := os.Create(filepath.Join(t.TempDir(), "oci.tar"))
	check(t, err)
	w := tar.NewWriter(file)
	check(t, w.AddFS(os.DirFS(dir)))
	check(t, w.Close())
	check(t, file.Close())
	return file.Name()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// assertPull runs a registry without TLS on the host's end of the nodes' network.
func assertPull(t *testing.T, u *user, cluster, gateway string) {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(gateway, "0"))
	check(t, err)
	server := &http.Server{Handler: registry.New(registry.Logger(log.New(io.Discard, "", 0)))}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()
	host := listener.Addr().String()
	tag, err := name.NewTag(host+"/writer:1", name.Insecure)
	check(t, err)
	check(t, remote.Write(tag, writerImage(t)))
	u.run("image", "trust", host, "--name", cluster)
	u.kubectl(cluster, "run", "pulled", "--image", tag.Name(), "--restart=Never", "--command", "--", "/writer", "/file", "x")
	u.kubectl(cluster, "wait", "--for=condition=Ready", "pod/pulled", "--timeout=60s")
	u.kubectl(cluster, "delete", "pod", "pulled", "--now")
}
