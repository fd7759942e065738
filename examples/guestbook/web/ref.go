// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package web

import "nationtech.io/harmony/capability/kube"

// Ref is what others need to know of the server: computed from its fields alone.
type Ref struct{ Namespace, Name string }

// Ref refers to this server.
func (s Score) Ref() Ref { return Ref{Namespace: s.Namespace, Name: s.Name()} }

// Service is where visitors connect.
func (r Ref) Service() kube.Service {
	return kube.Service{Namespace: r.Namespace, Name: r.Name, Port: port}
}
