// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"io"
	"reflect"

	"github.com/spf13/pflag"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

// App is a command line: what can be deployed, and where.
type App struct {
	Name       string // of the program
	Short      string // what it is for, in a line
	Namespace  string // the default of --namespace
	Whole      string // the component that verify takes when none is named
	Components []Component
	Topologies []Topology
	Export     Exporter                                 // nil: the program has no verb export
	Pages      func(code string) (text string, ok bool) // what explain shows; Page of docs/errors for the codes of Harmony. Without it there is no explain
}

// A Component is a Score that can be deployed by name.
type Component struct {
	Name    string
	What    string // in a line
	Example string // the flags of an example: "--device demo-1"
	// Bind declares a flag for each of the Score's fields and returns what makes the
	// Score of them, once they are parsed. A *FlagError tells of a value that cannot be used.
	Bind func(*pflag.FlagSet) func(namespace string) (harmony.Offer, error)
}

// A Topology is a kind of place that the program was built with.
type Topology struct {
	Name string
	What string // in a line
	Type reflect.Type
	// Flags declares what this kind of place needs to be told and returns what opens it. Flags that two
	// kinds have alike are declared once: a declaration looks for the flag first.
	Flags func(*pflag.FlagSet) func(context.Context) (Place, error)
}

// A Place is a topology that was opened.
type Place interface {
	harmony.Topology
	// Target says which place this is, for a person: the cluster and its address.
	Target() string
	// Components lists what stands there in a namespace, or in all when it is empty.
	Components(ctx context.Context, namespace string) ([]kube.Standing, error)
	Close()
}

// Streams are what a program reads and writes. Nobody can be asked anything when In is nil.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}
