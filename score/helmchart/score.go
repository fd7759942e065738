// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package helmchart

import (
	"cmp"
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
)

// Place is what a chart needs: objects applied, watched and reached, and the chart itself.
type Place interface {
	kube.Place
	chart.Place
}

// Score is a chart with its values.
type Score struct {
	Namespace string
	// Title is the component's name, and the name of the release in the chart's templates; the chart's name when empty.
	Title string
	Chart chart.Reference
	// Values are a map or a struct that encodes to JSON; nil for the chart's defaults. A key that the chart does not
	// know is an error, and so is a secret.Value: a chart is told the name of a Secret.
	Values any
	// Open are the paths of values below which the chart takes any key, where neither its schema nor its defaults say so:
	// zitadel.configmapConfig.
	Open []string
	// Hooks says what is done with hooks.
	Hooks Hooks
	// LeaveOut names objects that the chart renders and that are not applied, as Kind/name.
	LeaveOut []string
	// With are objects of the component besides those of the chart, such as Secrets that the values name.
	With []kube.Object
	// Judge says how objects are judged, by their kind, instead of by the rule that Harmony has or lacks.
	Judge map[string]func(kube.Object) kube.Readiness
	// Proof is the smoke test. When it is nil, every TCP port of every Service of the chart must take a connection.
	Proof func(context.Context, Place) error
}

// Hooks says what is done with a chart's hooks.
type Hooks int

// The ways to treat hooks. Tests of a chart are left out in any case: a smoke test takes their place.
const (
	// RefuseHooks refuses a chart that has hooks, and names them.
	RefuseHooks Hooks = iota
	// RunHooks makes hooks of installation and upgrade objects of the component, in the order of their weights: what
	// is before an installation must be ready, and a Job complete, before the chart's other objects are made. A Job of
	// an upgrade runs again when anything of the component changed, and not when nothing did. Other hooks are refused:
	// those of a deletion or a rollback, those of an upgrade alone, and Pods.
	RunHooks
)

var (
	_ harmony.Score[Place]   = Score{}
	_ harmony.Remover[Place] = Score{}
)

// Name is the title.
func (s Score) Name() string { return cmp.Or(s.Title, s.Chart.Name) }

// Interpret renders the chart and applies what comes out.
func (s Score) Interpret(ctx context.Context, on Place) (harmony.Outcome, error) {
	r, err := s.render(ctx, on)
	if err != nil {
		return harmony.Outcome{}, err
	}
	objects, err := s.objects(r)
	if err != nil {
		return harmony.Outcome{}, err
	}
	for _, text := range r.notices {
		event.Emit(ctx, event.Notice{Text: text})
	}
	return on.Kubernetes().Apply(ctx, s.inventory(), objects...)
}

// Remove takes away what the chart has made. Volume claims, definitions of kinds, and what the chart wants kept are data.
func (s Score) Remove(ctx context.Context, on Place, how harmony.Removal) (harmony.Removed, error) {
	return on.Kubernetes().Remove(ctx, s.inventory(), how)
}

func (s Score) inventory() kube.Inventory {
	return kube.Inventory{Namespace: s.Namespace, Name: s.Name()}
}

func (s Score) check() error {
	bad := diag.New(diag.BadPlacement)
	if s.Namespace == "" {
		bad.Saw("no namespace is given")
	}
	if s.Name() == "" {
		bad.Saw("neither a title nor the name of the chart is given")
	}
	if s.Chart.Source == "" {
		bad.Saw("nothing says where the chart is from")
	}
	if len(bad.Evidence) > 0 {
		return bad
	}
	return nil
}
