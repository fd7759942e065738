// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
)

// plainly is walk by the tokens of encoding/json, for what is JSON.
func plainly(tokens *json.Decoder, depth int) bool {
	token, err := tokens.Token()
	if err != nil || token == nil {
		return false
	}
	open, ok := token.(json.Delim)
	if !ok {
		return true
	}
	if depth == maxDepth {
		return false
	}
	fields := map[string]bool{}
	for tokens.More() {
		if open == '{' {
			name, _ := tokens.Token()
			text, _ := name.(string)
			if !isField(text) || fields[text] || len(fields) == maxFields {
				return false
			}
			fields[text] = true
		}
		if !plainly(tokens, depth+1) {
			return false
		}
	}
	_, err = tokens.Token()
	return err == nil
}

func many(n int) string {
	var all []string
	for i := range n {
		all = append(all, `"f`+strconv.Itoa(i)+`":{"a":1}`)
	}
	return "{" + strings.Join(all, ",") + "}"
}

func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func FuzzTheWalkSeesWhatTheTokensOfJSONSay(f *testing.F) {
	for _, seed := range []string{
		`{"a":{"b":1,"c":[{"b":"\"}"},{"b":null}]},"b":true}`, `{"a":{"b":1},"b":2,"a":3}`, `{"a":1,"\u0061":2}`, `{"A":1}`, `{"a\\":"\\"}`, `{"a":["b","a"],"":0}`,
		`["null","n",-1.5e+3,false]`, ` { "a" : [ ] } `, nested(maxDepth), nested(maxDepth + 1), many(maxFields), many(maxFields + 1), `{"a":"\\","a":""}`, `"`, `{"a`, `]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := walk(text, isField) // of what is no JSON it may say anything
		if !json.Valid([]byte(text)) {
			return
		}
		tokens := json.NewDecoder(strings.NewReader(text))
		tokens.UseNumber()
		if want := plainly(tokens, 0); want != (r == nil) {
			t.Errorf("%s: %v, by its tokens %t", text, r, want)
		}
	})
}
