// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// A document is one object that a file of the chart has given.
type document struct {
	file   string
	object *unstructured.Unstructured
}

// String is how people call the object: Kind/name.
func (d document) String() string { return d.object.GetKind() + "/" + d.object.GetName() }

// documents reads the objects of a file.
func (s Score) documents(file, text string) (all []document, err error) {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(text + "\n")))
	for {
		one, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, s.unrendered().Saw("file: " + file).Because(err)
		}
		content, err := yaml.YAMLToJSONStrict(one)
		if err != nil {
			return nil, s.unrendered().Saw("file: " + file).Saw("what comes out is no YAML").Because(err)
		}
		if string(content) == "null" {
			continue
		}
		found, err := s.objectsOf(file, content)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
}

// objectsOf reads an object, or those of a list.
func (s Score) objectsOf(file string, content []byte) (all []document, err error) {
	var list struct {
		Kind  string            `json:"kind"`
		Items []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(content, &list); err != nil {
		return nil, s.unrendered().Saw("file: " + file).Saw("what comes out is no object").Because(err)
	}
	if strings.HasSuffix(list.Kind, "List") && list.Items != nil {
		for _, item := range list.Items {
			found, err := s.objectsOf(file, item)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
		return all, nil
	}
	d := document{file: file, object: &unstructured.Unstructured{}}
	if err := d.object.UnmarshalJSON(content); err != nil {
		return nil, s.unrendered().Saw("file: " + file).Saw("what comes out is no object").Because(err)
	}
	if d.object.GetName() == "" {
		return nil, s.unrendered().Saw("file: " + file).Saw("its " + d.object.GetKind() + " has no name, so nobody could find it again")
	}
	return []document{d}, nil
}
