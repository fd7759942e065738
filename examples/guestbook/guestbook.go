// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package guestbook is a whole guestbook as a Score: a database, a server, and a NATS that tells of new entries. It is
// the example of Harmony's guide "Write a Score in an hour", in a module of its own as anyone would have it.
package guestbook

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/score/nats"

	"example.com/guestbook/etcd"
	"example.com/guestbook/web"
	"example.com/guestbook/web/entry"
)

// Place is the union of what the parts need.
type Place interface {
	etcd.Place
	web.Place
	nats.Place
}

// Score is the guestbook.
type Score struct {
	Namespace string
	Bytes     int64 // of the database's volume claim; 1 GiB when zero
}

// Reader is who may hear of new entries on its NATS.
const Reader = "reader"

var (
	_ harmony.Score[Place]     = Score{}
	_ harmony.Composite[Place] = Score{}
)

// Name is "guestbook".
func (Score) Name() string { return "guestbook" }

// Parts are the three, side by side: the server starts without the others.
func (s Score) Parts(on Place) []*harmony.Placement {
	return []*harmony.Placement{
		harmony.Place(s.store()).On(on),
		harmony.Place(s.broker()).On(on),
		harmony.Place(s.server()).On(on),
	}
}

// Interpret has nothing left to do: the parts are the whole.
func (Score) Interpret(context.Context, Place) (harmony.Outcome, error) {
	return harmony.Outcome{}, nil
}

func (s Score) store() etcd.Score { return etcd.Score{Namespace: s.Namespace, Bytes: s.Bytes} }

// broker is Harmony's own NATS, with an account in which the server may tell and a reader may listen.
func (s Score) broker() nats.Score {
	return nats.Score{Namespace: s.Namespace, Accounts: []nats.Account{{Name: "GUESTBOOK", Users: []nats.User{
		{Name: web.Publisher, Publish: []string{entry.Subject}},
		{Name: Reader, Subscribe: []string{entry.Subject}},
	}}}}
}

func (s Score) server() web.Score {
	return web.Score{Namespace: s.Namespace, Store: s.store().Ref(), NATS: s.broker().Ref()}
}
