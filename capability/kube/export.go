// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"cmp"
	"context"
	"maps"
	"net"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

// A Credential is one value that Generate has made, of a Secret that is in an Export.
type Credential struct{ Namespace, Secret, Key string }

// An Exported is one object of an Export: what Client would send to the API server.
type Exported struct {
	Inventory Inventory // of the namespaces themselves it has no name
	Kind      string
	Group     string
	Namespace string
	Name      string
	Content   map[string]any // as JSON has it
	Stage     int            // what has a smaller one is applied before
	// Data tells that only a purge would delete it: a generated Secret, or a volume claim.
	Data bool
}

// String is how people call it: Kind/name.
func (o Exported) String() string { return o.Kind + "/" + o.Name }

// IsSecret tells whether it is a Secret.
func (o Exported) IsSecret() bool { return o.Kind == "Secret" && o.Group == "" }

// IsDefinition tells whether it defines a kind.
func (o Exported) IsDefinition() bool {
	return o.Kind == definitionKind.Kind && o.Group == definitionKind.Group
}

// An Export is a Kubernetes that nobody runs: it keeps what Scores apply and generate, to be written down. Its methods
// may be called side by side.
type Export struct {
	offline *Client // it knows kinds, and reaches nothing
	value   func(Credential) secret.Value

	mu      sync.Mutex
	applied map[Inventory][]item
	made    map[reference]*generated
	spaces  map[string]bool
}

type generated struct {
	inventory Inventory
	values    map[string]secret.Value
}

// NewExport makes an Export without objects, in which generated credentials have the values that value gives.
func NewExport(value func(Credential) secret.Value) *Export {
	return &Export{
		offline: &Client{kinds: &kinds{}}, value: value,
		applied: map[Inventory][]item{}, made: map[reference]*generated{}, spaces: map[string]bool{},
	}
}

// Cluster is how a Score sees the Export. What can be known only of a cluster that runs is put off in the draft, or is
// ErrAfterApply when that is nil.
func (e *Export) Cluster(draft *harmony.Draft) Cluster { return exporting{e, draft} }

// Objects are all that a deploy would have made, in the order of application: the namespaces, what was generated
// and what was applied. Inventories are not among them: they tell what stands, and nothing does.
func (e *Export) Objects(ctx context.Context) (all []Exported, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for name := range e.spaces {
		items, err := e.offline.desired(ctx, Inventory{}, []Object{newNamespace(name)})
		if err != nil {
			return nil, err
		}
		unmark(items[0])
		all = append(all, exported(Inventory{}, items[0]))
	}
	for ref, g := range e.made {
		items, err := e.offline.desired(ctx, g.inventory, []Object{g.secret(ref)})
		if err != nil {
			return nil, err
		}
		all = append(all, exported(g.inventory, items[0]))
	}
	for inventory, items := range e.applied {
		for _, it := range items {
			all = append(all, exported(inventory, it))
		}
	}
	slices.SortFunc(all, func(a, b Exported) int {
		return cmp.Or(cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Inventory.String(), b.Inventory.String()),
			cmp.Compare(a.Group, b.Group), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return all, nil
}

// Credentials are all values that were generated.
func (e *Export) Credentials() map[Credential]secret.Value {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := map[Credential]secret.Value{}
	for ref, g := range e.made {
		for key, value := range g.values {
			all[Credential{ref.Namespace, ref.Name, key}] = value
		}
	}
	return all
}

// Borrowed lists the generated Secrets of components that are not in the Export themselves, such as the password of a
// client at a server: whoever exports both apart gets two passwords.
func (e *Export) Borrowed() (all []Exported) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for ref, g := range e.made {
		if _, applied := e.applied[g.inventory]; !applied {
			all = append(all, Exported{Inventory: g.inventory, Kind: ref.Kind, Namespace: ref.Namespace, Name: ref.Name})
		}
	}
	slices.SortFunc(all, func(a, b Exported) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return all
}

func exported(inventory Inventory, it item) Exported {
	return Exported{
		Inventory: inventory, Kind: it.Kind, Group: it.Group, Namespace: it.Namespace, Name: it.Name,
		Content: it.object.Object, Stage: it.stage(),
		Data: it.object.GetLabels()[DataLabel] == "true" || it.Kind == "PersistentVolumeClaim" && it.Group == "",
	}
}

// unmark takes the marks of an inventory away again: a namespace is in none.
func unmark(it item) {
	labels := it.object.GetLabels()
	delete(labels, ComponentLabel)
	it.object.SetLabels(labels)
	it.object.SetAnnotations(nil)
}

func (g *generated) secret(ref reference) *corev1.Secret {
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: ref.Name, Namespace: ref.Namespace, Labels: g.inventory.DataLabels()}, Data: map[string][]byte{}}
	for key, value := range g.values {
		s.Data[key] = []byte(value.Reveal())
	}
	return s
}

