// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"example.com/guestbook/etcd/kv"
	"example.com/guestbook/web/entry"
)

const (
	prefix  = "entries/" // of their keys
	longest = 64 << 10   // bytes of an entry
)

// store is what the book needs of a database.
type store interface {
	Put(ctx context.Context, key string, value []byte) error
	List(ctx context.Context, prefix string) ([]kv.Pair, error)
	Delete(ctx context.Context, key string) error
}

// A book keeps entries.
type book struct {
	store store
	tell  func(text []byte) error // of a new entry
}

func (b *book) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST "+entry.Path, b.sign)
	mux.HandleFunc("GET "+entry.Path, b.list)
	mux.HandleFunc("DELETE "+entry.Path+"/{id}", b.strike)
	return mux
}

func (b *book) sign(w http.ResponseWriter, r *http.Request) {
	var e entry.Entry
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longest)).Decode(&e); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	if e.Name == "" || e.Text == "" {
		refuse(w, http.StatusBadRequest, errors.New("an entry has a name and a text"))
		return
	}
	e.ID = fmt.Sprintf("%019d-%s", time.Now().UnixNano(), rand.Text()[:8])
	text, err := json.Marshal(e)
	if err != nil {
		refuse(w, http.StatusInternalServerError, err)
		return
	}
	if err := b.store.Put(r.Context(), prefix+e.ID, text); err != nil {
		refuse(w, http.StatusServiceUnavailable, err)
		return
	}
	if err := b.tell(text); err != nil {
		slog.Error("an entry is kept, but nobody was told", "id", e.ID, "error", err)
	}
	answer(w, http.StatusCreated, e)
}

func (b *book) list(w http.ResponseWriter, r *http.Request) {
	pairs, err := b.store.List(r.Context(), prefix)
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, err)
		return
	}
	all := make([]entry.Entry, len(pairs))
	for i, p := range pairs {
		if err := json.Unmarshal(p.Value, &all[i]); err != nil {
			refuse(w, http.StatusInternalServerError, err)
			return
		}
	}
	answer(w, http.StatusOK, all)
}

func (b *book) strike(w http.ResponseWriter, r *http.Request) {
	if err := b.store.Delete(r.Context(), prefix+r.PathValue("id")); err != nil {
		refuse(w, http.StatusServiceUnavailable, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		slog.Info("an answer was not taken", "error", err)
	}
}

func refuse(w http.ResponseWriter, status int, why error) {
	if status >= http.StatusInternalServerError {
		slog.Error("a request failed", "error", why)
	}
	http.Error(w, why.Error(), status)
}
