// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/capability/kube"
)

func TestEvidenceHasObjectsEventsAndLogsWithoutSecrets(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	values, _ := generate(t, c.Client, in, "admin")
	password := values["admin"].Reveal()
	crashing := echo(subject(t))
	crashing.Args = []string{"fail", "cannot bind: the answer is 42, the password is " + password}
	fails(t, c, in, 2*time.Minute, deployment("web", crashing), settings("settings", map[string]string{"a": "1"}))

	stranger, err := kube.Connect(kube.Options{Config: c.Config()}) // it has generated nothing, and knows no secret yet
	fatal(t, err)
	t.Cleanup(stranger.Close)
	files := map[string]string{}
	fatal(t, stranger.Evidence(t.Context(), in.Namespace, func(name string, content []byte) error {
		files[name] = string(content)
		return nil
	}))
	var log, previous string
	for name, text := range files {
		if strings.Contains(text, password) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(password))) {
			t.Errorf("%s shows a secret", name)
		}
		switch {
		case strings.HasSuffix(name, ".previous.log"):
			previous = text
		case strings.HasPrefix(name, "logs/"):
			log = text
		}
	}
	for name, part := range map[string]string{
		"objects/Deployment-web.json": `"kind": "Deployment"`, "objects/ConfigMap-settings.json": `"a": "1"`,
		"objects/Secret-credentials.json": `"admin": `, "objects/ConfigMap-harmony-web.json": "inventory.json", "events.json": "BackOff",
	} {
		if !strings.Contains(files[name], part) {
			t.Errorf("%s lacks %q:\n%s", name, part, files[name])
		}
	}
	if !strings.Contains(log+previous, "the answer is 42") || previous == "" {
		t.Errorf("the logs are %q and before %q", log, previous)
	}
}
