// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

// The forms of an export.
const (
	Manifests = "manifests"
	Chart     = "chart"
)

// Options say what is written, and where.
type Options struct {
	Format    string // Manifests or Chart
	Dir       string // is made; what an earlier export of the same component wrote there is replaced
	Namespace string // of the component
	Version   string // of the program, which a chart takes for its own
	// Registry is where images are pushed to that are built here; when empty they are those that the release published.
	Registry string
	// Images are references by the names of images, for those that are there already.
	Images map[string]string
}

// Written is what an export has become.
type Written struct {
	Dir   string
	Files []File
	// Left is what a deploy does besides applying objects, and nobody does who applies the export.
	Left []string
	// Beware is what whoever applies it must know.
	Beware []string
}

// A File is one of an export; its name is relative to the directory.
type File struct {
	Name string
	// Secret files hold credentials, and only their owner may read them.
	Secret bool
	Text   []byte `json:"-"`
}

// Write interprets the Score on a place that is written down, and writes that into the directory: all of it or nothing.
// A second Write gives the same bytes; credentials that the first has generated are kept. The report is that of a plan.
// Errors are Diagnostics: BadFlag when the directory has something else in it, NotExportable, and those of the Score.
func Write(ctx context.Context, run harmony.Run, offer harmony.Offer, o Options) (Written, harmony.Report, error) {
	if o.Format != Manifests && o.Format != Chart {
		return Written{}, harmony.Report{}, diag.New(diag.BadFlag, "--format").Saw("\""+o.Format+"\" is not a form of export").Try("--format manifests", "--format chart")
	}
	before, err := look(o.Dir, marker{Component: offer.Name(), Namespace: o.Namespace})
	if err != nil {
		return Written{}, harmony.Report{}, err
	}
	x := &drawing{options: o, name: offer.Name(), before: before, images: o.references()}
	report, err := x.draw(ctx, run, offer)
	if err != nil {
		return Written{}, report, err
	}
	files, err := x.files()
	if err != nil {
		return Written{}, report, err
	}
	w := Written{Dir: o.Dir, Files: files, Left: x.left, Beware: append(x.beware(), x.age()...)}
	m := marker{Component: offer.Name(), Namespace: o.Namespace, Format: o.Format}
	return w, report, before.replace(m, files)
}

// A drawing is an export in the making.
type drawing struct {
	options Options
	name    string // of the component
	before  earlier
	images  *references

	objects     []object
	borrowed    []kube.Exported
	credentials map[kube.Credential]secret.Value // as they are written
	fresh       int                              // how many of them are new
	left        []string
}

// draw interprets the Score twice and compares.
func (x *drawing) draw(ctx context.Context, run harmony.Run, offer harmony.Offer) (harmony.Report, error) {
	first, report, err := x.interpret(ctx, run, offer, x.options.Format == Manifests)
	if err != nil {
		return report, err
	}
	run.Events = nil // it is the same once more
	second, _, err := x.interpret(ctx, run, offer, false)
	if err != nil {
		return report, err
	}
	if err := x.images.unasked(); err != nil {
		return report, err
	}
	x.settle(first)
	x.left = left(report)
	x.borrowed = first.place.kubernetes.Borrowed()
	x.objects, err = compare(ctx, first, second)
	return report, err
}

// A copied is what one interpretation has made.
type copied struct {
	place  *Topology
	tokens map[string]string // of images; none where references stand as they are
}

// interpret plans the Score on a place that is written down. Credentials are those that are kept where kept is true.
func (x *drawing) interpret(ctx context.Context, run harmony.Run, offer harmony.Offer, kept bool) (copied, harmony.Report, error) {
	value := func(kube.Credential) secret.Value { return secret.Random() }
	if kept {
		value = x.before.credential
	}
	c := copied{place: &Topology{kubernetes: kube.NewExport(value), images: x.images}}
	if x.options.Format == Chart {
		t := &tokens{images: x.images, made: map[string]string{}}
		c.place.images, c.tokens = t, t.made
	}
	placement, err := offer.OnAny(c.place)
	if err != nil {
		return c, harmony.Report{}, err
	}
	report, err := run.Plan(ctx, placement)
	return c, report, err
}

// settle takes over the credentials: those of the manifests, or new ones beside the chart, unless they are kept.
func (x *drawing) settle(c copied) {
	x.credentials = c.place.kubernetes.Credentials()
	for id := range x.credentials {
		if _, kept := x.before.credentials[id]; !kept {
			x.fresh++
		}
		if x.options.Format == Chart {
			x.credentials[id] = x.before.credential(id)
		}
	}
}

func left(report harmony.Report) (all []string) {
	for _, r := range report.Placements {
		all = append(all, r.Later...)
	}
	return all
}

func (x *drawing) files() ([]File, error) {
	if x.options.Format == Chart {
		return x.chart()
	}
	return x.manifests()
}