// exporting is an Export in the eyes of one Score.
type exporting struct {
	*Export
	draft *harmony.Draft
}

func (e exporting) later(what string) error {
	if e.draft == nil {
		return harmony.ErrAfterApply
	}
	return e.draft.Later(what)
}

// note tells the draft of an object, the first time.
func (e exporting) note(ref reference) {
	if e.draft != nil && e.draft.First(ref.key()) {
		e.draft.Note(harmony.Planned{Intent: harmony.Create, Object: ref.String(), Namespace: ref.Namespace})
	}
}

// Apply keeps the objects, in place of those that the inventory had before.
func (e exporting) Apply(ctx context.Context, inventory Inventory, objects ...Object) (harmony.Outcome, error) {
	items, err := e.offline.desired(ctx, inventory, objects)
	if err != nil {
		return harmony.Outcome{}, err
	}
	if len(items) > 0 && items[0].turn != items[len(items)-1].turn {
		_ = e.later("the waits between what is applied in turns in " + inventory.String()) // it is noted, and the objects are known
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.settle(inventory.Namespace)
	for _, it := range items {
		e.note(it.reference)
	}
	e.applied[inventory] = items
	return harmony.Outcome{}, nil
}

// settle sees that the namespace is exported. The caller holds the lock.
func (e exporting) settle(namespace string) {
	e.spaces[namespace] = true
	e.note(coreReference("Namespace", "", namespace))
}

// Generate keeps a Secret with those keys.
func (e exporting) Generate(_ context.Context, inventory Inventory, name string, keys ...string) (map[string]secret.Value, harmony.Outcome, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.settle(inventory.Namespace)
	ref := coreReference("Secret", inventory.Namespace, name)
	g := e.made[ref]
	if g == nil {
		g = &generated{inventory, map[string]secret.Value{}}
		e.made[ref] = g
		e.note(ref)
	}
	if g.inventory != inventory {
		return nil, harmony.Outcome{}, diag.New(diag.NotOurs, ref.String()).Saw("it belongs to Harmony's component " + g.inventory.String()).
			Try("give the component another name or namespace")
	}
	for _, key := range keys {
		if _, there := g.values[key]; !there {
			g.values[key] = e.value(Credential{ref.Namespace, ref.Name, key})
		}
	}
	return maps.Clone(g.values), harmony.Outcome{}, nil
}

// Secret gives what was generated or applied; nil when neither was.
func (e exporting) Secret(_ context.Context, namespace, name string) (map[string]secret.Value, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	ref := coreReference("Secret", namespace, name)
	if g := e.made[ref]; g != nil {
		return maps.Clone(g.values), nil
	}
	for _, items := range e.applied {
		for _, it := range items {
			if it.key() == ref.key() {
				return revealed(it.object), nil
			}
		}
	}
	return nil, nil
}

// Pods gives none.
func (exporting) Pods(context.Context, string, map[string]string) ([]corev1.Pod, error) {
	return nil, nil
}

// Dial is put off.
func (e exporting) Dial(_ context.Context, to Service) (net.Conn, error) {
	return nil, e.later("what a deploy does through a connection to " + to.path() + " in the namespace " + to.Namespace)
}

// Remove is put off: an export takes nothing away.
func (e exporting) Remove(_ context.Context, inventory Inventory, _ harmony.Removal) (harmony.Removed, error) {
	return harmony.Removed{}, e.later("the removal of " + inventory.String())
}
