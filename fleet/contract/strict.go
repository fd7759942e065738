// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

// decode reads data into the struct that into points to, or refuses it. What
// encoding/json lets pass is caught by a walk over the tokens first: repeated
// fields (the last would win), fields in another case, nulls and invalid UTF-8
// (which would be replaced); and by a look at what follows: bytes after the end.
func decode(data []byte, limit int, into any) *Refusal {
	return decodeFields(data, limit, into, isField)
}

// decodeNamed is decode for what people write too: names of fields are exactly those of a release.
func decodeNamed(data []byte, limit int, into any) *Refusal {
	return decodeFields(data, limit, into, fieldsOf(releaseWire{}, Podman{}))
}

func decodeFields(data []byte, limit int, into any, known func(string) bool) *Refusal {
	if r := inspect(data, limit, known); r != nil {
		return r
	}
	fields := json.NewDecoder(bytes.NewReader(data))
	fields.DisallowUnknownFields()
	if err := fields.Decode(into); err != nil {
		return malformed(err)
	}
	if _, err := fields.Token(); !errors.Is(err, io.EOF) {
		return refuse(CodeMalformed, "data after the end of the message")
	}
	return nil
}

// inspect checks what does not depend on the type of the message, and what encoding/json does not check.
func inspect(data []byte, limit int, known func(string) bool) *Refusal {
	if len(data) > limit {
		return refuse(CodeOversize, "%d bytes, at most %d are accepted", len(data), limit)
	}
	if !utf8.Valid(data) {
		return refuse(CodeMalformed, "not valid UTF-8")
	}
	return walk(string(data), known)
}

// encode gives the one form in which a message is written: compact, no HTML escapes.
func encode(message any, limit int) ([]byte, error) { return encodeFields(message, limit, isField) }

// encodeNamed is encode for releases.
func encodeNamed(message any) ([]byte, error) {
	return encodeFields(message, MaxBody, fieldsOf(releaseWire{}, Podman{}))
}

func encodeFields(message any, limit int, known func(string) bool) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(message); err != nil {
		return nil, malformed(err)
	}
	data := bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	if r := inspect(data, limit, known); r != nil {
		return nil, r
	}
	return data, nil
}

func malformed(err error) *Refusal {
	return &Refusal{Code: CodeMalformed, Detail: err.Error(), Cause: err}
}

// isField keeps out what encoding/json would match without regard to case.
func isField(name string) bool {
	return name != "" && only(name, func(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' })
}

// fieldsOf gives the rule that a name is that of a field in these structs, or in what they are made of.
func fieldsOf(messages ...any) func(string) bool {
	names := map[string]bool{}
	for _, m := range messages {
		collect(reflect.TypeOf(m), names)
	}
	return func(name string) bool { return names[name] }
}

func collect(t reflect.Type, names map[string]bool) {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return
	}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names[name] = true
		collect(t.Field(i).Type, names)
	}
}
