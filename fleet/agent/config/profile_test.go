// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"strings"
	"testing"

	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/assertion"
)

const withKey = `device = "press-07"
[nats]
urls = ["tls://nats.example.com:4222"]
[credentials]
type = "jwt-profile"
issuer = "https://issuer.example.com"
`

func key(t *testing.T) (assertion.Key, string) {
	t.Helper()
	k, text, err := assertion.New()
	if err != nil {
		t.Fatal(err)
	}
	return k, string(text)
}

func TestAKeyInAFile(t *testing.T) {
	dir := t.TempDir()
	made, text := key(t)
	file := write(t, dir, "key.pem", text, 0o440)
	c, err := config.Load(write(t, dir, "agent.toml", withKey+`key_file = "`+file+`"`, 0o644))
	if err != nil {
		t.Fatal(err)
	}
	p := c.Profile
	if p.Issuer != "https://issuer.example.com" || p.Machine != "press-07" || p.Scope != "" || p.Audience != "" || p.Client != "" {
		t.Errorf("%+v", p)
	}
	if k, err := p.Key(); err != nil || k.ID != made.ID {
		t.Errorf("%v, %v", k.ID, err)
	}
	c, err = config.Load(write(t, dir, "agent.toml", withKey+`key_file = "`+file+"\"\nkey_id = \"7\"\nmachine = \"22334455\"\nscope = \"openid roles\"\naudience = \"urn:tokens\"\nclient_id = \"agents\"", 0o644))
	if err != nil {
		t.Fatal(err)
	}
	if k, err := c.Profile.Key(); err != nil || k.ID != "7" || c.Profile.Machine != "22334455" || c.Profile.Scope != "openid roles" || c.Profile.Audience != "urn:tokens" || c.Profile.Client != "agents" {
		t.Errorf("%+v, %v, %v", c.Profile, k.ID, err)
	}
}

func TestTheOtherCredentialsOfTheExampleAreValid(t *testing.T) {
	dir := t.TempDir()
	_, text := key(t)
	file, ca := write(t, dir, "key.pem", text, 0o400), write(t, dir, "ca.pem", "", 0o644)
	least, _, _ := strings.Cut(withKey, "[credentials]")
	for line := range strings.Lines(config.Example) {
		if other, ok := strings.CutPrefix(line, "#"); ok && !strings.HasPrefix(other, " ") {
			least += other
		}
	}
	least = strings.NewReplacer("/etc/harmony-fleet-agent/key.pem", file, "/etc/harmony-fleet-agent/ca.pem", ca).Replace(least)
	if c, err := config.Load(write(t, dir, "agent.toml", least, 0o644)); err != nil || c.Profile.Machine != "22334455" {
		t.Errorf("%v\n%s", err, least)
	}
}

func TestAKeyOfSystemd(t *testing.T) {
	dir := t.TempDir()
	made, text := key(t)
	write(t, dir, "device-key", text, 0o400)
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	c, err := config.Load(write(t, dir, "agent.toml", withKey+`key_credential = "device-key"`, 0o644))
	if err != nil {
		t.Fatal(err)
	}
	if k, err := c.Profile.Key(); err != nil || k.ID != made.ID {
		t.Errorf("%v, %v", k.ID, err)
	}
}

func TestProfilesThatAreRefused(t *testing.T) {
	dir := t.TempDir()
	_, text := key(t)
	good, open, garbage := write(t, dir, "good.pem", text, 0o400), write(t, dir, "open.pem", text, 0o444), write(t, dir, "garbage.pem", "hunter2", 0o400)
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	for name, c := range map[string]struct{ text, want string }{
		"open to others":         {withKey + `key_file = "` + open + `"`, "is open to others (mode 0444)"},
		"no key":                 {withKey + `key_file = "` + garbage + `"`, `no PEM block "PRIVATE KEY"`},
		"not there":              {withKey + `key_file = "/none"`, "no such file"},
		"nothing":                {withKey, "credentials.key_file is required"},
		"both":                   {withKey + `key_file = "` + good + "\"\nkey_credential = \"x\"", "not both"},
		"not by systemd":         {withKey + `key_credential = "x"`, "LoadCredential="},
		"a path as credential":   {withKey + `key_credential = "../x"`, "LoadCredential="},
		"a password beside":      {withKey + `key_file = "` + good + "\"\npassword = \"topsecret\"", `unknown field "credentials.password"`},
		"a user beside":          {withKey + `key_file = "` + good + "\"\nuser = \"press-07\"", `unknown field "credentials.user"`},
		"a key for a password":   {strings.Replace(withKey, "jwt-profile", "user-pass", 1) + `key_file = "` + good + `"`, `unknown field "credentials.key_file"`},
		"another type":           {strings.Replace(withKey, "jwt-profile", "jwt-profil", 1) + `key_file = "` + good + `"`, `did you mean "jwt-profile"?`},
		"an issuer with a slash": {strings.Replace(withKey, "example.com\"\n", "example.com/\"\n", 1) + `key_file = "` + good + `"`, "without a / at its end"},
		"an issuer with a user":  {strings.Replace(withKey, "https://", "https://a:topsecret@", 1) + `key_file = "` + good + `"`, "without credentials"},
		"authorities not there":  {withKey + "ca_file = \"/none\"\nkey_file = \"" + good + `"`, "no such file"},
		"no issuer":              {strings.Replace(withKey, "issuer = \"https://issuer.example.com\"\n", "", 1) + `key_file = "` + good + `"`, "credentials.issuer is required"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(write(t, dir, "agent.toml", c.text, 0o600))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), "topsecret") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the secret is shown: %v", err)
			}
		})
	}
}
