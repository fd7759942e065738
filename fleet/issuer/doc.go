// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package issuer is a small OpenID Connect provider, for fleets that have no other. Machines get access tokens for an
// assertion that they sign with a key of their own (RFC 7523) or for a client secret; people sign in with a password, by
// the authorization code with PKCE. The protocol is that of github.com/zitadel/oidc; what is here is who there is, what
// they may, and what is refused.
//
// A device that has no key yet asks to join with a token, and one that has a key changes it, at two addresses of their own.
//
// Of the protocol it has what a fleet needs: discovery, keys, authorization and tokens. There is no introspection, no
// refresh token and no session: tokens live for ten minutes, and whoever verifies them needs the keys alone.
package issuer
