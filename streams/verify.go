// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package streams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// A Deviation is one field of a stream that is not as it is wanted.
type Deviation struct {
	Stream string
	// Field is the field's name in the configuration of the server; empty when the whole stream is missing.
	Field      string
	Want, Have string // as JSON
	// Edited tells that someone changed the stream since it was made as it is wanted now.
	Edited bool
}

func (d Deviation) String() string {
	if d.Field == "" {
		return d.Stream + ": missing"
	}
	return fmt.Sprintf("%s: %s %s -> %s", d.Stream, d.Field, d.Have, d.Want)
}

// Unchangeable says that a server refused to correct a stream.
type Unchangeable struct {
	Deviations []Deviation
	Cause      error // the server's own words
}

func (u *Unchangeable) Error() string {
	all := make([]string, len(u.Deviations))
	for i, d := range u.Deviations {
		all[i] = d.String()
	}
	return fmt.Sprintf("%v (wanted %s)", u.Cause, strings.Join(all, ", "))
}

// Unwrap gives the server's error.
func (u *Unchangeable) Unwrap() error { return u.Cause }

// Verify compares the streams with what is wanted and changes nothing. Its error is
// an *Error, when they could not be read.
func Verify(ctx context.Context, js jetstream.StreamManager, wanted ...jetstream.StreamConfig) ([]Deviation, error) {
	var all []Deviation
	for _, want := range wanted {
		have, err := read(ctx, js, want.Name)
		switch {
		case errors.Is(err, jetstream.ErrStreamNotFound):
			all = append(all, Deviation{Stream: want.Name})
		case err != nil:
			return all, &Error{"reading", want.Name, err}
		default:
			all = append(all, compare(sealed(want), have)...)
		}
	}
	return all, nil
}

// compare looks at every field that the server knows, also at those that we never
// set: a mirror or a subject transform that someone added matters as much.
func compare(want, have jetstream.StreamConfig) []Deviation {
	edited := have.Metadata[wantedKey] == want.Metadata[wantedKey]
	want.Metadata, have.Metadata = own(want.Metadata), own(have.Metadata)
	var all []Deviation
	w, h := reflect.ValueOf(want), reflect.ValueOf(have)
	for i := range w.NumField() {
		if !reflect.DeepEqual(w.Field(i).Interface(), h.Field(i).Interface()) {
			name, _, _ := strings.Cut(w.Type().Field(i).Tag.Get("json"), ",")
			all = append(all, Deviation{want.Name, name, shown(w.Field(i)), shown(h.Field(i)), edited})
		}
	}
	return all
}

func shown(field reflect.Value) string {
	text, err := json.Marshal(field.Interface())
	if err != nil {
		return fmt.Sprint(field.Interface())
	}
	return string(text)
}
