// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package apart

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// RootlessPrograms are what podman runs with besides when it is not root's.
func RootlessPrograms() []string { return []string{"newuidmap", "newgidmap", "slirp4netns", "setpriv"} }

// StartRootlessPodman starts podman's service as StartPodman does, but as a user who has no rights, and whom only this podman
// knows. Such a podman makes no cgroups.
func StartRootlessPodman(ctx context.Context, network *Network, registries ...string) (*Podman, error) {
	p, err := newPodman(network)
	if err != nil {
		return nil, err
	}
	p.user = &user{dir: p.dir}
	return p.started(ctx, registries)
}

// The user that a rootless podman belongs to, and the numbers that its containers' users have outside of them.
const (
	userID   = 61234
	userName = "device"
	otherIDs = 7_000_000
	howMany  = 65536
)

// A user is known to one podman alone, by files that only its mounts have.
type user struct{ dir string }

func (u *user) home() string { return filepath.Join(u.dir, "home") }

func (u *user) environment() []string {
	return []string{"HOME=" + u.home(), "USER=" + userName, "XDG_RUNTIME_DIR=" + filepath.Join(u.home(), "run"), "XDG_CONFIG_HOME=", "XDG_DATA_HOME="}
}

// known is what a shell does so that the user is known, and may make networks for its containers.
func (u *user) known() string {
	return fmt.Sprintf(`mount -t overlay -o lowerdir=%s:/etc overlay /etc
mknod -m 666 /run/tun c 10 200
mount --bind /run/tun /dev/net/tun
mount --make-rshared /`, filepath.Join(u.dir, "etc"))
}

// become is how a shell begins the command that the user runs.
func (*user) become() string {
	return fmt.Sprintf("setpriv --reuid %d --regid %d --clear-groups", userID, userID)
}

// settle gives the directory to the user.
func (u *user) settle() error {
	others, err := os.ReadFile("/etc/passwd")
	if err != nil {
		return fmt.Errorf("know a user: %w", err)
	}
	for _, dir := range []string{"etc", "home", "home/run"} {
		if err := os.Mkdir(filepath.Join(u.dir, dir), 0o755); err != nil {
			return fmt.Errorf("know a user: %w", err)
		}
	}
	ids := fmt.Sprintf("%s:%d:%d\n", userName, otherIDs, howMany)
	passwd := fmt.Sprintf("%s%s:x:%d:%d::%s:/bin/sh\n", others, userName, userID, userID, u.home())
	for name, text := range map[string]string{"passwd": passwd, "subuid": ids, "subgid": ids} {
		err = errors.Join(err, os.WriteFile(filepath.Join(u.dir, "etc", name), []byte(text), 0o644)) //nolint:gosec // nothing in them is secret
	}
	if err != nil {
		return fmt.Errorf("know a user: %w", err)
	}
	return filepath.WalkDir(u.dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, userID, userID)
	})
}
