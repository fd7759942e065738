// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/chart"
	"nationtech.io/harmony/capability/messaging"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/stream"
	"nationtech.io/harmony/score/nats"
	"nationtech.io/harmony/streams"
)

// NATSPlace is what the fleet's NATS needs: that of either of its Scores.
type NATSPlace interface {
	nats.Place
	nats.ChartPlace
}

// NATS is the fleet's NATS: score/nats with the two accounts and their border, a user for
// each device, and the streams that the fleet needs.
type NATS struct {
	Namespace string
	// Replicas is 1 (when zero), 3 or 5.
	Replicas int
	Store    nats.Storage
	// Devices may log in with a generated password each. This is the way of
	// development; in production an identity provider knows the devices.
	Devices []contract.DeviceID
	// DevicePort is a port of every node on which devices outside of the cluster connect; none when zero.
	DevicePort int
	// CalloutKeys lets a Callout decide about all who have no password, and says for the how manieth time there are new keys
	// between it and the servers: raise it by one to change them. There is no callout when it is zero.
	CalloutKeys int
	// TLS is what clients must speak; they speak without when nil.
	TLS *nats.TLS
	// Hosts are further names and addresses that the certificate of the fleet's own authority shall have.
	Hosts []string
	// Chart is the chart nats that the servers are made by, as nats.Chart makes them; they are those of nats.Score when it is nil.
	Chart *chart.Reference
}

// The static users of account FLEET.
const (
	// administrator may do everything in the account; it makes the streams.
	administrator = "administrator"
	// verifier may ping devices and nothing else.
	verifier = "verifier"
	// operatorUser may keep the two buckets, hear devices, answer and command them.
	operatorUser = "operator"
	// calloutUser may hear who wants to log in, and answer the servers.
	calloutUser = "callout"
)

// kickerUser is one of the system account, and may cut connections of devices.
const kickerUser = "kicker"

var (
	_ harmony.Score[NATSPlace]   = NATS{}
	_ harmony.Remover[NATSPlace] = NATS{}
)

// Name is "nats".
func (s NATS) Name() string { return s.score().Name() }

// Interpret makes NATS stand and the fleet's streams be as they must.
func (s NATS) Interpret(ctx context.Context, on NATSPlace) (outcome harmony.Outcome, err error) {
	if s.Chart != nil {
		outcome, err = s.charted().Interpret(ctx, on)
	} else {
		outcome, err = s.score().Interpret(ctx, on)
	}
	if err != nil {
		return outcome, err
	}
	made, err := on.Messaging().Ensure(ctx, s.Ref().Login(administrator), s.layout().Buckets()...)
	outcome.Changes = append(outcome.Changes, made.Changes...)
	return outcome, derived(err)
}

// derived says what can be done about a bucket that a server does not correct.
func derived(err error) error {
	var d *diag.Diagnostic
	if errors.As(err, &d) && d.Code == diag.StreamRefused {
		d.Note("what it holds is derived from the Kubernetes API: it may be deleted, and is then made again")
	}
	return err
}

// SmokeTest publishes a message and reads it back, and compares the fleet's streams with what they must be.
func (s NATS) SmokeTest(ctx context.Context, on NATSPlace) error {
	if err := s.score().SmokeTest(ctx, on); err != nil {
		return err
	}
	deviations, err := on.Messaging().Verify(ctx, s.Ref().Login(administrator), s.layout().Buckets()...)
	if err != nil {
		return err
	}
	return s.deviant(ctx, deviations)
}

func (s NATS) deviant(ctx context.Context, deviations []streams.Deviation) error {
	if len(deviations) == 0 {
		event.Emit(ctx, event.Fact{Text: "the fleet's streams are as they must be"})
		return nil
	}
	d := diag.New(diag.WrongAnswer, "streams").Try("deploy " + s.Name() + " again: it puts the streams right")
	for _, deviation := range deviations {
		d.Saw(fmt.Sprint(deviation))
	}
	return d
}

// Remove takes NATS away; volume claims and credentials are data.
func (s NATS) Remove(ctx context.Context, on NATSPlace, how harmony.Removal) (harmony.Removed, error) {
	return s.score().Remove(ctx, on, how)
}

// Ref is what agents need to know of this NATS.
func (s NATS) Ref() NATSRef { return NATSRef{Ref: s.score().Ref(), Keys: s.CalloutKeys} }

// NATSRef refers to a fleet's NATS.
type NATSRef struct {
	nats.Ref
	// Keys is the Score's CalloutKeys.
	Keys int
}

// callout is what the servers know of their callout.
func (r NATSRef) callout() nats.Callout {
	return nats.Callout{Account: string(contract.AccountFleet), Keys: r.Keys}
}

// Device is how that device logs in.
func (r NATSRef) Device(id contract.DeviceID) nats.Credential {
	return r.Credential(contract.DeviceUser(id))
}

func (s NATS) charted() nats.Chart { return nats.Chart{Server: s.score(), Chart: *s.Chart} }

func (s NATS) layout() stream.Layout { return stream.Layout{Replicas: s.Replicas} }

func (s NATS) score() nats.Score {
	score := nats.Score{
		Namespace: s.Namespace, Replicas: s.Replicas, Store: s.Store, OutsidePort: s.DevicePort, Accounts: s.accounts(), TLS: s.TLS, Hosts: s.Hosts,
	}
	if s.CalloutKeys > 0 {
		score.Callout = new(NATSRef{Keys: s.CalloutKeys}.callout())
	}
	kicker := stream.KickerRights()
	score.Overseers = []nats.User{{Name: kickerUser, Publish: kicker.Publish, Subscribe: kicker.Subscribe}}
	return score
}

// accounts are those of the contract, with the users that a fleet has before it has an identity provider.
func (s NATS) accounts() (accounts []nats.Account) {
	for _, a := range contract.Accounts() {
		account := nats.Account{
			Name: string(a.Name), JetStream: a.JetStream,
			MaxPayload: a.MaxPayload, MaxSubscriptions: a.MaxSubscriptions, Exports: a.Exports,
		}
		for _, i := range a.Imports {
			account.Imports = append(account.Imports, nats.Import{Account: string(i.From), Subject: i.Subject})
		}
		switch a.Name {
		case contract.AccountFleet:
			account.Users = s.staff()
		case contract.AccountDevices:
			account.Users = devices(append(s.Devices[:len(s.Devices):len(s.Devices)], probeDevice(s.Namespace)))
		}
		accounts = append(accounts, account)
	}
	return accounts
}

func (s NATS) staff() []nats.User {
	rights := stream.OperatorRights()
	users := []nats.User{{Name: administrator}, {
		Name:      verifier,
		Publish:   []string{"device-commands.*." + string(contract.VerbPing)},
		Subscribe: []string{"fleet.reply.*.>", messaging.Inboxes},
	}, {Name: operatorUser, Publish: rights.Publish, Subscribe: rights.Subscribe}}
	if s.CalloutKeys > 0 {
		rights := stream.CalloutRights()
		users = append(users, nats.User{Name: calloutUser, Publish: rights.Publish, Subscribe: rights.Subscribe})
	}
	return users
}

// devices names each device once, however often it was given: a server refuses a configuration with a user twice.
func devices(ids []contract.DeviceID) (users []nats.User) {
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			continue
		}
		rights := contract.DeviceRights(id)
		users = append(users, nats.User{Name: contract.DeviceUser(id), Publish: rights.Publish, Subscribe: rights.Subscribe})
	}
	return users
}
