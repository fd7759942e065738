// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// answerLimit is how long the database of vulnerabilities may take to answer: where it cannot be reached, nobody waits.
const answerLimit = 5 * time.Second

// A database is that of vulnerabilities, which not every machine can reach.
type database struct {
	url string

	once sync.Once
	why  string
}

// unable tells why the database cannot be asked; it is tried once.
func (d *database) unable(ctx context.Context) string {
	d.once.Do(func() {
		ctx, cancel := context.WithTimeout(ctx, answerLimit)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodHead, d.url+"/index/db.json", nil)
		if err != nil {
			d.why = err.Error()
			return
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			d.why = "known vulnerabilities cannot be looked up: " + err.Error()
			return
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			d.why = "known vulnerabilities cannot be looked up: " + d.url + " answers " + response.Status
		}
	})
	return d.why
}
