// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"example.com/guestbook/etcd/kv"
	"example.com/guestbook/web/entry"
)

// shelf is a store in memory; the real one is used by the tests on a Kubernetes.
type shelf struct {
	kept map[string][]byte
	err  error
}

func (s *shelf) Put(_ context.Context, key string, value []byte) error {
	s.kept[key] = value
	return s.err
}

func (s *shelf) List(_ context.Context, prefix string) (found []kv.Pair, err error) {
	for _, key := range slices.Sorted(maps.Keys(s.kept)) {
		if strings.HasPrefix(key, prefix) {
			found = append(found, kv.Pair{Key: []byte(key), Value: s.kept[key]})
		}
	}
	return found, s.err
}

func (s *shelf) Delete(_ context.Context, key string) error {
	delete(s.kept, key)
	return s.err
}

// fixture is a book on an empty shelf, with what it told.
func fixture(t *testing.T) (b *book, s *shelf, told *[]string) {
	t.Helper()
	s, told = &shelf{kept: map[string][]byte{}}, new([]string)
	return &book{store: s, tell: func(text []byte) error { *told = append(*told, string(text)); return nil }}, s, told
}

func ask(t *testing.T, b *book, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	answer := httptest.NewRecorder()
	b.handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body)))
	return answer
}

func entries(t *testing.T, b *book) (all []entry.Entry) {
	t.Helper()
	answer := ask(t, b, http.MethodGet, entry.Path, "")
	if err := json.Unmarshal(answer.Body.Bytes(), &all); err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%d %s: %v", answer.Code, answer.Body, err)
	}
	return all
}

func TestAnEntryIsKeptToldAndStruck(t *testing.T) {
	b, _, told := fixture(t)
	for _, name := range []string{"Ada", "Grace"} {
		if answer := ask(t, b, http.MethodPost, entry.Path, `{"id":"mine","name":"`+name+`","text":"was here"}`); answer.Code != http.StatusCreated {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
	}
	all := entries(t, b)
	if len(all) != 2 || all[0].Name != "Ada" || all[1].Name != "Grace" || all[0].ID == "mine" {
		t.Fatalf("got %v", all)
	}
	if len(*told) != 2 || !strings.Contains((*told)[0], all[0].ID) {
		t.Errorf("told %v", *told)
	}
	ask(t, b, http.MethodDelete, entry.Path+"/"+all[0].ID, "")
	if left := entries(t, b); len(left) != 1 || left[0] != all[1] {
		t.Errorf("left %v", left)
	}
}

func TestWhatIsNoEntryIsRefusedAndNotKept(t *testing.T) {
	b, s, told := fixture(t)
	for _, body := range []string{"", "{", `{"name":"Ada"}`, `{"text":"was here"}`, `{"name":"Ada","text":"` + strings.Repeat("x", longest) + `"}`} {
		if answer := ask(t, b, http.MethodPost, entry.Path, body); answer.Code != http.StatusBadRequest {
			t.Errorf("%.40s: %d %s", body, answer.Code, answer.Body)
		}
	}
	if len(s.kept) > 0 || len(*told) > 0 {
		t.Errorf("kept %v, told %v", s.kept, *told)
	}
}

func TestWithoutItsDatabaseTheServerSaysSoAndTellsNobody(t *testing.T) {
	b, s, told := fixture(t)
	s.err = errors.New("the database is away")
	for method, path := range map[string]string{http.MethodPost: entry.Path, http.MethodGet: entry.Path, http.MethodDelete: entry.Path + "/1"} {
		answer := ask(t, b, method, path, `{"name":"Ada","text":"was here"}`)
		if answer.Code != http.StatusServiceUnavailable || !strings.Contains(answer.Body.String(), "the database is away") {
			t.Errorf("%s: %d %s", method, answer.Code, answer.Body)
		}
	}
	if len(*told) > 0 {
		t.Errorf("told %v", *told)
	}
}

func TestAnEmptyBookIsAnEmptyList(t *testing.T) {
	b, _, _ := fixture(t)
	if answer := ask(t, b, http.MethodGet, entry.Path, ""); strings.TrimSpace(answer.Body.String()) != "[]" {
		t.Errorf("got %s", answer.Body)
	}
}
