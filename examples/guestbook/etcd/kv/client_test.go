// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kv_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/guestbook/etcd/kv"
)

// saying is an etcd that gives one answer, as version 3.7 gives it, and what it was asked.
func saying(t *testing.T, status int, answer string) (client kv.Client, asked *string) {
	t.Helper()
	asked = new(string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*asked = r.URL.Path + " " + string(body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	return kv.Client{HTTP: server.Client(), URL: server.URL}, asked
}

func TestAListIsOfAllKeysWithThePrefix(t *testing.T) {
	client, asked := saying(t, http.StatusOK, `{"header":{"revision":"7"},"kvs":[{"key":"YS8x","create_revision":"6","value":"b25l"},{"key":"YS8y"}],"count":"2"}`)
	pairs, err := client.List(t.Context(), "a/")
	if err != nil || len(pairs) != 2 || string(pairs[0].Key) != "a/1" || string(pairs[0].Value) != "one" || len(pairs[1].Value) != 0 {
		t.Errorf("got %q, %v", pairs, err)
	}
	if want := `/v3/kv/range {"key":"YS8=","range_end":"YTA="}`; *asked != want { // a/ to a0
		t.Errorf("asked %s, want %s", *asked, want)
	}
}

func TestAnAnswerThatIsNoneIsAnError(t *testing.T) {
	client, _ := saying(t, http.StatusBadRequest, `{"code":3,"message":"etcdserver: key is not provided"}`)
	err := client.Put(t.Context(), "", nil)
	var refused *kv.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "key is not provided") {
		t.Errorf("got %v", err)
	}
	client, _ = saying(t, http.StatusOK, "<html>")
	if _, err := client.List(t.Context(), "a"); err == nil {
		t.Error("a page is taken for a list")
	}
}
