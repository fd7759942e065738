// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package runtime pins runc and the CNI plugins, which need other versions of
// shared modules than Kubernetes and therefore a module of their own. They are
// built as upstream wrote them, with `go build <their package>` in this directory.
package runtime
