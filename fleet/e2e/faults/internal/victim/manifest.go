// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package victim

import (
	"bytes"
	"encoding/json"
	"fmt"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// known are the kinds of typed objects.
var known = func() *runtime.Scheme {
	s := runtime.NewScheme()
	utilruntime.Must(scheme.AddToScheme(s))
	utilruntime.Must(apiextensionsv1.AddToScheme(s))
	return s
}()

// Manifest is what the Score applies as others read it: objects in JSON, with a line of YAML between them.
func (s Score) Manifest(reference string) ([]byte, error) {
	var all bytes.Buffer
	for _, o := range s.Objects(reference) {
		kind, err := apiutil.GVKForObject(o, known) // typed objects do not have it by themselves
		if err != nil {
			return nil, fmt.Errorf("name the kind of %s: %w", o.GetName(), err)
		}
		o.GetObjectKind().SetGroupVersionKind(kind)
		text, err := json.Marshal(o)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", o.GetName(), err)
		}
		fmt.Fprintf(&all, "---\n%s\n", text)
	}
	return all.Bytes(), nil
}
