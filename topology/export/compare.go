// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"encoding/base64"
	"reflect"
	"strconv"
	"strings"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
)

// An object is one of the export, in whose content every text that has something in it which two interpretations have
// differently is a *text.
type object struct {
	kube.Exported
	content map[string]any
	secret  bool     // it has a credential in it, or may have
	strange []string // fields that differ in a way that nobody can tell from a credential in another writing
	digests []string // fields that have a digest of credentials in them
}

func (o object) id() string { return o.Group + "/" + o.Kind + "/" + o.Namespace + "/" + o.Name }

// isSpace tells whether it is a namespace that the deploy would make, and no object of a component.
func (o object) isSpace() bool { return o.Kind == "Namespace" && o.Inventory.Name == "" }

// comparison is of the same object in two interpretations.
type comparison struct {
	known []known
	into  *object
}

// known is what differs because the export wants it to.
type known struct {
	first, second string
	part          part
}

// compare puts together what two interpretations have made.
func compare(ctx context.Context, first, second copied) ([]object, error) {
	a, err := first.place.kubernetes.Objects(ctx)
	if err != nil {
		return nil, err
	}
	b, err := second.place.kubernetes.Objects(ctx)
	if err != nil {
		return nil, err
	}
	if len(a) != len(b) {
		return nil, diag.New(diag.NotExportable).Saw("the component gave " + strconv.Itoa(len(a)) + " objects, and then " + strconv.Itoa(len(b)))
	}
	known := differences(first, second)
	var all []object
	for i := range a {
		if (object{Exported: a[i]}).id() != (object{Exported: b[i]}).id() {
			return nil, diag.New(diag.NotExportable, a[i].String()).Saw("the component gave this object once, and then " + b[i].String())
		}
		o := object{Exported: a[i], secret: a[i].IsSecret()}
		c := comparison{known, &o}
		o.content = c.fields("", a[i].Content, b[i].Content)
		all = append(all, o)
	}
	return all, nil
}

func differences(first, second copied) (all []known) {
	other := second.place.kubernetes.Credentials()
	for id, value := range first.place.kubernetes.Credentials() {
		all = append(all, known{value.Reveal(), other[id].Reveal(), part{credential: id}})
	}
	for name, token := range first.tokens {
		all = append(all, known{token, second.tokens[name], part{image: name}})
	}
	return all
}

func (c comparison) fields(at string, a, b map[string]any) map[string]any {
	all := map[string]any{}
	for key, value := range a {
		all[key] = c.value(strings.TrimPrefix(at+"."+key, "."), value, b[key])
	}
	for key := range b {
		if _, both := a[key]; !both {
			c.strange(strings.TrimPrefix(at+"."+key, "."), "")
		}
	}
	return all
}

// value compares what a field has.
func (c comparison) value(at string, a, b any) any {
	switch a := a.(type) {
	case map[string]any:
		if b, same := b.(map[string]any); same {
			return c.fields(at, a, b)
		}
	case []any:
		b, same := b.([]any)
		if !same || len(a) != len(b) {
			break
		}
		all := make([]any, len(a))
		for i := range a {
			all[i] = c.value(at+"["+strconv.Itoa(i)+"]", a[i], b[i])
		}
		return all
	case string:
		if b, same := b.(string); same {
			return c.text(at, a, b)
		}
	}
	if !reflect.DeepEqual(a, b) {
		c.strange(at, "")
	}
	return a
}

// text compares two texts. What is data of a Secret is compared as what it encodes.
func (c comparison) text(at, a, b string) any {
	data := c.into.IsSecret() && strings.HasPrefix(at, "data.")
	if data || c.into.Kind == "ConfigMap" && strings.HasPrefix(at, "binaryData.") {
		first, errA := base64.StdEncoding.DecodeString(a)
		second, errB := base64.StdEncoding.DecodeString(b)
		if errA == nil && errB == nil {
			t := c.parts(at, string(first), string(second))
			t.encoded = true
			if data || t.made() {
				return t
			}
			return a
		}
	}
	if t := c.parts(at, a, b); t.made() {
		return t
	}
	return a
}

// parts takes two texts apart into what both have and what differs.
func (c comparison) parts(at, a, b string) *text {
	t := &text{plain: a}
	var one, two strings.Builder // what stands between what is known
	flush := func() {
		t.parts = append(t.parts, c.between(at, one.String(), two.String())...)
		one.Reset()
		two.Reset()
	}
	for a != "" || b != "" {
		k, found := c.at(a, b)
		switch {
		case found:
			flush()
			t.parts = append(t.parts, k.part)
			c.into.secret = c.into.secret || k.part.image == ""
			a, b = a[len(k.first):], b[len(k.second):]
		case a == "" || b == "":
			one.WriteString(a)
			two.WriteString(b)
			a, b = "", ""
		default:
			one.WriteByte(a[0])
			two.WriteByte(b[0])
			a, b = a[1:], b[1:]
		}
	}
	flush()
	return t
}

func (c comparison) at(a, b string) (known, bool) {
	for _, k := range c.known {
		if strings.HasPrefix(a, k.first) && strings.HasPrefix(b, k.second) {
			return k, true
		}
	}
	return known{}, false
}
