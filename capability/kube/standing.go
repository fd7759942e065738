// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/diag"
)

// Standing is one component that stands in a cluster, as its inventory says.
type Standing struct {
	Component string    `json:"component"`
	Namespace string    `json:"namespace"`
	Version   string    `json:"version"` // of the Harmony that deployed it
	Since     time.Time `json:"since"`   // of the first deploy
	Objects   []string  `json:"objects"` // empty: removed, only data is left
	Data      []string  `json:"data"`    // volume claims and credentials
}

// Standing lists the components that stand in a namespace, or in all of them when it is empty, sorted
// by namespace and name. An inventory that cannot be read is an error, and the others are still listed.
func (c *Client) Standing(ctx context.Context, namespace string) ([]Standing, error) {
	var maps, claimed, hidden []unstructured.Unstructured
	data := labels.SelectorFromSet(labels.Set{ManagedByLabel: manager, DataLabel: "true"}).String()
	var all side
	all.do(func() (err error) {
		maps, err = c.list(ctx, configMaps, "ConfigMaps", namespace, InventoryLabel+"=true")
		return err
	})
	all.do(func() (err error) {
		claimed, err = c.list(ctx, claims, "PersistentVolumeClaims", namespace, data)
		return err
	})
	all.do(func() (err error) { hidden, err = c.list(ctx, secrets, "Secrets", namespace, data); return err })
	if err := all.wait(); err != nil {
		return nil, err
	}
	var found []Standing
	var broken side
	for i := range maps {
		var cm corev1.ConfigMap
		err := typed(&maps[i], &cm)
		if err == nil {
			var s Standing
			if s, err = standing(&cm); err == nil {
				s.hasData("PersistentVolumeClaim", claimed)
				s.hasData("Secret", hidden)
				found = append(found, s)
			}
		}
		broken.do(func() error { return under(err, cm.Namespace) })
	}
	slices.SortFunc(found, func(a, b Standing) int {
		return strings.Compare(a.Namespace+"/"+a.Component, b.Namespace+"/"+b.Component)
	})
	return found, broken.wait()
}

func standing(cm *corev1.ConfigMap) (Standing, error) {
	r, err := decodeRecord(cm)
	if err != nil {
		return Standing{}, err
	}
	s := Standing{
		Component: strings.TrimPrefix(cm.Name, inventoryPrefix), Namespace: cm.Namespace,
		Version: r.Version, Since: r.Since, Objects: []string{}, Data: []string{},
	}
	for _, e := range r.Objects {
		s.Objects = append(s.Objects, e.reference().String())
	}
	return s, nil
}

// hasData adds those of the objects that are the component's.
func (s *Standing) hasData(kind string, list []unstructured.Unstructured) {
	for _, u := range list {
		if u.GetNamespace() == s.Namespace && u.GetLabels()[ComponentLabel] == s.Component {
			s.Data = append(s.Data, kind+"/"+u.GetName())
		}
	}
}

func under(err error, namespace string) error {
	if d := (*diag.Diagnostic)(nil); errors.As(err, &d) {
		return d.Under("Namespace/" + namespace)
	}
	return err
}
