// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
	"nationtech.io/harmony/secret"
)

const text = "hunter2-correct-horse"

type open struct{ Password secret.Value }
type closed struct {
	password secret.Value
	deeper   *open
	list     []secret.Value
	byName   map[string]secret.Value
}

func TestNoVerbPrintsASecret(t *testing.T) {
	v := secret.New(text)
	hidden := closed{v, &open{v}, []secret.Value{v}, map[string]secret.Value{"a": v}}
	holders := map[string]any{
		"value": v, "pointer": &v, "exported field": open{v}, "pointer to struct": &open{v},
		"unexported fields": hidden, "pointer to unexported fields": &hidden,
		"slice": []secret.Value{v}, "map": map[string]any{"x": v}, "array": [1]open{{v}},
	}
	for name, holder := range holders {
		for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d %t %T %p %w %c %U %e %08.3f %-20s %z") {
			got := fmt.Errorf(verb, holder).Error()
			if leaks(got) {
				t.Errorf("%s printed with %s shows the secret: %s", name, verb, got)
			}
		}
		if got := fmt.Sprint(holder) + fmt.Sprintln(holder); leaks(got) {
			t.Errorf("%s: Sprint shows the secret: %s", name, got)
		}
	}
}

func TestNoLogHandlerPrintsASecret(t *testing.T) {
	v := secret.New(text)
	var out bytes.Buffer
	for _, log := range []*slog.Logger{slog.New(slog.NewTextHandler(&out, nil)), slog.New(slog.NewJSONHandler(&out, nil))} {
		log.Info("m", "value", v, "pointer", &v, "open", open{v}, "closed", closed{password: v}, slog.Group("g", "v", v), "list", []secret.Value{v})
	}
	if leaks(out.String()) {
		t.Errorf("the log shows the secret:\n%s", out.String())
	}
	if !strings.Contains(out.String(), secret.Mask) {
		t.Errorf("the log shows no mask:\n%s", out.String())
	}
}

func TestEncodersRefuse(t *testing.T) {
	for name, encode := range map[string]func(any) ([]byte, error){"json": json.Marshal, "toml": toml.Marshal} {
		out, err := encode(open{secret.New(text)})
		if !errors.Is(err, secret.ErrNotEncoded) && !strings.Contains(fmt.Sprint(err), secret.ErrNotEncoded.Error()) {
			t.Errorf("%s: got %q, %v; want %v", name, out, err, secret.ErrNotEncoded)
		}
		if leaks(string(out) + fmt.Sprint(err)) {
			t.Errorf("%s: the secret is shown", name)
		}
	}
}

func TestComparingInATestDoesNotPrintASecret(t *testing.T) {
	if diff := cmp.Diff(open{secret.New(text)}, open{secret.New("another")}); diff == "" || leaks(diff) {
		t.Errorf("diff is empty or shows the secret: %s", diff)
	}
}

func TestDecodes(t *testing.T) {
	var fromJSON, fromTOML open
	if err := json.Unmarshal([]byte(`{"Password":"`+text+`"}`), &fromJSON); err != nil {
		t.Fatal(err)
	}
	if err := toml.Unmarshal([]byte(`Password = "`+text+`"`), &fromTOML); err != nil {
		t.Fatal(err)
	}
	if fromJSON.Password.Reveal() != text || fromTOML.Password.Reveal() != text {
		t.Error("decoding lost the text")
	}
}

func TestEqualComparesTexts(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b secret.Value
		want bool
	}{
		{"same text in two boxes", secret.New(text), secret.New(text), true},
		{"other text", secret.New(text), secret.New(text + "!"), false},
		{"empty and zero", secret.New(""), secret.Value{}, true},
		{"empty and some", secret.Value{}, secret.New(text), false},
	} {
		if got := c.a.Equal(c.b); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
	if !(secret.Value{}).IsZero() || secret.New(text).IsZero() {
		t.Error("IsZero is wrong")
	}
}

func TestRandomIsLongAndURLSafe(t *testing.T) {
	shape := regexp.MustCompile("^[A-Za-z0-9_-]{26,}$") // 5 bits a character
	seen := map[string]bool{}
	for range 1000 {
		v := secret.Random().Reveal()
		if !shape.MatchString(v) || seen[v] {
			t.Fatalf("%q is short, unsafe or repeated", v)
		}
		seen[v] = true
	}
}

// leaks looks for the text, for its parts, and for its hexadecimal form.
func leaks(shown string) bool {
	shown = strings.ToLower(shown)
	return strings.Contains(shown, "hunter2") || strings.Contains(shown, "horse") || strings.Contains(shown, fmt.Sprintf("%x", "hunter2"))
}
