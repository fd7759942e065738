// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package authority is a certificate authority of one's own, for servers that only those connect to who were given its
// certificate.
//
// All that is kept of it is one generated text in a Secret. Its key and certificate, and those of the servers, are made
// from that text, and are the same whenever they are made; a server's certificate becomes another when a new quarter of a
// year begins, and is good for three years: whoever deploys once in that time has one that is good.
package authority
