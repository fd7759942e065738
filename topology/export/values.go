// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/secret"
)

// The values of a chart. Credentials were generated; texts are what else Secrets hold, and binaries the same where it is no
// text, in base64. Both are by Secret and key.
const (
	imageValues      = "images"
	credentialValues = "credentials"
	textValues       = "texts"
	binaryValues     = "binaries"
)

// values are what a chart is told when it is installed.
type values struct {
	several bool // namespaces: then they are part of the names of Secrets
	images  map[string]string
	hidden  map[string]map[string]map[string]secret.Value // by kind, Secret and key
}

func (x *drawing) values() *values {
	v := &values{several: len(x.namespaces()) > 1, images: x.images.found, hidden: map[string]map[string]map[string]secret.Value{}}
	for id, value := range x.credentials {
		v.put(credentialValues, v.group(id.Namespace, id.Secret), id.Key, value)
	}
	return v
}

func (v *values) put(kind, group, key string, value secret.Value) {
	if v.hidden[kind] == nil {
		v.hidden[kind] = map[string]map[string]secret.Value{}
	}
	if v.hidden[kind][group] == nil {
		v.hidden[kind][group] = map[string]secret.Value{}
	}
	v.hidden[kind][group][key] = value
}

func (v *values) group(namespace, name string) string {
	if v.several {
		return namespace + "/" + name
	}
	return name
}

// image is the expression that gives an image's reference.
func (*values) image(name string) string {
	return fmt.Sprintf("(index $.Values.%s %q)", imageValues, name)
}

// credential is the expression that gives a credential.
func (v *values) credential(id kube.Credential) string {
	return fmt.Sprintf("(index $.Values.%s %q %q)", credentialValues, v.group(id.Namespace, id.Secret), id.Key)
}

// secret is the expression that gives data of a Secret in base64, for what is not generated.
func (v *values) secret(o object, key, text string) string {
	group := v.group(o.Namespace, o.Name)
	if !readable(text) {
		v.put(binaryValues, group, key, secret.New(encoded(text)))
		return fmt.Sprintf("(index $.Values.%s %q %q)", binaryValues, group, key)
	}
	v.put(textValues, group, key, secret.New(text))
	return fmt.Sprintf("(index $.Values.%s %q %q | b64enc)", textValues, group, key)
}

// defaults are what a chart has of itself: images alone.
func (v *values) defaults() ([]byte, error) {
	images, err := yaml.Marshal(map[string]any{imageValues: v.images})
	if err != nil {
		return nil, fmt.Errorf("encode the values: %w", err)
	}
	text := "# References that the cluster can pull.\n" + string(images)
	if len(v.hidden) > 0 {
		text += "# What else the schema asks for is secret and has no default: it is in " + valuesSecretsFile + ", beside the chart.\n"
	}
	return []byte(text), nil
}

// secrets is the file beside the chart with all that has no default.
func (v *values) secrets() ([]byte, error) {
	all := map[string]map[string]map[string]string{}
	for kind, groups := range v.hidden {
		all[kind] = map[string]map[string]string{}
		for group, keys := range groups {
			all[kind][group] = map[string]string{}
			for key, value := range keys {
				all[kind][group][key] = value.Reveal()
			}
		}
	}
	text, err := yaml.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("encode the secret values: %w", err)
	}
	return append([]byte("# Secret: it is no part of the chart, and belongs into no repository in the clear.\n"), text...), nil
}

// recallValues reads the credentials of an earlier export.
func (e *earlier) recallValues(content string) error {
	var all map[string]map[string]map[string]secret.Value
	if err := yaml.Unmarshal([]byte(content), &all); err != nil {
		return fmt.Errorf("read values: %w", err)
	}
	for group, keys := range all[credentialValues] {
		namespace, name, several := strings.Cut(group, "/")
		if !several {
			namespace, name = e.marker.Namespace, group
		}
		for key, value := range keys {
			e.credentials[kube.Credential{Namespace: namespace, Secret: name, Key: key}] = value
		}
	}
	return nil
}

// schema says what values there are, in draft 07 of JSON Schema, which is the one that Helm reads.
func (v *values) schema() ([]byte, error) {
	type object = map[string]any
	strings := func(keys []string, one object) object {
		properties := object{}
		for _, key := range keys {
			properties[key] = one
		}
		return object{"type": "object", "additionalProperties": false, "required": keys, "properties": properties}
	}
	properties := object{
		"global":    object{"type": "object"}, // of a chart that has this one for a part
		imageValues: strings(slices.Sorted(maps.Keys(v.images)), object{"type": "string", "minLength": 1}),
	}
	required := []string{imageValues}
	for _, kind := range slices.Sorted(maps.Keys(v.hidden)) {
		groups := v.hidden[kind]
		of := object{}
		for group, keys := range groups {
			of[group] = strings(slices.Sorted(maps.Keys(keys)), shape(kind))
		}
		properties[kind] = object{"type": "object", "additionalProperties": false, "required": slices.Sorted(maps.Keys(groups)), "properties": of}
		required = append(required, kind)
	}
	text, err := json.MarshalIndent(object{
		"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "additionalProperties": false,
		"required": required, "properties": properties,
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the schema: %w", err)
	}
	return append(text, '\n'), nil
}

// shape is what a secret value must look like. A credential is put into files, URLs and JSON as it is, so it may
// have only what means nothing in any of them.
func shape(kind string) map[string]any {
	switch kind {
	case credentialValues:
		return map[string]any{"type": "string", "pattern": "^[A-Za-z0-9._~-]+$", "minLength": 16}
	case binaryValues:
		return map[string]any{"type": "string", "contentEncoding": "base64", "pattern": "^[A-Za-z0-9+/=]*$"}
	}
	return map[string]any{"type": "string"}
}
