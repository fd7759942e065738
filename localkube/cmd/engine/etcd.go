// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//go:build engine

package main

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

const etcdStartLimit = time.Minute

// runEtcd runs a single etcd member that listens on unix sockets only: what
// cannot see the node's file system (a Pod on the host network) cannot reach it.
func runEtcd(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("etcd", flag.ContinueOnError)
	dir := flags.String("data-dir", "", "directory of the data")
	listen := flags.String("listen", "", "URL for clients")
	peer := flags.String("peer", "", "URL for peers (there are none, but etcd wants one)")
	fsync := flags.Bool("fsync", true, "write through to the disk: survives a power cut, not only a crash")
	if err := flags.Parse(args); err != nil {
		return err
	}
	config, err := etcdConfig(*dir, *listen, *peer, *fsync)
	if err != nil {
		return err
	}
	server, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	defer server.Close()
	select {
	case <-server.Server.ReadyNotify():
	case <-time.After(etcdStartLimit):
		return fmt.Errorf("no leader elected within %s", etcdStartLimit)
	case <-ctx.Done():
		return nil
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-server.Err():
		return err
	}
}

func etcdConfig(dir, listen, peer string, fsync bool) (*embed.Config, error) {
	clientURL, err := url.Parse(listen)
	if err != nil {
		return nil, err
	}
	peerURL, err := url.Parse(peer)
	if err != nil {
		return nil, err
	}
	c := embed.NewConfig()
	c.Name = "default"
	c.Dir = dir
	c.ListenClientUrls, c.AdvertiseClientUrls = []url.URL{*clientURL}, []url.URL{*clientURL}
	c.ListenPeerUrls, c.AdvertisePeerUrls = []url.URL{*peerURL}, []url.URL{*peerURL}
	c.InitialCluster = c.InitialClusterFromName(c.Name)
	c.LogLevel = "warn"
	c.UnsafeNoFsync = !fsync
	// A single member has no one to wait for: elect at once.
	c.TickMs, c.ElectionMs = 20, 200
	c.AutoCompactionMode, c.AutoCompactionRetention = "periodic", "10m"
	return c, nil
}
