// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package odd

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/secret"
)

// Braces are what templates begin and end with, as text.
const Braces = "{{ .Values.nothing }} {{{ `{{` }} - \"{{\"\nsecond: {{ line\n"

// Binary is data that is no text.
const Binary = "\x00\xff\x01"

const group = "odd.example.com"

func (s Score) meta(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Name: name} }

func (s Score) objects(reference string, password secret.Value) []kube.Object {
	sum := sha256.Sum256([]byte("digested " + password.Reveal()))
	objects := []kube.Object{
		&corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: "odd-open", Annotations: map[string]string{"example.com/digest": "v1-" + hex.EncodeToString(sum[:8])}},
			Data:       map[string]string{"braces": Braces, "one": "{{", "image": "it runs " + reference},
		},
		&corev1.ConfigMap{ObjectMeta: s.meta("odd-hidden"), Data: map[string]string{
			"url": "odd://user:" + password.Reveal() + "@odd/{{x}}", "twice": password.Reveal() + password.Reveal(),
		}, BinaryData: map[string][]byte{"file": []byte(Binary + password.Reveal())}},
		&corev1.Secret{ObjectMeta: s.meta("odd-given"), StringData: map[string]string{"given": s.Given.Reveal()}, Data: map[string][]byte{"binary": []byte(Binary)}},
		s.claim(),
	}
	if s.Disguised {
		basic := base64.StdEncoding.EncodeToString([]byte("user:" + password.Reveal()))
		objects = append(objects, &corev1.ConfigMap{ObjectMeta: s.meta("odd-disguised"), Data: map[string]string{"header": "Basic " + basic}})
	}
	if s.Fickle {
		objects = append(objects, &corev1.ConfigMap{ObjectMeta: s.meta("odd-" + rand.Text())})
	}
	if s.Definition {
		objects = append(objects, definition())
	}
	if s.Thing {
		objects = append(objects, &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": group + "/v1", "kind": "Thing", "metadata": map[string]any{"name": "one"},
		}})
	}
	return objects
}

func (s Score) claim() *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{ObjectMeta: s.meta("odd-data"), Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Mi")}},
	}}
}

func definition() *apiextensionsv1.CustomResourceDefinition {
	open := &apiextensionsv1.JSONSchemaProps{Type: "object", Description: "a {{ thing }}"}
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "things." + group},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: group, Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "things", Singular: "thing", Kind: "Thing", ListKind: "ThingList"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true, Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: open},
			}},
		},
	}
}
