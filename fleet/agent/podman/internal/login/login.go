// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package login

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"nationtech.io/harmony/secret"
)

// Header names what of a request has the login.
const Header = "X-Registry-Auth"

// Encode gives the value of Header.
func Encode(user string, password secret.Value) (string, error) {
	data, err := json.Marshal(map[string]string{"username": user, "password": password.Reveal()})
	if err != nil {
		return "", fmt.Errorf("encode the login of %s: %w", user, err)
	}
	return base64.URLEncoding.EncodeToString(data), nil
}
