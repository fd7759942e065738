// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command subject is what the tests of capability/kube run in Pods: it echoes what it
// is sent, does nothing for ever, or fails.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: subject echo ADDRESS | idle | fail MESSAGE | succeed")
		os.Exit(2)
	}
	switch os.Args[1] {
	case "echo":
		go echo(os.Args[2])
	case "fail":
		fmt.Fprintln(os.Stderr, os.Args[2])
		os.Exit(3)
	case "succeed":
		return
	}
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM, syscall.SIGINT)
	<-end
}

func echo(address string) {
	listener, err := net.Listen("tcp", address) //nolint:noctx // it listens as long as its Pod runs
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		go func() {
			defer conn.Close()
			_, _ = io.Copy(conn, conn)
		}()
	}
}
