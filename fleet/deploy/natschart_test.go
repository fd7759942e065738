// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/secret"
)

// paper is a place that is written down; it notes who makes the streams.
type paper struct {
	*kube.Export
	messaging.Servers
	made *[]string
}

func (p paper) Kubernetes() kube.Cluster     { return p.Cluster(nil) }
func (p paper) Messaging() messaging.Servers { return p }
func (paper) Charts() chart.Store            { return chart.Fetcher{} }
func (p paper) Images() image.Store          { return p }

func (paper) Provide(_ context.Context, of image.Image) (string, error) {
	return "example.com/" + of.Name, nil
}

func (paper) Reload(context.Context, messaging.Login, messaging.Configuration) error { return nil }

func (p paper) Ensure(_ context.Context, at messaging.Login, all ...jetstream.StreamConfig) (harmony.Outcome, error) {
	for _, s := range all {
		*p.made = append(*p.made, at.User+" "+s.Name)
	}
	return harmony.Outcome{}, nil
}

// drawn are the objects of a Server's NATS, by kind and name, and the streams that are made.
func drawn(t *testing.T, s Server) (objects map[string]string, made []string) {
	t.Helper()
	on := paper{Export: kube.NewExport(func(kube.Credential) secret.Value { return secret.New("generated") }), made: &made}
	if _, err := s.Stands().Interpret(t.Context(), on); err != nil {
		t.Fatal(err)
	}
	all, err := on.Objects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	objects = map[string]string{}
	for _, o := range all {
		text, err := json.Marshal(o.Content)
		if err != nil {
			t.Fatal(err)
		}
		objects[o.String()] = string(text)
	}
	return objects, made
}

// Operator, callout and agents find either by one Ref, and the Server has the same parts.
func TestAServerStandsOnTheNATSOfEitherScore(t *testing.T) {
	for mode, s := range map[string]Server{"callout": identified(t), "passwords": {NATS: NATS{Namespace: "fleet"}}} {
		charted := s
		charted.NATS.Chart = &chart.Reference{Source: "../../score/nats/testdata/nats", Name: "nats", Version: "0.0.1"}
		ours, made := drawn(t, s)
		theirs, again := drawn(t, charted)
		if len(made) == 0 || !slices.Equal(made, again) {
			t.Errorf("%s: the streams are %v, and those of the chart's NATS %v", mode, made, again)
		}
		for _, name := range []string{"StatefulSet/nats", "Service/nats", "Secret/nats-config"} {
			if ours[name] == "" || theirs[name] == "" {
				t.Errorf("%s: there is no %s", mode, name)
			}
		}
		if ours["StatefulSet/nats"] == theirs["StatefulSet/nats"] || !strings.Contains(theirs["StatefulSet/nats"], "/etc/nats-server") {
			t.Errorf("%s: the servers are not those of the chart: %s", mode, theirs["StatefulSet/nats"])
		}
		if s.Stands().Ref().URL() != charted.Stands().Ref().URL() || len(s.Parts(nil)) != len(charted.Parts(nil)) {
			t.Errorf("%s: others find it elsewhere", mode)
		}
	}
}
