// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command server answers every request with the text of a file.
package main

import (
	"log/slog"
	"net/http"
	"os"
	"time"
)

func main() {
	file := os.Args[1]
	server := &http.Server{Addr: ":8080", ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) },
	)}
	slog.Error("the server ended", "error", server.ListenAndServe())
	os.Exit(1)
}
