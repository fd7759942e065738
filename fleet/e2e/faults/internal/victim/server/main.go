// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command server is what runs in the Pods of a victim: it serves, and fails in the ways that its arguments ask for.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"nationtech.io/harmony/wait"
)

const (
	address   = ":8080"
	patience  = 5 * time.Second
	megabyte  = 1 << 20
	runsFile  = "/var/run/victim/runs"
	badUsage  = 2
	crashCode = 3
)

func main() {
	if len(os.Args) < badUsage {
		fail(badUsage, "usage: server serve | slow SECONDS | crash TEXT | recover TIMES | hog | resolve NAME | twice | mute")
	}
	argument := ""
	if len(os.Args) > badUsage {
		argument = os.Args[badUsage]
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	switch os.Args[1] {
	case "serve":
	case "slow":
		seconds, _ := strconv.Atoi(argument) // none is none
		pause(ctx, time.Duration(seconds)*time.Second)
	case "crash":
		fail(crashCode, argument)
	case "recover":
		recovered(argument)
	case "hog":
		hog()
	case "resolve":
		resolve(ctx, argument)
	case "twice":
		listen(ctx)
	case "mute":
		mute(ctx)
		return
	}
	serve(ctx)
}

func fail(code int, text string) {
	fmt.Fprintln(os.Stderr, text)
	os.Exit(code)
}

func pause(ctx context.Context, d time.Duration) {
	if wait.Sleep(ctx, d) != nil {
		os.Exit(0)
	}
}

// recovered fails as often as it is told to, and then does not.
func recovered(times string) {
	before, _ := os.ReadFile(runsFile) // there is none at first
	if fmt.Sprint(len(before)) == times {
		return
	}
	if err := os.WriteFile(runsFile, append(before, '.'), 0o600); err != nil {
		fail(crashCode, err.Error())
	}
	fail(crashCode, "the database does not answer yet")
}

// hog takes memory until the kernel ends it.
func hog() {
	var all [][]byte
	for {
		block := make([]byte, megabyte)
		for i := range block {
			block[i] = byte(i)
		}
		all = append(all, block)
		fmt.Println(len(all), "MB")
	}
}

func resolve(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := new(net.Resolver).LookupHost(ctx, name); err != nil {
		fail(crashCode, err.Error())
	}
}

func listen(ctx context.Context) net.Listener {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		fail(1, err.Error())
	}
	return l
}

// mute takes connections and never answers.
func mute(ctx context.Context) {
	l := listen(ctx)
	go func() {
		for {
			if _, err := l.Accept(); err != nil {
				return
			}
		}
	}()
	<-ctx.Done()
}

func serve(ctx context.Context) {
	server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, "alive")
	})}
	l := listen(ctx)
	go func() {
		<-ctx.Done()
		_ = server.Close() // it ends anyway
	}()
	fmt.Println("serves", address)
	if err := server.Serve(l); ctx.Err() == nil {
		fail(1, err.Error())
	}
}
