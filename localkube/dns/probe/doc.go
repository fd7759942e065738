// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command probe runs in a Pod and shows that the Pod's network works: it
// resolves a name through the cluster's DNS and connects to it.
//
//harmony:exempt barewait its module has no package to wait with, and it gives the last error that it saw
package main
