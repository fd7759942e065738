// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"fmt"
	"strings"
)

// beware is what whoever applies the export must know, a sentence each.
func (x *drawing) beware() (all []string) {
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	file := secretsFile
	if x.options.Format == Chart {
		file = valuesSecretsFile
	}
	if x.hides() {
		say("%s holds %d generated credentials, and what else is secret, in the clear: keep it out of repositories, or encrypt it (.gitignore names it).", file, len(x.credentials))
	}
	for _, o := range x.borrowed {
		say("%s belongs to the component %s, which is not in this export: where that is exported or deployed too, both must have the same value. An export of what they are parts of has it once.", o, o.Inventory)
	}
	for _, o := range x.objects {
		if len(o.strange) > 0 && x.options.Format == Manifests {
			say("%s is another each time (%s), so it is in %s and every export changes it.", o, strings.Join(o.strange, ", "), file)
		}
		if len(o.digests) > 0 && x.options.Format == Chart {
			say("%s has a digest of what the chart is told (%s). The chart makes one of all its values: it changes when they do, and is not the one that a deploy makes.", o, strings.Join(o.digests, ", "))
		}
	}
	return all
}

// age tells, of this one export, whose credentials it has.
func (x *drawing) age() []string {
	switch all := len(x.credentials); {
	case all == 0:
		return nil
	case x.fresh == 0:
		return []string{fmt.Sprintf("the %d credentials are those of the earlier export", all)}
	case x.fresh == all && x.before.there:
		return []string{fmt.Sprintf("the %d credentials are new, because the earlier export has none here: what stands already has others", all)}
	default:
		return []string{fmt.Sprintf("%d of %d credentials are new", x.fresh, all)}
	}
}

// hides tells whether any object is secret.
func (x *drawing) hides() bool {
	for _, o := range x.objects {
		if o.secret {
			return true
		}
	}
	return false
}

const missing = "A deploy goes on after it has applied the objects. That is not in this export, and whoever applies it does not do it:"

// remainder is what the export does not do, for people.
func (x *drawing) remainder() string {
	var b strings.Builder
	if len(x.left) > 0 {
		b.WriteString(missing + "\n\n")
		for _, what := range x.left {
			b.WriteString("- " + what + "\n")
		}
		again := "kubectl apply --server-side --force-conflicts --filename ."
		if x.options.Format == Chart {
			again = x.command() + " --force-conflicts"
		}
		b.WriteString("\nA deploy of the same component to the same namespace does it. It takes these objects for its own, for they have its marks;\n" +
			"give them back after it, for two cannot apply them by turns:\n\n    " + again + "\n\n" +
			"Where a deploy tells a running server to take over what has changed, such as credentials, restart its Pods instead.\n\n")
	}
	b.WriteString("Nobody has tried whether the component works: run its smoke test with the command verify.\n")
	return b.String()
}

// readme tells how to apply the export, and what is not in it.
func (x *drawing) readme() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s, as Harmony would deploy it\n\nAn export, made by %s. The next one replaces every file here.\n\n", x.name, x.maker())
	if x.options.Format == Chart {
		x.install(&b)
	} else {
		x.apply(&b)
	}
	if warnings := x.beware(); len(warnings) > 0 {
		b.WriteString("## Beware\n\n")
		for _, w := range warnings {
			b.WriteString("- " + w + "\n")
		}
		b.WriteString("\n")
	}
	b.WriteString("## What is not in it\n\n" + x.remainder())
	return []byte(b.String())
}

func (x *drawing) maker() string { return "Harmony " + x.options.Version }

func (x *drawing) apply(b *strings.Builder) {
	b.WriteString("## Apply\n\n")
	for _, o := range x.objects {
		if o.IsDefinition() {
			b.WriteString("Definitions of kinds first, and again after them all:\n\n")
			fmt.Fprintf(b, "    kubectl apply --server-side --filename %d-*.yaml\n    kubectl wait --for condition=established customresourcedefinitions --all\n\n", o.Stage)
			break
		}
	}
	b.WriteString("    kubectl apply --server-side --filename .\n\nFiles are numbered in the order in which a deploy applies them.\n\n")
}

func (x *drawing) install(b *strings.Builder) {
	b.WriteString("## Install\n\n")
	for _, name := range x.namespaces() {
		fmt.Fprintf(b, "    kubectl apply --server-side --filename %s.yaml\n", clean("namespace", name))
	}
	fmt.Fprintf(b, "    %s\n\n", x.command())
	b.WriteString("The chart is for this namespace alone. Credentials, volume claims and definitions of kinds stay when the release is uninstalled.\n" +
		"Helm does not upgrade what is in the directory crds: apply that yourself.\n\n")
}

// command installs the chart, and upgrades it.
func (x *drawing) command() string {
	c := fmt.Sprintf("helm upgrade --install %s %s --namespace %s", x.name, x.name, x.options.Namespace)
	if x.hides() {
		c += " --values " + valuesSecretsFile
	}
	return c
}

// notes are what Helm says after it has installed the chart.
func (x *drawing) notes() []byte {
	return []byte(literal(x.name + " was applied, and nobody waited for it to be ready, unless you told Helm to.\n\n" + x.remainder()))
}

// helpers sees that the chart goes where it is made for, and gives the digest of all values.
func (x *drawing) helpers(digests bool) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "{{- define \"%s.namespace\" -}}\n", x.name)
	fmt.Fprintf(&b, "{{- if not (has .Release.Namespace (list %s)) }}\n", quoted(x.namespaces()))
	fmt.Fprintf(&b, "{{- fail %q }}\n{{- end }}\n{{- end }}\n", "this chart was exported for the namespace "+strings.Join(x.namespaces(), " or ")+": install it there, or export it for another")
	if digests {
		fmt.Fprintf(&b, "{{- define \"%s.digest\" -}}\n{{- toJson .Values | sha256sum -}}\n{{- end }}\n", x.name)
	}
	return []byte(b.String())
}

func quoted(names []string) string {
	var all []string
	for _, name := range names {
		all = append(all, fmt.Sprintf("%q", name))
	}
	return strings.Join(all, " ")
}
