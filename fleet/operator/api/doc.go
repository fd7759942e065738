// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package api is the leader's API for people: over HTTPS, each request by someone who is known to Kubernetes and has the right
// for it there. It answers from the plane, and it alone lets people command devices; every command leaves a line in the log that
// says who asked what of whom, and what came of it.
//
// Who asks is said by a client certificate that the cluster's authority signed, or by a bearer token that a TokenReview accepts.
// What they may do is said by SubjectAccessReviews: the rights of the fleet's kinds for looking, and create of "devices/VERB" for
// commands.
//
//harmony:exempt kubeobjects it asks the API server with reviews, which are stored nowhere
package api
