// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package etcd

import (
	"fmt"

	"nationtech.io/harmony/capability/kube"
)

// Ref is what others need to know of a database: computed from its fields alone.
type Ref struct{ Namespace, Name string }

// Ref refers to this database.
func (s Score) Ref() Ref { return Ref{Namespace: s.Namespace, Name: s.Name()} }

// Service is where clients connect.
func (r Ref) Service() kube.Service {
	return kube.Service{Namespace: r.Namespace, Name: r.Name, Port: port}
}

// URL is where clients in the cluster connect.
func (r Ref) URL() string { return fmt.Sprintf("http://%s.%s.svc:%d", r.Name, r.Namespace, port) }
