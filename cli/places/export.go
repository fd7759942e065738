// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package places

import (
	"context"

	"github.com/spf13/pflag"

	"nationtech.io/harmony"
	"nationtech.io/harmony/cli"
	"nationtech.io/harmony/topology/export"
)

// Export writes down what a deploy would apply: what the verb export of a command line does.
func Export(fs *pflag.FlagSet) func(context.Context, harmony.Run, harmony.Offer, string) (cli.Exported, error) {
	o := export.Options{Version: cli.Version()}
	fs.StringVar(&o.Format, "format", "", "what is written: manifests or chart (no default)")
	fs.StringVar(&o.Dir, "to", "", "directory that it is written to: a new one, an empty one, or that of an earlier export (no default)")
	fs.StringVar(&o.Registry, "registry", "", "registry and path that images are pushed to after they were built here: registry.example/harmony (default: those that this release has published)")
	fs.StringToStringVar(&o.Images, "image", nil, "an image that is there already, in place of one that would be built: NAME=REFERENCE (can be repeated)")
	return func(ctx context.Context, run harmony.Run, offer harmony.Offer, namespace string) (cli.Exported, error) {
		o.Namespace = namespace
		written, _, err := export.Write(ctx, run, offer, o)
		all := cli.Exported{Dir: written.Dir, Format: o.Format, Files: []cli.ExportedFile{}, Left: append([]string{}, written.Left...), Beware: append([]string{}, written.Beware...)}
		for _, f := range written.Files {
			all.Files = append(all.Files, cli.ExportedFile{Name: f.Name, Secret: f.Secret})
		}
		return all, err
	}
}
