// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command service is what containers of tests run. It does what its arguments say, one after the other: say=TEXT,
// env=NAME (says its value), write=FILE:TEXT, exists=FILE (fails if it is not there), serve=ADDRESS (in the background,
// answers with the environment variable ANSWER), wait (until SIGTERM), linger (through SIGTERM), pause=DURATION, exit=CODE.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nationtech.io/harmony/wait"
)

func main() {
	for _, arg := range os.Args[1:] {
		what, value, _ := strings.Cut(arg, "=")
		if err := do(what, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func do(what, value string) error {
	switch what {
	case "say":
		fmt.Println(value)
	case "env":
		fmt.Println(os.Getenv(value))
	case "write":
		file, text, _ := strings.Cut(value, ":")
		return os.WriteFile(file, []byte(text), 0o600)
	case "exists":
		_, err := os.Stat(value)
		return err
	case "serve":
		answer := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, os.Getenv("ANSWER")) }
		server := &http.Server{Addr: value, Handler: http.HandlerFunc(answer), ReadHeaderTimeout: time.Minute}
		go func() {
			fmt.Fprintln(os.Stderr, server.ListenAndServe())
			os.Exit(1)
		}()
	case "wait", "linger":
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM)
		for range signals {
			if what == "wait" {
				fmt.Println("told to end")
				os.Exit(0)
			}
		}
	case "pause":
		length, err := time.ParseDuration(value)
		if err == nil {
			err = wait.Sleep(context.Background(), length)
		}
		return err
	case "exit":
		code, err := strconv.Atoi(value)
		if err == nil {
			os.Exit(code)
		}
		return err
	default:
		return fmt.Errorf("%q is not known", what)
	}
	return nil
}
